"""What the supervisor of a private node leaves behind: nothing, also where somebody still writes."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from tests.real.cri_supervisor import forgotten
from tests.waiting import until


def test_a_folder_is_removed_though_files_appear_in_it_meanwhile(tmp_path: Path) -> None:
    folder = tmp_path / "node"
    (folder / "bin").mkdir(parents=True)
    for number in range(200):
        (folder / "bin" / str(number)).touch()

    def write() -> None:
        with suppress(FileNotFoundError):
            for number in range(10_000_000):
                (folder / f"log{number % 50}").touch()

    writer = threading.Thread(target=write)
    writer.start()
    until(lambda: forgotten(folder), what="the folder to be gone")
    writer.join(timeout=10)
    assert not writer.is_alive()

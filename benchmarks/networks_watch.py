"""``python -m benchmarks.networks_watch PID…``: a session on pods of these processes; prints its memory in kB."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from pausetui.live.inside import networks_of
from pausetui.live.journal import Journal
from pausetui.live.picture import Picture
from pausetui.live.session import LiveSession
from tests.real.crowds import Crowd

LOOKS, PATIENCE = 20, 60.0


def main(pids: list[int]) -> None:
    """Watch all, look into one for as long and once into every one, and look so many times."""
    shown: list[Picture] = []

    def take(picture: Picture) -> None:
        shown[:] = [picture]

    session = LiveSession(Crowd(*pids), Observer(), journal=Journal(Path(os.devnull)))
    session.start(take)
    try:
        until(lambda: bool(shown) and len(shown[0].snapshot.pods) == len(pids))
        if pids:
            session.look_into(str(pids[0]))
            until(lambda: shown[0].inside is not None)
        networks_of(HostRoot(), shown[0].snapshot)
        for _ in range(LOOKS):
            before = shown[0]
            session.look_now()
            until(lambda before=before: shown[0] is not before)  # type: ignore[misc]
        print(resident_kilobytes())
    finally:
        session.stop()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("the session does not show what it should")
        time.sleep(0.01)


def resident_kilobytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1000


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])

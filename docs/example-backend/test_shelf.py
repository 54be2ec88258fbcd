"""The contract, against a real pod: as root, ``pytest test_shelf.py``."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pausetui_shelf import ShelfBackend

from pausetui.backends.base import Backend
from pausetui.backends.contract import BackendContract, CanBeAway
from pausetui.kernel.host import HostRoot


class TestShelf(BackendContract, CanBeAway):
    """Every promise of a backend, kept by this one."""

    backend_class = ShelfBackend

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The folder that the backend reads, instead of /run/shelf."""
        monkeypatch.setattr(ShelfBackend, "FOLDER", str(tmp_path))
        return tmp_path

    @pytest.fixture
    def a_pod(self, folder: Path) -> Iterator[str]:
        """A pause in namespaces of its own, and a member that joins them."""
        pause = subprocess.Popen(["unshare", "--net", "--ipc", "--uts", "sleep", "infinity"])
        member = subprocess.Popen(["nsenter", f"--net=/proc/{pause.pid}/ns/net", "sleep", "infinity"])
        said = {"name": "web", "uid": "u-1", "pause": pause.pid, "members": {"nginx": member.pid}}
        (folder / "web.json").write_text(json.dumps(said))
        yield "web"
        for process in (member, pause):
            process.kill()
            process.wait()

    @pytest.fixture
    def away(self, folder: Path) -> Iterator[Backend]:
        """The backend where shelf is not installed."""
        folder.rmdir()
        with closing(ShelfBackend(HostRoot())) as backend:
            yield backend

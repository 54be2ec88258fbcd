"""Our own backends pass what every backend has to pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pausetui.backends.base import Backend
from pausetui.backends.contract import BackendContract, CanBeAway
from pausetui.backends.lab import LabBackend
from pausetui.backends.proc import ProcBackend
from pausetui.kernel.host import HostRoot
from pausetui.lab import owner
from tests.real.handmade import HandmadePod

pytestmark = pytest.mark.real


class TestProc(BackendContract):
    backend_class = ProcBackend

    @pytest.fixture
    def a_pod(self, tmp_path: Path) -> Iterator[str]:
        with HandmadePod(tmp_path) as pod:
            pause = pod.first(hostname="contract")
            pod.member(pause, "app")
            yield "contract"


class TestLab(BackendContract, CanBeAway):
    backend_class = LabBackend

    @pytest.fixture(autouse=True)
    def a_lab_of_our_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PAUSETUI_LAB", "contract")

    @pytest.fixture
    def a_pod(self) -> Iterator[str]:
        with owner.start(["web"]) as lab:
            lab.wait_ready()
            yield "web"

    @pytest.fixture
    def away(self) -> Iterator[Backend]:
        with closing(LabBackend(HostRoot())) as backend:
            yield backend

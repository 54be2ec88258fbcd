"""The crictl backend passes what every backend has to pass, against a real containerd."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pausetui.backends.base import Backend
from pausetui.backends.contract import BackendContract, CanBeAway
from pausetui.backends.crictl.backend import CrictlBackend
from pausetui.kernel.host import HostRoot
from tests.real import cri_scenarios
from tests.real.containerd import Bed, containerd

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def node() -> Iterator[Bed]:
    with containerd() as bed:
        yield bed


class TestCrictl(BackendContract, CanBeAway):
    backend_class = CrictlBackend

    @pytest.fixture(autouse=True)
    def our_containerd(self, node: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in node.environment().items():
            monkeypatch.setenv(name, value)

    @pytest.fixture
    def a_pod(self, node: Bed) -> Iterator[str]:
        spec = cri_scenarios.web()
        node.node.run(spec)
        yield spec.name
        node.node.remove_pod(spec)

    @pytest.fixture
    def away(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
        monkeypatch.setenv("CONTAINER_RUNTIME_ENDPOINT", f"unix://{tmp_path}/nobody.sock")
        with closing(CrictlBackend(HostRoot())) as backend:
            yield backend

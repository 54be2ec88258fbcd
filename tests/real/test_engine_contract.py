"""The backends of Docker and Podman pass what every backend has to pass, against real engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import pytest

from pausetui.backends.base import Backend
from pausetui.backends.contract import BackendContract, CanBeAway
from pausetui.backends.docker.backend import DockerBackend, PodmanBackend
from pausetui.backends.docker.endpoints import DOCKER, PODMAN, Engine
from pausetui.kernel.host import HostRoot
from tests.real.dockers import DockerBed
from tests.real.podmans import PodmanBed

pytestmark = pytest.mark.real


class OfAnEngine(BackendContract, CanBeAway):
    """What is the same for both: whom to ask is said by the environment."""

    engine: ClassVar[Engine]

    @pytest.fixture
    def a_pod(self, bed: DockerBed | PodmanBed, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        monkeypatch.setenv(self.engine.variable, bed.endpoint)
        bed.pod("web", "app")
        bed.plain("alone")
        yield "web"
        bed.clear()

    @pytest.fixture
    def away(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
        monkeypatch.setenv(self.engine.variable, f"unix://{tmp_path}/nobody.sock")
        with closing(type(self).backend_class(HostRoot())) as backend:
            yield backend


class TestDocker(OfAnEngine):
    backend_class, engine = DockerBackend, DOCKER

    @pytest.fixture
    def bed(self, dockerd: DockerBed) -> DockerBed:
        return dockerd


class TestPodman(OfAnEngine):
    backend_class, engine = PodmanBackend, PODMAN

    @pytest.fixture
    def bed(self, podmans_service: PodmanBed) -> PodmanBed:
        return podmans_service

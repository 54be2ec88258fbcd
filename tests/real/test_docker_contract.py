"""The backends of Docker and Podman pass what every backend has to pass, against real engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pausetui.backends.base import Backend
from pausetui.backends.contract import BackendContract, CanBeAway
from pausetui.backends.docker.backend import DockerBackend, PodmanBackend
from pausetui.kernel.host import HostRoot
from tests.real.dockers import DockerBed, docker
from tests.real.podmans import PodmanBed, podman

pytestmark = pytest.mark.real


class TestDocker(BackendContract, CanBeAway):
    backend_class = DockerBackend

    @pytest.fixture(scope="class")
    def dockerd(self) -> Iterator[DockerBed]:
        with docker() as bed:
            yield bed

    @pytest.fixture
    def a_pod(self, dockerd: DockerBed, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        monkeypatch.setenv("DOCKER_HOST", dockerd.endpoint)
        dockerd.pause("web")
        dockerd.member("app", "web")
        dockerd.plain("alone")
        yield "web"
        dockerd.clear()

    @pytest.fixture
    def away(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
        with closing(DockerBackend(HostRoot())) as backend:
            yield backend


class TestPodman(BackendContract, CanBeAway):
    backend_class = PodmanBackend

    @pytest.fixture(scope="class")
    def service(self) -> Iterator[PodmanBed]:
        with podman() as bed:
            yield bed

    @pytest.fixture
    def a_pod(self, service: PodmanBed, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        monkeypatch.setenv("CONTAINER_HOST", service.endpoint)
        service.pod("web", "app")
        service.plain("alone")
        yield "web"
        service.clear()

    @pytest.fixture
    def away(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
        monkeypatch.setenv("CONTAINER_HOST", f"unix://{tmp_path}/nobody.sock")
        with closing(PodmanBackend(HostRoot())) as backend:
            yield backend

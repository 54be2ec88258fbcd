"""Engines of our own, one for all tests of a file, and what is seen of whichever ``bed`` a file has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.dockers import DockerBed, docker
from tests.real.engines import Looking, looking
from tests.real.podmans import PodmanBed, podman


@pytest.fixture(scope="module")
def dockerd() -> Iterator[DockerBed]:
    """A dockerd."""
    with docker() as bed:
        yield bed


@pytest.fixture(scope="module")
def podmans_service() -> Iterator[PodmanBed]:
    """A Podman of root's."""
    with podman() as bed:
        yield bed


@pytest.fixture
def looks(bed: DockerBed | PodmanBed) -> Iterator[Looking]:
    """The backend and the kernel, looking at the file's engine."""
    with looking(bed) as found:
        yield found

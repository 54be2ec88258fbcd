"""An engine that says what a test wants, and who asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backends.docker.engine import FakeEngine, running


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeEngine]:
    with running(FakeEngine(tmp_path / "engine.sock")) as engine:
        yield engine


@pytest.fixture
def podman(tmp_path: Path) -> Iterator[FakeEngine]:
    with running(FakeEngine(tmp_path / "podman.sock", podman=True)) as engine:
        yield engine

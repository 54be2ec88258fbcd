"""The backend that CONTRIBUTING.md tells how to write is one that works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.spawn import REPOSITORY

pytestmark = pytest.mark.real

EXAMPLE = REPOSITORY / "docs" / "example-backend"


def python(*arguments: str, path: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """Run Python with the checkout and one more folder to import from."""
    environment = {**os.environ, "PYTHONPATH": f"{path}:{REPOSITORY}"}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=EXAMPLE, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_it_passes_the_contract() -> None:
    done = python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "pyproject.toml", "--rootdir", ".")
    assert done.returncode == 0, done.stdout


def test_once_installed_it_is_a_backend_like_ours(tmp_path: Path) -> None:
    install = ("-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target", str(tmp_path), ".")
    assert python(*install).returncode == 0
    done = python("-m", "pausetui", "backends", path=tmp_path)
    assert "shelf   reading /run/shelf: there is no such folder. Is shelf installed?" in done.stdout, done.stderr


def test_its_types_are_those_of_the_protocol() -> None:
    checked = python("-m", "mypy", "--strict", "--cache-dir", os.devnull, "pausetui_shelf.py")
    assert checked.returncode == 0, checked.stdout

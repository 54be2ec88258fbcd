"""What is built is what runs: everything in the package folder ships."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

import pausetui

ROOT = Path(pausetui.__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of the files in a wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    with ZipFile(built) as archive:
        return archive.namelist()


def shipped() -> set[str]:
    files = (path for path in (ROOT / "pausetui").rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path.relative_to(ROOT)) for path in files}


def test_every_file_of_the_package_is_in_the_wheel(wheel: list[str]) -> None:
    assert shipped() - set(wheel) == set()


@pytest.mark.parametrize("ending", [".schema.json", ".tcss", "py.typed", "licenses/LICENSE", "entry_points.txt"])
def test_what_is_not_python_ships_too(wheel: list[str], ending: str) -> None:
    assert any(name.endswith(ending) for name in wheel)


def test_nothing_but_the_package_is_in_the_wheel(wheel: list[str]) -> None:
    assert {name.split("/")[0].partition("-")[0] for name in wheel} == {"pausetui"}

"""What holds for every test: one environment, one place for the pictures, and no quietly skipped kernel."""

from __future__ import annotations

import gc
import os
import re
import sys
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import hypothesis
import pytest
import pytest_textual_snapshot
from syrupy.location import PyTestLocation

TESTS = Path(__file__).parent
REAL = TESTS / "real"
SNAPSHOTS = TESTS.parent / "snapshots"

DRAWN_WITH_PYTHON = (3, 11)
DRAWN_WITH_TEXTUAL = "8.2.8"
"""Pictures drawn with other versions differ in details; only these may replace what is in snapshots/."""

hypothesis.settings.register_profile("developer", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "developer")


class SnapshotsDirExtension(pytest_textual_snapshot.SVGImageExtension):  # type: ignore[misc]  # untyped plug-in
    """Keep the SVGs in the top-level ``snapshots/``, mirroring the tree of ``tests/``."""

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """The folder of one test module's pictures: ``snapshots/`` and the module's path without ``.py``."""
        return str(SNAPSHOTS / Path(test_location.filepath).relative_to(TESTS).with_suffix(""))


def pytest_configure(config: pytest.Config) -> None:
    pytest_textual_snapshot.SVGImageExtension = SnapshotsDirExtension
    if config.getoption("update_snapshots"):
        refuse_to_draw_with_other_versions(sys.version_info[:2], version("textual"))


def refuse_to_draw_with_other_versions(python: tuple[int, int], textual: str) -> None:
    """Stop ``--snapshot-update`` where the pictures would not be the ones that CI draws."""
    if (python, textual) != (DRAWN_WITH_PYTHON, DRAWN_WITH_TEXTUAL):
        wanted = f"Python {'.'.join(map(str, DRAWN_WITH_PYTHON))} and Textual {DRAWN_WITH_TEXTUAL}"
        found = f"Python {'.'.join(map(str, python))} and Textual {textual}"
        raise pytest.UsageError(f"snapshots are drawn with {wanted} only; this is {found}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(REAL):
            item.add_marker(pytest.mark.real)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("real") is None or (sys.platform == "linux" and os.geteuid() == 0):
        return
    if os.environ.get("CI"):
        pytest.fail("tests of the real kernel need root on Linux, and CI must not go without them", pytrace=False)
    pytest.skip("needs root on Linux")


@pytest.fixture(scope="session", autouse=True)
def home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Journals, settings and saved files of the program under test go to a folder that pytest removes."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("CONFIG", "STATE", "DATA", "CACHE"):
            patch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
        yield


@pytest.fixture(autouse=True)
def _what_dockers_sdk_leaves(request: pytest.FixtureRequest) -> Iterator[None]:
    """When an engine ends between two calls, its SDK leaves a socket to the garbage collector.

    It is collected here, and not in the middle of somebody else's test, which would fail for it.
    """
    yield
    if {"docker", "podman"} & set(re.split("[/_.]", str(request.path))):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()

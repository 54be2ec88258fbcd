"""What the tests run in is the same everywhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from syrupy.location import PyTestLocation
from textual import constants

from tests.conftest import SNAPSHOTS, SnapshotsDirExtension, refuse_to_draw_with_other_versions
from tests.environment import scrub


def test_what_changes_a_picture_is_taken_out_of_the_environment() -> None:
    environment = {"NO_COLOR": "1", "TEXTUAL_THEME": "nord", "PAUSETUI_NS_IDENTITY": "cookie", "PATH": "/bin"}
    scrub(environment)
    assert environment == {
        "PATH": "/bin",
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "TEXTUAL_ANIMATIONS": "none",
    }


def test_the_snapshot_plugin_keeps_its_folder() -> None:
    environment = {"TEXTUAL_SNAPSHOT_TEMPDIR": "/tmp/x"}
    scrub(environment)
    assert environment["TEXTUAL_SNAPSHOT_TEMPDIR"] == "/tmp/x"


def test_textual_was_imported_after_the_environment_was_made() -> None:
    assert constants.TEXTUAL_ANIMATIONS == "none"


def test_what_the_program_saves_does_not_go_to_the_home_folder() -> None:
    assert not Path(os.environ["XDG_STATE_HOME"]).is_relative_to(Path.home())


def test_pictures_lie_in_snapshots_as_the_tests_lie_in_tests(request: pytest.FixtureRequest) -> None:
    assert isinstance(request.node, pytest.Function)
    folder = SnapshotsDirExtension.dirname(test_location=PyTestLocation(request.node))
    assert folder == str(SNAPSHOTS / "test_environment")


@pytest.mark.parametrize(("python", "textual"), [((3, 12), "8.2.8"), ((3, 11), "8.2.7")])
def test_pictures_are_drawn_with_one_version_of_everything(python: tuple[int, int], textual: str) -> None:
    with pytest.raises(pytest.UsageError, match=r"Python 3\.11 and Textual 8\.2\.8 only"):
        refuse_to_draw_with_other_versions(python, textual)

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from pausetui.commands.tui import check_terminal, in_namespace
from pausetui.errors import UsageError
from pausetui.live.picture import GonePod
from tests.factories import NOW
from tests.scenes import api, line, picture, web


@pytest.mark.parametrize(("missing", "name"), [(0, "stdin"), (1, "stdout"), (2, "stderr")])
def test_without_a_terminal_it_says_to_use_snapshot(missing: int, name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is not a terminal.*pausetui snapshot"):
        check_terminal({"TERM": "xterm"}, lambda descriptor: descriptor != missing)


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_dumb_terminal_is_refused_with_the_way_on(term: str) -> None:
    with pytest.raises(UsageError, match=f"TERM={term}.*pausetui snapshot"):
        check_terminal({"TERM": term}, lambda descriptor: True)


@pytest.mark.parametrize("term", ["xterm-256color", "linux", "screen", "tmux-256color", ""])
def test_other_terminals_are_welcome(term: str) -> None:
    check_terminal({"TERM": term}, lambda descriptor: True)


def test_of_one_namespace_only_its_pods_lines_and_gone_pods_are_shown() -> None:
    everything = replace(
        picture(web(), api(), timeline=(line(web(), "one"), line(api(), "two"))),
        gone=(GonePod(replace(web(), key="x"), NOW), GonePod(replace(api(), key="y"), NOW)),
    )
    part = in_namespace(everything, "shop")
    assert [pod.name for pod in part.snapshot.pods] == ["api"]
    assert part.elsewhere == 1
    assert [each.text for each in part.timeline] == ["two"]
    assert [each.pod.key for each in part.gone] == ["y"]


def test_the_session_can_start_before_textual_is_imported() -> None:
    code = "import sys, pausetui.commands.tui; print('textual' in sys.modules, 'rich' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]

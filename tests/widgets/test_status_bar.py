from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pausetui.core.inventory import Runtime
from pausetui.core.observation import Problem
from pausetui.live.picture import Picture
from pausetui.widgets.status_bar import Status, freshness, second_line, source, status_parts
from tests.factories import NOW, snapshot
from tests.scenes import hidden, picture


def first_line(shown: Picture, status: Status = Status()) -> str:  # noqa: B008 - frozen
    return " · ".join(text for text, _ in status_parts(shown, status))


def test_it_says_where_what_and_how_fresh() -> None:
    assert first_line(picture()) == "node1 · lab 0.1.0 · 2 pods 6 containers · live"


def test_backend_and_runtime_are_both_named_where_they_differ() -> None:
    shown = replace(snapshot(), backend="crictl", runtime=Runtime("containerd", "1.6.20"))
    assert source(shown) == "crictl containerd 1.6.20"


def test_it_counts_what_is_bad_and_says_when_nothing_may_be_changed() -> None:
    line = first_line(replace(picture(), read_only=True), Status(bad=2))
    assert "2 bad" in line
    assert "READ-ONLY" in line


def test_a_runtime_that_does_not_answer_makes_it_stale() -> None:
    late = replace(snapshot(), stale=True, inventory_at=NOW - timedelta(seconds=12))
    assert freshness(late, frozen=False)[0] == "stale 12s"


def test_a_runtime_that_never_answered_is_said() -> None:
    assert freshness(replace(snapshot(), stale=True, inventory_at=None), frozen=False)[0] == "no answer yet"


def test_frozen_is_said_before_anything_about_age() -> None:
    assert freshness(replace(snapshot(), stale=True), frozen=True)[0].startswith("FROZEN")


def test_without_rights_the_second_line_is_the_command_that_shows_the_rest() -> None:
    command = "sudo /usr/bin/pausetui --backend proc"
    assert second_line(snapshot(hidden()), command) == f"needs root to see the rest: {command}"


def test_processes_that_could_not_be_read_are_enough_for_that() -> None:
    problem = Problem("kernel", "namespaces of 12 processes", "Permission denied")
    assert "sudo x" in second_line(replace(snapshot(), problems=(problem,)), "sudo x")


def test_as_root_there_is_no_second_line() -> None:
    assert second_line(snapshot(hidden()), None) == ""


def test_a_foreign_proc_is_said_with_its_reason() -> None:
    foreign = replace(snapshot(), read_only_because="this /proc belongs to another pid namespace")
    assert second_line(foreign, None) == "read-only: this /proc belongs to another pid namespace"

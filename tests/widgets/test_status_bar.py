from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pausetui.core.inventory import Runtime
from pausetui.core.observation import Problem
from pausetui.core.snapshot import Snapshot
from pausetui.live.picture import Doing, Picture
from pausetui.text import UNICODE
from pausetui.widgets.status_bar import Status, fitting, freshness, lines_below, notices, source, status_parts
from tests.factories import NOW, snapshot
from tests.scenes import hidden, picture


def first_line(shown: Picture, status: Status = Status()) -> str:  # noqa: B008 - frozen
    return " · ".join(part.text for part in status_parts(shown, status))


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


def at(width: int, shown: Picture, status: Status) -> str:
    return "".join(text for text, _ in fitting(status_parts(shown, status), width, UNICODE))


BUSY = Status(bad=2, frozen=True, view="shows web", namespace="shop")


@given(st.integers(20, 200))
def test_frozen_and_read_only_are_whole_at_every_width(width: int) -> None:
    line = at(width, replace(picture(), read_only=True), BUSY)
    assert len(line) <= width
    assert "READ-ONLY" in line
    assert "FROZEN" in line


@given(st.integers(20, 200))
def test_live_and_stale_are_whole_at_every_width(width: int) -> None:
    late = picture(stale=True, inventory_at=NOW - timedelta(seconds=12))
    assert at(width, picture(), Status(bad=2)).endswith("live")
    assert at(width, late, Status(bad=2)).endswith("stale 12s")


def test_where_room_is_short_what_is_bad_stays_longest() -> None:
    assert at(30, replace(picture(), read_only=True), Status(bad=2)) == " 2 bad · READ-ONLY · live"


def test_a_namespace_that_alone_is_shown_is_named() -> None:
    assert "namespace shop" in first_line(picture(), Status(namespace="shop"))


COMMAND = "sudo /usr/bin/pausetui --backend proc"
DENIED = Problem("kernel", "namespaces of 12 processes", "Permission denied")


def below(shown: Snapshot, command: str | None, width: int = 120) -> tuple[str, ...]:
    return lines_below(notices(shown, command), width, UNICODE)


def test_without_rights_the_second_line_is_the_command_that_shows_the_rest() -> None:
    assert below(snapshot(hidden()), COMMAND) == (f" needs root to see the rest: {COMMAND}",)


def test_a_command_that_does_not_fit_behind_its_purpose_begins_a_line() -> None:
    assert below(snapshot(hidden()), COMMAND, 50) == ("needs root to see the rest:", COMMAND)


@given(st.integers(1, 80))
def test_the_command_is_whole_at_every_width(width: int) -> None:
    lines = below(snapshot(hidden()), COMMAND, width)
    assert all(len(line) <= width for line in lines)
    assert "".join(lines).endswith(COMMAND)


def test_where_no_pod_is_seen_processes_that_could_not_be_read_are_enough_for_that() -> None:
    assert below(replace(snapshot(), pods=(), problems=(DENIED,)), "sudo x") != ()


def test_where_all_pods_are_read_root_is_not_asked_for() -> None:
    assert below(replace(snapshot(), problems=(DENIED,)), "sudo x") == ()


def test_as_root_there_is_no_second_line() -> None:
    assert below(snapshot(hidden()), None) == ()


def test_a_foreign_proc_is_said_with_its_reason() -> None:
    foreign = replace(snapshot(), read_only_because="this /proc belongs to another pid namespace")
    assert below(foreign, None) == (" read-only: this /proc belongs to another pid namespace",)


def test_read_only_and_hidden_are_both_said() -> None:
    assert len(below(replace(snapshot(hidden()), read_only_because="because"), COMMAND)) == 2


GONE = Problem("backend:lab", "asking the lab", "no lab is up", "Start one: pausetui lab up")


def test_where_the_runtime_went_away_the_next_line_says_what_to_do() -> None:
    gone = replace(snapshot(), stale=True, problems=(GONE,))
    assert below(gone, None) == (" asking the lab: no lab is up. Start one: pausetui lab up",)
    assert below(replace(gone, stale=False), None) == ()


def test_what_is_being_done_is_said_with_since_when_and_stays_longer_than_what_is_seen_below() -> None:
    shown = replace(picture(), doing=Doing("restarting app, 1 of 2", NOW))
    said = f"restarting app, 1 of 2 since {NOW:%H:%M:%S}"
    assert first_line(shown, Status(zone=UTC)) == f"node1 · lab 0.1.0 · 2 pods 6 containers · {said} · live"
    assert at(50, shown, Status(zone=UTC)) == f" {said} · live"

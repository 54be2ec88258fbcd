"""How changes become lines: folded where they say the same again, and bounded fairly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.core import timeline as timelines
from pausetui.core.changes import Change, ChangeKind, Event
from pausetui.core.timeline import Timeline, extended
from tests.factories import NOW


def event(
    seq: int, kind: ChangeKind, container: str | None = "p/member/crashy", *, pod: str = "p", text: str = ""
) -> Event:
    words = text or f"crashy {kind}"
    return Event(seq, NOW + timedelta(seconds=seq), Change(kind, pod, pod, container, None, None, words))


ENDED, RESTARTED = ChangeKind.CONTAINER_STATE, ChangeKind.CONTAINER_RESTARTED


def test_one_end_and_one_restart_are_two_lines() -> None:
    lines = extended(Timeline(), (event(1, ENDED), event(2, RESTARTED))).lines
    assert [line.event.change.kind for line in lines] == [ENDED, RESTARTED]


def test_a_crash_loop_is_one_line_with_a_count() -> None:
    loop = [event(seq, ENDED if seq % 2 else RESTARTED) for seq in range(1, 21)]
    lines = extended(Timeline(), loop).lines
    assert [(line.event.change.kind, line.count) for line in lines] == [(ENDED, 1), (RESTARTED, 10)]


def test_a_crash_loop_that_is_waiting_keeps_its_count() -> None:
    loop = [event(seq, ENDED if seq % 2 else RESTARTED) for seq in range(1, 22)]
    assert extended(Timeline(), loop).lines[-1].count == 10


def test_two_containers_in_a_loop_do_not_share_a_line() -> None:
    both = [event(seq, RESTARTED, f"p/member/{'ab'[seq % 2]}") for seq in range(1, 9)]
    assert sorted(line.count for line in extended(Timeline(), both).lines) == [4, 4]


def test_a_restart_long_after_the_last_is_a_line_of_its_own() -> None:
    lines = extended(Timeline(), (event(1, RESTARTED), event(1000, RESTARTED))).lines
    assert [line.count for line in lines] == [1, 1]


def test_an_exit_code_that_comes_late_completes_the_line_of_the_end_and_keeps_its_time() -> None:
    end = exited(1, "running", "crashy ended", action_id="a1")
    code = exited(2, "exited", "crashy exited 137 (SIGKILL)")
    (line,) = extended(Timeline(), (end, code), {"a1": "killed crashy"}).lines
    assert (line.text, line.event.at) == ("killed crashy: crashy exited 137 (SIGKILL)", end.at)


def test_an_exit_code_that_comes_late_is_the_last_word_in_a_crash_loop_and_no_restart() -> None:
    loop = [event(seq, ENDED if seq % 2 else RESTARTED) for seq in range(1, 8)]
    lines = extended(Timeline(), (*loop, exited(8, "running", "crashy ended"))).lines
    line = extended(Timeline(lines), (exited(9, "exited", "crashy exited 1"),)).lines[-1]
    assert (line.text, line.count) == ("crashy exited 1", 3)


def exited(seq: int, before: str, text: str, *, action_id: str | None = None) -> Event:
    change = replace(event(seq, ENDED, text=text).change, before=before, after="exited")
    return Event(seq, NOW + timedelta(seconds=seq), change, action_id)


def test_the_new_pid_of_a_restart_is_said_once() -> None:
    at_once = Event(2, event(1, RESTARTED).at, event(2, ChangeKind.PID_CHANGED).change)
    assert len(extended(Timeline(), (event(1, RESTARTED), at_once)).lines) == 1


def test_namespaces_replaced_together_are_one_line() -> None:
    def replaced(seq: int, words: str) -> Event:
        change = Change(ChangeKind.NAMESPACE_CHANGED, "p", "p", "p/pause/pause", None, None, f"pause {words}")
        return Event(seq, NOW, change)

    (line,) = extended(Timeline(), (replaced(1, "net 1 → 2"), replaced(2, "ipc 3 → 4"))).lines
    assert line.text == "pause net 1 → 2 · ipc 3 → 4"


def test_a_busy_pod_never_pushes_out_the_lines_of_a_quiet_one() -> None:
    kind = ChangeKind.ADDRESS_CHANGED
    events = [event(1, kind, None, pod="quiet")]
    events += [event(2 * seq, kind, None, pod="busy") for seq in range(1, timelines.KEPT_LINES + 500)]
    lines = extended(Timeline(), (*events, event(20_000, kind, None, pod="busy"))).lines
    assert len(lines) == timelines.KEPT_LINES
    assert lines[0].event.change.pod_key == "quiet"


def test_of_the_last_hour_every_line_is_kept() -> None:
    kind = ChangeKind.ADDRESS_CHANGED
    events = [event(seq, kind, None) for seq in range(1, 3000)]
    assert len(extended(Timeline(), events).lines) == len(events)


def test_even_of_the_last_hour_no_more_than_a_machine_can_bear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timelines, "KEPT_LINES", 5)
    monkeypatch.setattr(timelines, "MOST_LINES", 10)
    events = [event(seq, ChangeKind.ADDRESS_CHANGED, None) for seq in range(1, 30)]
    assert len(extended(Timeline(), events).lines) == 10


def test_a_restart_that_is_seen_is_not_counted_into_those_of_before() -> None:
    told = replace(event(1, RESTARTED), seq=0, before_you_came=True)
    lines = extended(Timeline(), (told, event(2, RESTARTED))).lines
    assert [(line.event.before_you_came, line.count) for line in lines] == [(True, 1), (False, 1)]


@given(st.lists(st.sampled_from(list(ChangeKind)), max_size=30), st.integers(0, 30))
def test_events_added_in_two_parts_give_the_same_lines(kinds: list[ChangeKind], cut: int) -> None:
    events = [event(seq, kind) for seq, kind in enumerate(kinds, 1)]
    at_once = extended(Timeline(), events)
    assert extended(extended(Timeline(), events[:cut]), events[cut:]) == at_once
    assert at_once.seen == len(events)


def test_what_was_asked_for_is_said_once_before_what_followed() -> None:
    kind = ChangeKind.ADDRESS_CHANGED
    events = [replace(event(seq, kind, None), action_id="a") for seq in (1, 2)]
    lines = extended(Timeline(), events, {"a": "you deleted pause"}).lines
    assert [line.text.startswith("you deleted pause: ") for line in lines] == [True, False]

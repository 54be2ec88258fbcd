"""When it is looked."""

from __future__ import annotations

from pausetui.live.pace import (
    ASK_GAP,
    BLIND_TIMER,
    DOUBTFUL_TIMER,
    HINTED_TIMER,
    HUNG_AFTER,
    LOOK_GAP,
    LOOKS_AT_ONCE,
    WATCHING_TIMER,
    Pace,
)


def looked_just_now(*, hinted: bool = True) -> Pace:
    return Pace(hinted, last_look=100.0, last_ask=100.0, want_ask=False)


def test_while_hints_work_the_node_is_left_alone() -> None:
    assert looked_just_now().wait(100.0) == HINTED_TIMER


def test_without_hints_it_is_looked_more_often() -> None:
    assert looked_just_now(hinted=False).wait(100.0) == BLIND_TIMER


def test_a_runtime_that_did_not_answer_is_tried_again_soon() -> None:
    pace = looked_just_now()
    pace.away = True
    assert pace.wait(100.0) == BLIND_TIMER


def test_a_runtime_that_could_not_tell_all_is_asked_again_before_long() -> None:
    pace = looked_just_now()
    pace.doubtful = True
    assert pace.wait(100.0) == DOUBTFUL_TIMER


def test_after_an_action_its_effects_are_watched() -> None:
    pace = looked_just_now()
    pace.last_act = 99.0
    assert pace.wait(100.0) == WATCHING_TIMER


def test_a_runtime_that_is_to_be_asked_is_asked_as_soon_as_it_may_be() -> None:
    pace = looked_just_now()
    pace.want_ask = True
    assert pace.wait(100.0) == ASK_GAP


def test_while_its_answer_is_awaited_nothing_is_looked_at_for_the_sake_of_the_next_question() -> None:
    pace = looked_just_now()
    pace.want_ask = True
    assert pace.wait(101.0, asking=True) > ASK_GAP


def test_a_runtime_that_hangs_is_said_to_as_soon_as_it_does() -> None:
    pace = looked_just_now()
    assert pace.wait(100.0, asking=True) == HUNG_AFTER
    pace.last_look = 100.0 + HUNG_AFTER
    assert pace.wait(pace.last_look, asking=True) == HINTED_TIMER


def looks_in(seconds: float, pace: Pace, *, start: float = 100.0) -> int:
    """How many looks there are if there is always a reason."""
    now, count = start, 0
    while now < start + seconds:
        pace.looked(now)
        count += 1
        now += pace.too_soon(now)
    return count


def test_after_a_quiet_time_a_hint_that_follows_another_is_served_at_once() -> None:
    pace = Pace(hinted=True)
    for _ in range(LOOKS_AT_ONCE):
        assert pace.too_soon(100.0) == 0.0
        pace.looked(100.0)
    assert round(pace.too_soon(100.0), 6) == LOOK_GAP


def test_in_the_long_run_there_are_ten_looks_a_second() -> None:
    assert looks_in(10.0, Pace(hinted=True)) <= 10.0 / LOOK_GAP + LOOKS_AT_ONCE

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pausetui.widgets.columns import GAP, LONGEST_NAME, PID, SHORTEST_NAME, STATE, Columns, Needs, columns

wants = st.builds(Needs, st.integers(0, 120), st.integers(0, 45), st.integers(0, 60))


def total(shown: Columns) -> int:
    others = (shown.state, shown.restarts, shown.age, shown.pid, shown.where)
    return shown.name + sum(size + GAP for size in others if size)


@given(wants, st.integers(1, 300))
def test_columns_never_take_more_than_there_is(need: Needs, width: int) -> None:
    assert total(columns(need, width)) <= width


@given(wants, st.integers(80, 300))
def test_from_80_columns_on_state_address_and_restarts_are_whole(need: Needs, width: int) -> None:
    shown = columns(need, width)
    assert shown.state == STATE
    assert shown.where >= need.where
    assert shown.restarts > 0
    assert shown.name >= SHORTEST_NAME


@given(wants, st.integers(80, 300))
def test_a_pid_never_takes_room_from_a_name(need: Needs, width: int) -> None:
    shown = columns(need, width)
    if shown.pid == PID:
        assert shown.name >= min(need.name, LONGEST_NAME)


def test_at_20_columns_name_and_state_are_left() -> None:
    shown = columns(Needs(20, 17, 17), 20)
    assert (shown.name, shown.state) == (8, STATE)

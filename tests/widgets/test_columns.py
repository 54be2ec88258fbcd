from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pausetui.widgets.columns import (
    GAP,
    LEAD,
    LONGEST_NAME,
    LONGEST_WHERE,
    PID,
    SHORTEST_NAME,
    SMALL_STATE,
    STATE,
    Columns,
    Needs,
    columns,
    needs,
)
from pausetui.widgets.row import Row, RowKind

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


def test_at_20_columns_the_name_has_it_all() -> None:
    assert columns(Needs(20, 17, 17), 20) == Columns(name=20)


@given(wants, st.integers(30, 60))
def test_up_to_60_columns_there_are_no_ages_and_a_name_has_its_12_cells(need: Needs, width: int) -> None:
    shown = columns(need, width)
    assert (shown.age, shown.restarts) == (0, 0)
    assert shown.name >= min(need.name, SHORTEST_NAME + LEAD)
    assert shown.state == SMALL_STATE


def test_at_60_columns_restarts_are_there_if_there_are_any() -> None:
    assert columns(Needs(16, 17, 17, restarts=3), 60).restarts == 3


@given(wants, st.integers(80, 300), st.integers(0, 6))
def test_restarts_are_whole_however_many(need: Needs, width: int, digits: int) -> None:
    wanted = Needs(need.name, min(need.where, 39), need.more, restarts=digits)
    assert columns(wanted, width).restarts >= digits


def test_a_reason_of_any_length_leaves_the_addresses_where_they_are() -> None:
    long = Row("k", RowKind.CONTAINER, "p", "k", "", "app", where="could not be started: " + "x" * 200)
    shown = columns(needs([long]), 80)
    assert shown.where >= LONGEST_WHERE
    assert shown.restarts > 0

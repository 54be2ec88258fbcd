"""Everybody's turn comes, and in time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pausetui.kernel.turns import Turns


@given(st.integers(1, 200), st.integers(1, 50))
def test_everyone_has_had_a_turn_after_one_round_of_the_smallest_slices(size: int, smallest: int) -> None:
    turns_of, crowd = Turns(smallest, 30.0), set(range(size))
    turns = -(-size // smallest)
    seen = {one for _ in range(turns) for one in turns_of.turn(crowd, 0.0)}
    assert seen == crowd


@given(st.integers(1, 2000), st.floats(0.1, 10.0))
def test_everyone_has_had_a_turn_within_two_rounds_of_time(size: int, gap: float) -> None:
    turns_of, crowd = Turns(1, 30.0), set(range(size))
    seen: set[int] = set()
    for look in range(int(60 / gap) + 2):
        seen.update(turns_of.turn(crowd, look * gap))
    assert seen == crowd

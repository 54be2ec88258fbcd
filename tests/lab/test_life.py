from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pausetui.lab.life import LONGEST_WAIT, wait_before_restart


@given(st.integers(0, 10_000))
def test_the_wait_never_shrinks_and_never_exceeds_the_longest(ends: int) -> None:
    assert 0 <= wait_before_restart(ends) <= wait_before_restart(ends + 1) <= LONGEST_WAIT


def test_the_first_restart_is_at_once() -> None:
    assert wait_before_restart(1) == 0

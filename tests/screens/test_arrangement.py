from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.screens.arrangement import Arrangement, arranged


@pytest.mark.parametrize(
    ("size", "details", "expected"),
    [
        ((120, 40), True, Arrangement(tree=61, details=59, timeline=9, keys=1)),
        ((120, 40), False, Arrangement(tree=120, details=0, timeline=9, keys=1)),
        ((80, 24), False, Arrangement(tree=80, details=0, timeline=4, keys=1)),
        ((80, 24), True, Arrangement(tree=0, details=80, timeline=4, keys=1)),
        ((20, 10), False, Arrangement(tree=20, details=0, timeline=0, keys=1)),
        ((20, 5), False, Arrangement(tree=20, details=0, timeline=0, keys=0)),
    ],
)
def test_each_size_has_its_arrangement(size: tuple[int, int], details: bool, expected: Arrangement) -> None:
    assert arranged(*size, details=details, comfortable=60) == expected


@given(st.integers(1, 400), st.integers(1, 200), st.booleans(), st.integers(0, 400))
def test_panes_beside_each_other_fill_the_width(width: int, height: int, details: bool, comfortable: int) -> None:
    shown = arranged(width, height, details=details, comfortable=comfortable)
    assert shown.tree + shown.details == width

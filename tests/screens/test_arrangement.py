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


def test_at_160_columns_the_tree_takes_what_its_longest_rows_need() -> None:
    assert arranged(200, 50, details=True, comfortable=66, whole=95).tree == 96
    assert arranged(160, 50, details=True, comfortable=66, whole=95).tree == 80


def test_at_120_columns_the_details_have_room_for_the_names_of_their_tabs() -> None:
    assert arranged(120, 40, details=True, comfortable=76).details == 52


def test_what_is_never_cut_off_has_its_room_whatever_the_tabs_need() -> None:
    assert arranged(120, 40, details=True, comfortable=90, least=75).tree == 75

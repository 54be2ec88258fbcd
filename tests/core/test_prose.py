from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.core.prose import age, age_and_end, listed, memory

NOW = datetime(2026, 3, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "<1m"),
        (59, "<1m"),
        (60, "1m"),
        (3599, "59m"),
        (3600, "1h"),
        (86_399, "23h"),
        (86_400, "1d"),
        (-5, "<1m"),
    ],
)
def test_ages_are_coarse(seconds: float, text: str) -> None:
    assert age(NOW - timedelta(seconds=seconds), NOW) == text


@given(st.integers(0, 10**8))
def test_an_age_is_true_until_the_moment_it_names(seconds: int) -> None:
    since = NOW - timedelta(seconds=seconds)
    text, end = age_and_end(since, NOW)
    assert end > NOW
    assert age(since, end - timedelta(microseconds=1)) == text
    assert age(since, end) != text


def test_small_sizes_are_told_in_kib() -> None:
    assert [memory(size) for size in (None, 8192, 700_000)] == ["?", "8 KiB", "0.7 MiB"]


def test_a_long_list_says_how_many_more() -> None:
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"

"""Waiting for conditions."""

from __future__ import annotations

import pytest

from tests.waiting import await_until, until


def test_the_first_true_answer_is_handed_back() -> None:
    answers = iter([None, None, "there"])
    assert until(lambda: next(answers)) == "there"


def test_a_condition_that_never_holds_is_named_with_its_last_answer() -> None:
    with pytest.raises(AssertionError, match=r"not within 0 s: a pod \(the last answer was \[\]\)"):
        until(list, seconds=0, what="a pod")


async def test_an_awaitable_condition_is_awaited() -> None:
    answers = iter([0, 7])

    async def condition() -> int:
        return next(answers)

    assert await await_until(condition) == 7


async def test_a_plain_condition_can_be_waited_for_without_stopping_the_loop() -> None:
    answers = iter([False, True])
    assert await await_until(lambda: next(answers)) is True

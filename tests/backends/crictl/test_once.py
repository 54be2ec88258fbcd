"""A function that remembers its last call."""

from __future__ import annotations

import pytest

from pausetui.backends.crictl.once import Once


def test_the_same_question_gets_the_very_same_answer() -> None:
    words = Once(str.split)
    assert words("a b") is words("a b")


def test_another_question_gets_its_own_answer() -> None:
    words = Once(str.split)
    assert [words("a b"), words("c"), words("a b")] == [["a", "b"], ["c"], ["a", "b"]]


def test_a_question_that_failed_is_asked_again() -> None:
    numbers = iter(["x", "1"])
    read = Once(lambda _: int(next(numbers)))
    with pytest.raises(ValueError, match="x"):
        read("same")
    assert read("same") == 1

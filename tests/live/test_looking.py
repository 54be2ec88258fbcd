"""A thread that looks at what is wanted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from pausetui.live.looking import REST, Looker
from tests.waiting import until


class Looking(Looker[str]):
    def __init__(self, every: float) -> None:
        super().__init__("pausetui-test", every)
        self.seen: list[str] = []
        self.at: list[float] = []
        self.costs = 0.0

    def look(self, wanted: str) -> None:
        self.at.append(time.monotonic())
        self.seen.append(wanted)
        end = time.thread_time() + self.costs
        while time.thread_time() < end:
            pass


@pytest.fixture
def looking() -> Iterator[Looking]:
    looker = Looking(every=0.01)
    looker.start()
    yield looker
    looker.stop()


def threads() -> int:
    return sum(one.name == "pausetui-test" for one in threading.enumerate())


def test_it_looks_again_and_again_at_what_is_wanted(looking: Looking) -> None:
    looking.want("a")
    until(lambda: looking.seen == ["a"] * len(looking.seen) and len(looking.seen) > 3)


def test_it_looks_at_once_at_what_is_wanted_now() -> None:
    looker = Looking(every=3600)
    looker.start()
    looker.want("a")
    until(lambda: looker.seen == ["a"])
    looker.want("b")
    until(lambda: looker.seen == ["a", "b"])
    looker.stop()


def test_where_nothing_is_wanted_it_does_not_look(looking: Looking) -> None:
    looking.want("a")
    until(lambda: looking.seen)
    looking.want(None)
    looking.want("b")
    until(lambda: "b" in looking.seen)
    looking.want(None)
    until(lambda: looking._wanted.empty())
    count = len(looking.seen)
    looking.stop()
    until(lambda: not threads())
    assert len(looking.seen) <= count + 1  # the one that was under way


def test_what_is_dear_is_done_more_seldom(looking: Looking) -> None:
    looking.costs = 0.02
    looking.want("a")
    until(lambda: len(looking.at) > 2)
    assert looking.at[2] - looking.at[1] >= REST * looking.costs


def test_it_ends_when_it_is_told_to(looking: Looking) -> None:
    looking.want("a")
    until(lambda: looking.seen)
    looking.stop()
    until(lambda: not threads())


def test_it_looks_at_once_again_at_what_has_changed_if_that_is_what_is_wanted() -> None:
    looker = Looking(every=3600)
    looker.start()
    looker.want("a")
    until(lambda: looker.seen == ["a"])
    looker.again("b")
    looker.again("a")
    until(lambda: looker.seen == ["a", "a"])
    looker.want("b")
    until(lambda: looker.seen == ["a", "a", "b"])
    looker.stop()


def test_what_is_dear_is_not_looked_at_for_every_change() -> None:
    looker = Looking(every=0.01)
    looker.costs = 0.02
    looker.start()
    looker.want("a")
    until(lambda: looker.seen == ["a"] and looker._is_dear)
    looker.again("a")
    assert looker._wanted.empty()
    looker.stop()

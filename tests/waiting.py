"""Waiting for a condition instead of sleeping for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")

EVERY = 0.01
"""Seconds between two looks at a condition."""


def until(condition: Callable[[], T | None], seconds: float = 10, what: str = "") -> T:
    """The first true value of ``condition``, asked again and again for at most ``seconds``.

    Raises:
        AssertionError: It never was true; says what was waited for and what the condition said last.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(_never(condition, seconds, what, value))
        time.sleep(EVERY)
    return value


@overload
async def await_until(condition: Callable[[], Awaitable[T | None]], seconds: float = 10, what: str = "") -> T: ...
@overload
async def await_until(condition: Callable[[], T | None], seconds: float = 10, what: str = "") -> T: ...
async def await_until(condition: Callable[[], object], seconds: float = 10, what: str = "") -> object:
    """As ``until``, but the event loop goes on meanwhile; ``condition`` may be awaitable.

    Raises:
        AssertionError: It never was true.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        value = await answer if isinstance(answer, Awaitable) else answer
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(_never(condition, seconds, what, value))
        await asyncio.sleep(EVERY)


def _never(condition: Callable[[], object], seconds: float, what: str, last: object) -> str:
    name = what or getattr(condition, "__qualname__", repr(condition))
    return f"not within {seconds:g} s: {name} (the last answer was {last!r})"

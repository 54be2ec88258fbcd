"""Everything in turn, a slice at a time."""

from __future__ import annotations

from collections.abc import Collection


class Turns:
    """Gives out slices of a changing crowd so that each one's turn comes within a given time."""

    def __init__(self, smallest: int, seconds: float) -> None:
        """At least ``smallest`` at each turn, and enough for everyone's turn to come within ``seconds``."""
        self._smallest = smallest
        self._seconds = seconds
        self._waiting: list[int] = []
        self._last: float | None = None

    def turn(self, crowd: Collection[int], now: float) -> list[int]:
        """Whose turn it is at the time ``now`` (seconds, monotonic); some may have left the crowd since."""
        passed = now - self._last if self._last is not None else 0.0
        self._last = now
        if not self._waiting:
            self._waiting = list(crowd)
        size = max(self._smallest, int(len(crowd) * passed / self._seconds) + 1)
        turn, self._waiting = self._waiting[-size:], self._waiting[:-size]
        return turn

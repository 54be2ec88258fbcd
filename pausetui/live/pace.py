"""When to look: soon after a hint, seldom without one, and never more often than a node should bear."""

from __future__ import annotations

from dataclasses import dataclass

LOOK_GAP = 0.1
"""At most ten looks at the kernel a second, in the long run."""
LOOKS_AT_ONCE = 3
"""So many may follow each other at once after a quiet time: a program starts, and then it changes something."""
GATHERED_FOR = 0.005
"""A look begins so many seconds after its hint: hints come in twos (a program starts, and changes something)."""
ASK_GAP = 0.5
"""At most two inventories a second."""
HINTED_TIMER = 10.0
"""Seconds between looks that nobody asked for, while births and deaths are hinted."""
BLIND_TIMER = 2.0
"""The same where births are not hinted, or the runtime did not answer last time."""
DOUBTFUL_TIMER = 5.0
"""The same where the runtime answered, and could not tell all: that may pass, and no hint says so."""
WATCHING_TIMER = 0.25
"""The same while the effects of an action are awaited."""
WATCHING_LASTS = 30.0
"""For so many seconds after an action."""
HUNG_AFTER = 3.0
"""A runtime that has not answered for so many seconds is said to hang."""


@dataclass(slots=True)
class Pace:
    """The feed's clock. Times are seconds of a monotonic clock.

    Attributes:
        hinted: Whether the kernel tells of births.
        away: The runtime did not answer last time.
        doubtful: It could not tell all last time.
        spare: How many more looks might have followed the last one at once.
    """

    hinted: bool
    last_look: float = float("-inf")
    last_ask: float = float("-inf")
    last_act: float = float("-inf")
    want_ask: bool = True
    away: bool = False
    doubtful: bool = False
    spare: float = LOOKS_AT_ONCE

    def wait(self, now: float, *, asking: bool = False) -> float:
        """Seconds to wait for a hint before looking anyway; ``asking``: an answer of the runtime is awaited."""
        if self.last_look == float("-inf"):
            return 0.0
        due = self.last_look + self._timer(now)
        hangs = self.last_ask + HUNG_AFTER
        if self.want_ask and not asking:
            due = min(due, self.last_ask + ASK_GAP)
        elif asking and self.last_look < hangs:
            due = min(due, hangs)
        return max(0.0, due - now)

    def timer_ran_out(self, now: float) -> bool:
        """Whether nothing was looked at for so long that it is time anyway."""
        return now >= self.last_look + self._timer(now)

    def _timer(self, now: float) -> float:
        if now - self.last_act < WATCHING_LASTS:
            return WATCHING_TIMER
        if self.away or not self.hinted:
            return BLIND_TIMER
        return DOUBTFUL_TIMER if self.doubtful else HINTED_TIMER

    def too_soon(self, now: float) -> float:
        """How many seconds it is too early for another look at the kernel; 0 if it is not."""
        return max(0.0, (1 - self._allowed(now)) * LOOK_GAP)

    def looked(self, now: float) -> None:
        """Note that a look begins."""
        self.spare = self._allowed(now) - 1
        self.last_look = now

    def _allowed(self, now: float) -> float:
        """How many looks may follow at once."""
        return min(LOOKS_AT_ONCE, self.spare + (now - self.last_look) / LOOK_GAP)

    def may_ask(self, now: float) -> bool:
        """Whether the runtime is to be asked now."""
        return self.want_ask and now - self.last_ask >= ASK_GAP

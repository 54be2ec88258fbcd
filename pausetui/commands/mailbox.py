"""From the feed's thread to the one that prints: a snapshot, then changes, and a snapshot after every gap.

Also one when a runtime that was silent so far answers for the first time: no change tells what it names then.
"""

from __future__ import annotations

import contextlib
import os
import threading

from pausetui.core.changes import Event
from pausetui.core.snapshot import Snapshot
from pausetui.live.picture import Picture

MOST_WAITING = 10_000
"""Changes that may wait for a slow reader; with more, all are dropped and a snapshot says how it ended."""


class Mailbox:
    """What is to be printed, in order. ``events`` and ``picture`` are for the feed, the rest for the printer."""

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        self._most_waiting = most_waiting
        self._lock = threading.Lock()
        self._waiting: list[Snapshot | Event] = []
        self._snapshot_is_due = True
        self._first_answer_is_due = True
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def events(self, events: tuple[Event, ...]) -> None:
        """Changes of the look whose picture follows."""
        with self._lock:
            if self._snapshot_is_due or self._wake < 0:
                return
            if len(self._waiting) + len(events) > self._most_waiting:
                self._waiting.clear()
                self._snapshot_is_due = True
                return
            self._waiting.extend(events)
            os.eventfd_write(self._wake, 1)

    def picture(self, picture: Picture) -> None:
        """The picture after the changes of the same look."""
        with self._lock:
            shown = picture.snapshot
            due = self._snapshot_is_due or (self._first_answer_is_due and shown.inventory_at is not None)
            if due and self._wake >= 0 and _has_been_answered(shown):
                self._waiting.append(shown)
                self._snapshot_is_due = False
                self._first_answer_is_due = shown.inventory_at is None
                os.eventfd_write(self._wake, 1)

    def fileno(self) -> int:
        """Readable while there is something to take."""
        return self._wake

    def take(self) -> list[Snapshot | Event]:
        """Everything that waits, oldest first."""
        with self._lock:
            with contextlib.suppress(BlockingIOError):
                if self._wake >= 0:
                    os.eventfd_read(self._wake)
            taken, self._waiting = self._waiting, []
            return taken

    def close(self) -> None:
        """Take no more."""
        with self._lock:
            os.close(self._wake)
            self._wake = -1


def _has_been_answered(snapshot: Snapshot) -> bool:
    """Whether the runtime has had its say, if only by failing."""
    return snapshot.inventory_at is not None or snapshot.stale

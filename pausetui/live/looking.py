"""Looking at one thing for as long as somebody wants to see it, on a thread that may wait."""

from __future__ import annotations

import queue
import threading
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Generic, TypeVar

W = TypeVar("W")

REST = 20
"""It rests so many times as long as the look before took: that is at most a twentieth of a core."""


class Looker(ABC, Generic[W]):
    """Looks at what is wanted at once, then every so many seconds, and more seldom where looking is dear."""

    def __init__(self, name: str, every: float) -> None:
        """Get ready. ``name`` is the thread's; ``every`` is how long it rests at least, in seconds."""
        self._every = every
        self._wanted: queue.SimpleQueue[W | None] = queue.SimpleQueue()
        self._newest: W | None = None
        self._newest_lock = threading.Lock()
        self._is_dear = False
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def look(self, wanted: W) -> None:
        """Look once, on the thread."""

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def want(self, what: W | None) -> None:
        """Look at this from now on, or at nothing. Safe on any thread."""
        with self._newest_lock:
            self._newest = what
            self._wanted.put(what)

    def again(self, what: W) -> None:
        """Look at this now, for it has changed, if it is what is looked at and not dear. Safe on any thread."""
        with self._newest_lock:
            if what == self._newest and not self._is_dear:
                self._wanted.put(what)

    def stop(self) -> None:
        """Let the thread end when it is done with what it does."""
        self._ended = True
        self._wanted.put(None)

    def _run(self) -> None:
        wanted: W | None = None
        rest = self._every
        while not self._ended:
            with suppress(queue.Empty):  # then it is time to look again
                wanted = self._wanted.get(timeout=rest if wanted is not None else None)
            if wanted is not None and self._wanted.empty():
                before = time.thread_time()
                self.look(wanted)
                rest = max(self._every, REST * (time.thread_time() - before))
                self._is_dear = rest > self._every

"""What wakes us: one descriptor that is readable when something may have happened. Never what happened."""

from __future__ import annotations

import select

from pausetui.kernel.deaths import DeathWatch


class Hints:
    """All hints of the kernel behind one descriptor."""

    def __init__(self, deaths: DeathWatch) -> None:
        self._deaths = deaths
        self._epoll = select.epoll()
        self._epoll.register(deaths.fileno(), select.EPOLLIN)

    def fileno(self) -> int:
        """Readable when there is a hint."""
        return self._epoll.fileno()

    def drain(self) -> bool:
        """Consume all hints. True if it is worth looking."""
        return self._deaths.note_waking()

    def close(self) -> None:
        """Let go of everything."""
        self._epoll.close()

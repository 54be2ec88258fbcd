"""Where the session's thread leaves the newest picture for whoever draws it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from pausetui.live.picture import Picture


class PictureSlot:
    """Holds one picture, the newest, and wakes the drawer once for any number of them.

    Pictures may come before there is a drawer: the session starts first, while the screen is still being
    loaded. Outcomes of pictures that were never drawn are kept for the next.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._picture: Picture | None = None
        self._wake: Callable[[], None] | None = None

    def put(self, picture: Picture) -> None:
        """Leave a picture, from any thread."""
        with self._lock:
            waiting = self._picture
            if waiting is not None and waiting.outcomes:
                picture = replace(picture, outcomes=(*waiting.outcomes, *picture.outcomes))
            self._picture = picture
            wake = self._wake if waiting is None else None
        if wake is not None:
            wake()

    def attach(self, wake: Callable[[], None]) -> None:
        """From now on call ``wake``, on the session's thread, when a picture waits; at once if one does already."""
        with self._lock:
            self._wake = wake
            waiting = self._picture is not None
        if waiting:
            wake()

    def detach(self) -> None:
        """Wake nobody any more."""
        with self._lock:
            self._wake = None

    def take(self) -> Picture | None:
        """The newest picture, if there is one that was not taken yet."""
        with self._lock:
            picture, self._picture = self._picture, None
            return picture

"""The stream of an engine's events, which can be ended while somebody waits for the next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING

from pausetui.core.json_value import At
from pausetui.errors import CannotLook

if TYPE_CHECKING:
    from docker.types.daemon import CancellableStream

_LOOK_UP = 0.5
"""Seconds between two looks at whether it is to end."""


class Events:
    """A stream of events. It ends when the engine does, and soon after it is told to."""

    def __init__(
        self,
        stream: CancellableStream,
        stop: threading.Event,
        told: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """``told`` makes the SDK's errors ours."""
        self._stream = stream
        self._stop = stop
        self._told = told
        self._ended = threading.Event()
        threading.Thread(target=self._end_when_told, name="pausetui-events", daemon=True).start()

    def __iter__(self) -> Iterator[At]:
        try:
            with self._told():
                for event in self._stream:
                    yield At(event, "/events")
        except CannotLook:
            if not self._ended.is_set():
                raise

    def close(self) -> None:
        """End it, on whichever thread it is read."""
        self._ended.set()
        with suppress(OSError, AttributeError):  # it may have ended by itself
            self._stream.close()

    def _end_when_told(self) -> None:
        while not self._ended.is_set():
            if self._stop.wait(_LOOK_UP):
                self.close()

"""A short visit to another network namespace, by a thread kept for nothing else.

``setns`` moves one thread. It makes a socket there and goes back at once; the socket stays in that namespace
and is closed as soon as it has been asked. More than one can be made, and files of ``/proc/thread-self/net``
opened: these, too, stay where they were opened. Were the way back to fail, everything that thread did later would
happen in a pod, so it ends and the next visit gets a new one. Nothing is started or forked from it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

T = TypeVar("T")
S = TypeVar("S")
Opener = Callable[[], int]
"""Opens the namespace to visit and returns the descriptor, which the visitor closes. Raises OSError."""

PATIENCE = 2.0
"""How long all visits of one call may take, in seconds; a namespace whose lock is held can block for long."""


def route_socket() -> socket.socket:
    """A netlink route socket in the namespace of the calling thread.

    Raises:
        OSError: The kernel refused.
    """
    return socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, 0)


@dataclass(slots=True)
class _Errand(Generic[S, T]):
    """``answers`` is filled as they come, ``done`` told at the end: waking who waits costs as much as an answer."""

    places: Sequence[Opener]
    make: Callable[[], AbstractContextManager[S]]
    ask: Callable[[S], T]
    answers: list[T | OSError]
    answered: int = 0
    done: queue.SimpleQueue[None] = field(default_factory=queue.SimpleQueue)

    def answer(self, number: int, answer: T | OSError) -> None:
        self.answers[number] = answer
        self.answered += 1


class Visitor:
    """Asks questions inside other network namespaces, one place after another."""

    def __init__(self) -> None:
        self._errands: queue.SimpleQueue[_Errand[object, object] | None] | None = None

    def visit(self, places: Sequence[Opener], ask: Callable[[socket.socket], T]) -> list[T | OSError]:
        """Ask the same in each place, through a netlink route socket that is in it.

        Returns:
            As ``visit_with``.
        """
        return self.visit_with(places, route_socket, ask)

    def visit_with(
        self,
        places: Sequence[Opener],
        make: Callable[[], AbstractContextManager[S]],
        ask: Callable[[S], T],
        patience: float = PATIENCE,
    ) -> list[T | OSError]:
        """Ask the same in each place, through what is made there and closed when it was asked.

        Args:
            places: How to get there.
            make: Runs there: makes sockets, opens files, and nothing else. Raises OSError.
            ask: Runs in the visitor's thread, back here, with what was made. Raises OSError.
            patience: After how long without another answer the rest is given up, in seconds.

        Returns:
            An answer for each place, or the error that there was instead (TimeoutError if it took too long).
        """
        if not places:
            return []
        answers: list[T | OSError] = [TimeoutError("the visit took too long") for _ in places]
        errand = _Errand(places, make, ask, answers)
        self._queue().put(errand)  # type: ignore[arg-type]  # the thread only hands the answers back
        seen = 0
        while True:
            with contextlib.suppress(queue.Empty):
                errand.done.get(timeout=patience)
                break
            if errand.answered == seen:
                self.close()
                break
            seen = errand.answered
        return list(errand.answers)

    def close(self) -> None:
        """Let the thread end when it is done with what it does. The next visit starts another."""
        if self._errands is not None:
            self._errands.put(None)
            self._errands = None

    def _queue(self) -> queue.SimpleQueue[_Errand[object, object] | None]:
        if self._errands is None:
            self._errands = queue.SimpleQueue()
            threading.Thread(
                target=_serve, args=(self._errands, self._lost), name="pausetui-visitor", daemon=True
            ).start()
        return self._errands

    def _lost(self, errands: queue.SimpleQueue[_Errand[object, object] | None]) -> None:
        if self._errands is errands:
            self._errands = None


class _CannotGoBack(OSError):
    """The thread is in a pod for good."""


def _serve(
    errands: queue.SimpleQueue[_Errand[object, object] | None],
    lost: Callable[[queue.SimpleQueue[_Errand[object, object] | None]], None],
) -> None:
    # /proc/thread-self, not /proc/self: that is the main thread, which may be elsewhere.
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        while (errand := errands.get()) is not None:
            _run(errand, home)
    except _CannotGoBack:
        lost(errands)
    finally:
        os.close(home)


def _run(errand: _Errand[object, object], home: int) -> None:
    for number, place in enumerate(errand.places):
        try:
            with _made_in(place, errand.make, home) as there:
                answer: object = errand.ask(there)
        except _CannotGoBack as error:
            for rest in range(number, len(errand.places)):
                errand.answer(rest, OSError(*error.args))
            errand.done.put(None)
            raise
        except OSError as error:
            answer = error
        errand.answer(number, answer)
    errand.done.put(None)


def _made_in(place: Opener, make: Callable[[], T], home: int) -> T:
    descriptor = place()
    try:
        _enter(descriptor, OSError)
        try:
            return make()
        finally:
            _enter(home, _CannotGoBack)
    finally:
        os.close(descriptor)


def _enter(descriptor: int, error: type[OSError]) -> None:
    if _libc.setns(descriptor, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise error(number, os.strerror(number))

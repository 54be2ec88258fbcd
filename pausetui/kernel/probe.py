"""Connecting to a port of a pod's own loopback, as its containers would: only ever because somebody asked for it.

The socket is made inside and used after the way back: a socket stays in its namespace. While it is open, for no
longer than the timeout, it keeps that namespace alive.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from pausetui.core.network import ProbeResult
from pausetui.kernel.netns import Opener, Visitor
from pausetui.kernel.places import Place, is_of, opener, read_cookie
from pausetui.kernel.processes import ProcFolder
from pausetui.text import decoded

LOCALHOST = ("127.0.0.1", "::1")
TIMEOUT = 2.0
"""How long one address may take, in seconds."""

_HEAD = b"HEAD / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: pausetui\r\nConnection: close\r\n\r\n"
_MOST = 4096


def probe(
    proc: ProcFolder,
    place: Place,
    port: int,
    *,
    addresses: Sequence[str] = LOCALHOST,
    head: bool = False,
    timeout: float = TIMEOUT,
) -> tuple[ProbeResult, ...]:
    """Connect to a TCP port from inside a network namespace, and close the connection at once.

    Blocks for at most ``timeout`` an address; not for the thread of the screen.

    Args:
        proc: The ``/proc`` that the place's pid is of.
        place: The namespace.
        port: The port.
        addresses: Which addresses are tried, one after another.
        head: Whether ``HEAD /`` is asked for.
        timeout: In seconds, for each address, answer included.

    Returns:
        A result for each address. What went wrong is in it.
    """
    opened = opener(proc, place)
    with closing(Visitor()) as visitor:
        return tuple(_Probe(place, address, port, head, timeout).run(visitor, opened) for address in addresses)


@dataclass(frozen=True, slots=True)
class _Probe:
    place: Place
    address: str
    port: int
    head: bool
    timeout: float

    def run(self, visitor: Visitor, opened: Opener) -> ProbeResult:
        # A little more patience than the socket has, so that the answer comes from there.
        (answer,) = visitor.visit_with([opened], self._socket, self._ask, patience=self.timeout + 1)
        if isinstance(answer, OSError):
            return self._failed(0.0, f"could not get there: {self._words(answer)}")
        return answer

    def _socket(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        return socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)

    def _ask(self, there: socket.socket) -> ProbeResult:
        if not is_of(self.place.namespace, read_cookie(there)):
            raise FileNotFoundError(errno.ESTALE, "another namespace is there now")
        started = time.monotonic()
        there.settimeout(self.timeout)
        try:
            there.connect((self.address, self.port))
        except OSError as error:
            return self._failed(_milliseconds(started), self._words(error))
        connected = ProbeResult(self.address, self.port, connected=True, milliseconds=_milliseconds(started))
        if not self.head:
            return connected
        try:
            there.sendall(_HEAD)
            answer = _first_line(there, started + self.timeout)
        except OSError as error:
            return replace(connected, error=f"HEAD: {self._words(error)}")
        return replace(connected, answer=answer, error="" if answer else "HEAD: closed without an answer")

    def _failed(self, milliseconds: float, error: str) -> ProbeResult:
        return ProbeResult(self.address, self.port, connected=False, milliseconds=milliseconds, error=error)

    def _words(self, error: OSError) -> str:
        if isinstance(error, TimeoutError):
            return f"no answer within {self.timeout:g} s"
        return error.strerror or str(error)


def _first_line(there: socket.socket, deadline: float) -> str:
    answer = b""
    while b"\n" not in answer and len(answer) < _MOST:
        there.settimeout(max(deadline - time.monotonic(), 0.001))
        part = there.recv(_MOST)
        if not part:
            break
        answer += part
    return decoded(answer.partition(b"\n")[0].rstrip(b"\r"))


def _milliseconds(started: float) -> float:
    return (time.monotonic() - started) * 1000

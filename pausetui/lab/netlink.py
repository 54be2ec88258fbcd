"""Just enough netlink to ask the kernel for one thing after another and hear whether it did them.

pyroute2 can do this and much more; importing it takes longer than bringing the whole lab up, and the packet
rule would have to be put together by hand there as well.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

ROUTE = 0
NETFILTER = 12
"""Netlink families of ``<linux/netlink.h>``."""

REQUEST = 0x001
ACK = 0x004
REPLACE = 0x100
EXCL = 0x200
CREATE = 0x400
APPEND = 0x800

_ERROR = 2
_NESTED = 0x8000
_HEADER = struct.Struct("=IHHII")


def attribute(kind: int, payload: bytes) -> bytes:
    """One attribute: length, kind, payload, padded to four bytes."""
    size = 4 + len(payload)
    return struct.pack("=HH", size, kind) + payload + bytes(-size % 4)


def nested(kind: int, *parts: bytes) -> bytes:
    """An attribute made of attributes."""
    return attribute(kind | _NESTED, b"".join(parts))


def text(kind: int, value: str) -> bytes:
    """An attribute that is a zero-terminated string."""
    return attribute(kind, value.encode() + b"\0")


@dataclass(frozen=True, slots=True)
class Message:
    """One message without its sequence number: its type, flags and everything after the header."""

    kind: int
    flags: int
    body: bytes

    def packed(self, sequence: int) -> bytes:
        """As it goes over the socket."""
        size = _HEADER.size + len(self.body)
        return _HEADER.pack(size, self.kind, self.flags | REQUEST, sequence, 0) + self.body + bytes(-size % 4)


class Netlink:
    """A socket to the kernel in the network namespace of whoever opens it. Close it: it keeps that one alive."""

    def __init__(self, family: int = ROUTE) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, family)
        self._socket.settimeout(5.0)
        self._socket.bind((0, 0))
        self._sequence = 0

    def __enter__(self) -> Netlink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def ask(self, message: Message, about: str) -> None:
        """Have one thing done.

        Args:
            about: What it concerns ("eth0"), for the error.

        Raises:
            OSError: The kernel's errno.
        """
        self.ask_together([message], about)

    def ask_together(self, messages: Sequence[Message], about: str) -> None:
        """Send several messages as one batch; each that asks for an ACK is waited for.

        Raises:
            OSError: The first errno among the answers.
        """
        packed = b""
        waiting = set()
        for message in messages:
            self._sequence += 1
            packed += message.packed(self._sequence)
            if message.flags & ACK:
                waiting.add(self._sequence)
        self._socket.send(packed)
        while waiting:
            for sequence, errno in _answers(self._socket.recv(65536)):
                if errno:
                    raise OSError(errno, os.strerror(errno), about)
                waiting.discard(sequence)


def _answers(data: bytes) -> list[tuple[int, int]]:
    found = []
    while len(data) >= _HEADER.size:
        size, kind, _, sequence, _ = _HEADER.unpack_from(data)
        if kind == _ERROR:
            found.append((sequence, -struct.unpack_from("=i", data, _HEADER.size)[0]))
        data = data[max(_HEADER.size, size + -size % 4) :]
    return found

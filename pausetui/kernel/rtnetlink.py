"""Asking a netlink route socket: as much of rtnetlink(7) as that takes, and no more.

pyroute2 decodes every attribute of every message, which takes a hundred times as long as asking the kernel.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Container, Iterator

RTM_NEWLINK, RTM_GETLINK, RTM_NEWADDR, RTM_GETADDR = 16, 18, 20, 22
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_NLM_F_REQUEST, _NLM_F_DUMP, _NLM_F_DUMP_INTR = 0x1, 0x300, 0x10
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_RTM_GETNSID, _NETNSA_NSID, _NETNSA_FD = 90, 1, 3
_HEADER = struct.Struct("=IHHII")
_ATTRIBUTE = struct.Struct("=HH")
_ADDRESS_BODY = 8

SECONDS = 1.0
"""How long an answer may take."""
_ATTEMPTS = 3


class _Interrupted(Exception):
    """Something changed while the kernel was listing; the list may lack it."""


def id_here(route: socket.socket, namespace: int) -> int | None:
    """The id by which a route socket's namespace knows another one (an open descriptor of it), or None.

    Raises:
        OSError: The kernel refused, or did not answer in time.
    """
    body = struct.pack("=BxxxHHI", 0, 8, _NETNSA_FD, namespace)
    found = dict(attributes(ask(route, _RTM_GETNSID, body), 4)).get(_NETNSA_NSID)
    if found is None or len(found) != 4:
        return None
    number: int = struct.unpack("=i", found)[0]
    return number if number >= 0 else None


def ask(route: socket.socket, kind: int, body: bytes) -> bytes:
    """The body of the one message that answers a question which is no dump.

    Raises:
        OSError: The kernel refused, or did not answer in time.
    """
    route.settimeout(SECONDS)
    route.send(_HEADER.pack(_HEADER.size + len(body), kind, _NLM_F_REQUEST, 0, 0) + body)
    for answered, _, _, answer in messages(route.recv(1 << 16)):
        if answered == _NLMSG_ERROR:
            _raise_for(answer)
        return answer
    return b""


def address_of(message: bytes) -> bytes:
    """The address of an RTM_NEWADDR body: our end of it (IFA_LOCAL) where the two ends differ."""
    found = dict(attributes(message, _ADDRESS_BODY))
    return found.get(_IFA_LOCAL) or found.get(_IFA_ADDRESS) or b""


def dump(route: socket.socket, kind: int, body: bytes) -> list[bytes]:
    """The bodies of all messages of one dump, asked again if something changed meanwhile.

    Raises:
        OSError: As above.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        request = _HEADER.pack(_HEADER.size + len(body), kind, _NLM_F_REQUEST | _NLM_F_DUMP, attempt, 0) + body
        route.send(request)
        try:
            return _answers(route, attempt)
        except _Interrupted:
            continue
    raise InterruptedError("the kernel's list kept changing while it was read")


def attributes(message: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """Type and value of each attribute after the fixed part of a message; a broken one ends the list."""
    while offset + 4 <= len(message):
        length, kind = _ATTRIBUTE.unpack_from(message, offset)
        if length < 4 or offset + length > len(message):
            return
        yield kind & 0x3FFF, message[offset + 4 : offset + length]
        offset += (length + 3) & ~3


def messages(packet: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Type, flags, sequence number and body of each message in a packet; a broken one ends the list."""
    offset = 0
    while offset + _HEADER.size <= len(packet):
        length, kind, flags, sequence, _ = _HEADER.unpack_from(packet, offset)
        if length < _HEADER.size or offset + length > len(packet):
            return
        yield kind, flags, sequence, packet[offset + _HEADER.size : offset + length]
        offset += (length + 3) & ~3


def chosen(message: bytes, offset: int, wanted: Container[int]) -> dict[int, bytes]:
    """Of the attributes after the fixed part of a message those that are wanted, by type."""
    found: dict[int, bytes] = {}
    end = len(message)
    while offset + 4 <= end:
        length, kind = _ATTRIBUTE.unpack_from(message, offset)
        if length < 4 or offset + length > end:
            break
        if kind & 0x3FFF in wanted:
            found[kind & 0x3FFF] = message[offset + 4 : offset + length]
        offset += (length + 3) & ~3
    return found


def _answers(route: socket.socket, expected: int) -> list[bytes]:
    interrupted = False
    found: list[bytes] = []
    while True:
        packet = route.recv(1 << 16)
        for kind, flags, sequence, body in messages(packet):
            if sequence != expected:
                continue
            interrupted |= bool(flags & _NLM_F_DUMP_INTR)
            if kind in (_NLMSG_ERROR, _NLMSG_DONE):
                _raise_for(body)
                if interrupted:
                    raise _Interrupted
                return found
            found.append(body)


def _raise_for(body: bytes) -> None:
    # The error of a dump sits in NLMSG_DONE as often as in NLMSG_ERROR.
    number = int.from_bytes(body[:4], "little" if _LITTLE else "big", signed=True)
    if number < 0:
        raise OSError(-number, os.strerror(-number))


_LITTLE = struct.pack("=H", 1)[0] == 1

"""What listens in a network namespace, and how many connections there are: sock_diag(7) and ``/proc/net``.

Only sockets that listen are asked of sock_diag: those have a table of their own for each namespace. The table of
connections is one for the whole machine, and each question walks all of it (measured: 9 ms a namespace where
connections are asked of sock_diag, 2 ms where they are read from ``/proc/net/tcp{,6}``). So those files are read
only where ``/proc/net/sockstat`` says that there is more than what listens.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections import Counter
from collections.abc import Iterator, Mapping

from pausetui.core.network import Listener
from pausetui.kernel.routes import written
from pausetui.kernel.rtnetlink import SECONDS, attributes, dump

_SOCK_DIAG_BY_FAMILY, _INET_DIAG_SKV6ONLY = 20, 11
_REQUEST = struct.Struct("=BBBxI48x")
_ANSWER = struct.Struct("!4xHH16s16s")
_IN_HOST_ORDER = struct.Struct("=I")
_INTERFACE, _UID, _INODE, _ANSWER_BYTES = 40, 64, 68, 72
_LISTEN, _CLOSE = 10, 7
_STATES = {
    1: "ESTABLISHED",
    2: "SYN_SENT",
    3: "SYN_RECV",
    4: "FIN_WAIT1",
    5: "FIN_WAIT2",
    6: "TIME_WAIT",
    7: "CLOSE",
    8: "CLOSE_WAIT",
    9: "LAST_ACK",
    11: "CLOSING",
}
"""include/net/tcp_states.h, without LISTEN."""
Sort = tuple[str, int]
"""A protocol, "tcp" or "udp", and 4 or 6."""
NOT_COUNTED: Mapping[Sort, int | None] = {}
_WAITING = {"tcp": _LISTEN, "udp": _CLOSE}
"""The state of a socket that waits for anybody: of UDP that is one without a peer."""
_NUMBERS = {"tcp": socket.IPPROTO_TCP, "udp": socket.IPPROTO_UDP}


def sockets_used(sockstat: bytes, sockstat6: bytes) -> dict[Sort, int | None]:
    """How many sockets of each sort there are, by ``/proc/net/sockstat`` and ``sockstat6``; None where not told."""
    return {
        ("tcp", 4): _used(sockstat, b"TCP:"),
        ("udp", 4): _used(sockstat, b"UDP:"),
        ("tcp", 6): _used(sockstat6, b"TCP6:"),
        ("udp", 6): _used(sockstat6, b"UDP6:"),
    }


def listeners_by_diag(
    diag: socket.socket, names: Mapping[int, str], used: Mapping[Sort, int | None] = NOT_COUNTED
) -> tuple[Listener, ...]:
    """Ask a sock_diag socket what listens in its namespace.

    Args:
        diag: The socket.
        names: Those of the links, by index.
        used: How many sockets of each sort there are: of one that there is none of none is asked for.

    Raises:
        OSError: The kernel refused, or did not answer in time.
    """
    diag.settimeout(SECONDS)
    found = []
    for protocol, number in _NUMBERS.items():
        for version, family in ((4, socket.AF_INET), (6, socket.AF_INET6)):
            if used.get((protocol, version)) == 0:
                continue
            request = _REQUEST.pack(family, number, 0, 1 << _WAITING[protocol])
            for message in dump(diag, _SOCK_DIAG_BY_FAMILY, request):
                if len(message) >= _ANSWER_BYTES:
                    found.append(_listener(message, protocol, version, names))
    return in_order(found)


def listeners_in(raw: bytes, protocol: str, version: int) -> Iterator[Listener]:
    """Those in ``/proc/net/tcp``, ``tcp6``, ``udp`` or ``udp6``, which don't say whether one refuses IPv4."""
    for words in _rows(raw):
        address, _, port = words[1].partition(b":")
        try:
            if int(words[3], 16) == _WAITING[protocol]:
                yield Listener(
                    protocol=protocol,
                    version=version,
                    address=unscrambled(address),
                    port=int(port, 16),
                    uid=int(words[7]),
                    inode=int(words[9]),
                )
        except ValueError:
            continue


def connections_in(*files: bytes) -> dict[str, int]:
    """How many of the sockets in ``/proc/net/tcp`` and ``tcp6`` are in which state, without those that listen."""
    states = Counter(words[3] for raw in files for words in _rows(raw))
    found = {name: states[b"%02X" % number] for number, name in _STATES.items()}
    return {name: count for name, count in found.items() if count}


def has_connections(listeners: tuple[Listener, ...], sockstat: bytes, sockstat6: bytes) -> bool:
    """Whether there is any TCP socket that doesn't listen, by ``/proc/net/sockstat`` and ``sockstat6``.

    Connections that are only half made (SYN_RECV) are not counted there.
    """
    listening = Counter(one.version for one in listeners if one.protocol == "tcp")
    used = {4: _used(sockstat, b"TCP:"), 6: _used(sockstat6, b"TCP6:")}
    return any(count is None or count > listening[version] for version, count in used.items())


def abstract_in(raw: bytes) -> int:
    """How many sockets in ``/proc/net/unix`` have a name in the abstract space, which begins with "@"."""
    return sum(
        1 for line in raw.splitlines()[1:] if len(words := line.split(None, 7)) == 8 and words[7][:1] == b"@"
    )


def in_order(listeners: list[Listener]) -> tuple[Listener, ...]:
    """By port, TCP before UDP, IPv4 before IPv6."""
    return tuple(sorted(listeners, key=lambda one: (one.port, one.protocol, one.version, one.address, one.inode)))


def _listener(message: bytes, protocol: str, version: int, names: Mapping[int, str]) -> Listener:
    port, _, address, _ = _ANSWER.unpack_from(message)
    index, uid, inode = (_IN_HOST_ORDER.unpack_from(message, place)[0] for place in (_INTERFACE, _UID, _INODE))
    only = dict(attributes(message, _ANSWER_BYTES)).get(_INET_DIAG_SKV6ONLY)
    return Listener(
        protocol=protocol,
        version=version,
        address=written(address[: 4 if version == 4 else 16]) or "",
        port=port,
        link=names.get(index, str(index)) if index else None,
        v6_only=bool(only[0]) if only else None,
        uid=uid,
        inode=inode,
    )


def _used(raw: bytes, title: bytes) -> int | None:
    """Sockets in use and those that wait for their time to end (``tw``), if that line is there."""
    for line in raw.splitlines():
        words = line.split()
        if words[:1] == [title]:
            numbers = dict(zip(words[1::2], words[2::2], strict=False))
            counts = [numbers.get(name, b"0") for name in (b"inuse", b"tw")]
            return sum(int(count) for count in counts if count.isdigit())
    return None


def _rows(raw: bytes) -> Iterator[list[bytes]]:
    for line in raw.splitlines()[1:]:
        words = line.split(None, 10)
        if len(words) > 9:
            yield words


def unscrambled(address: bytes) -> str:
    """An address as ``/proc/net`` prints it: words of 32 bits, as numbers of this machine's byte order.

    Raises:
        ValueError: It is none.
    """
    raw = bytes.fromhex(address.decode("ascii"))
    if sys.byteorder == "little":
        raw = b"".join(raw[place : place + 4][::-1] for place in range(0, len(raw), 4))
    found = written(raw)
    if found is None:
        raise ValueError(f"{address!r} is no address")
    return found

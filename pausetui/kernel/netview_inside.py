"""All that is opened in a network namespace to see what is in it, and closed as soon as it was asked.

Any socket and any open file of ``/proc/net`` keeps the namespace of a dead pod alive, and its veth with it. Small
files that say what else is worth opening are read on the spot.
"""

from __future__ import annotations

import contextlib
import os
import socket
from types import TracebackType

from pausetui.kernel.netns import route_socket
from pausetui.kernel.sockets import sockets_used

_NETLINK_SOCK_DIAG, _NETLINK_NETFILTER = 4, 12
_SMALL = ("sockstat", "sockstat6", "ip_tables_names", "ip6_tables_names")
_MOST = 1 << 24


class Inside:
    """Sockets and files of the namespace that the calling thread is in. One that there is not is None."""

    def __init__(self) -> None:
        """Open what there is to ask.

        Raises:
            OSError: Not even a route socket can be had.
        """
        self._stack = contextlib.ExitStack()
        self.route = self._stack.enter_context(route_socket())
        self.diag = self._socket(socket.AF_NETLINK, _NETLINK_SOCK_DIAG)
        self.netfilter = self._socket(socket.AF_NETLINK, _NETLINK_NETFILTER)
        small = {name: _content(name) for name in _SMALL}
        self.used = sockets_used(small["sockstat"] or b"", small["sockstat6"] or b"")
        self._read: dict[str, bytes | None] = dict(small)
        self.inet = {
            version: self._socket(family) if small[name] else None
            for version, family, name in (
                (4, socket.AF_INET, "ip_tables_names"),
                (6, socket.AF_INET6, "ip6_tables_names"),
            )
        }
        # Those that wait for their time to end are counted as of IPv4, whichever they are of.
        if self.used["tcp", 4] == 0 and self.used["tcp", 6] == 0:
            self._read |= {"tcp": b"", "tcp6": b""}
        self._files = {name: self._file(name) for name in ("unix", "tcp", "tcp6") if name not in self._read}

    def read(self, name: str) -> bytes | None:
        """What a file of ``/proc/net`` says, or None if there is none or it can't be read."""
        if name in self._read:
            return self._read[name]
        descriptor = self._files.get(name)
        if descriptor is None:
            return None
        try:
            return _all_of(descriptor)
        except OSError:
            return None

    def __enter__(self) -> Inside:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _socket(self, family: int, protocol: int = 0) -> socket.socket | None:
        try:
            return self._stack.enter_context(
                socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, protocol)
            )
        except OSError:
            return None

    def _file(self, name: str) -> int | None:
        try:
            descriptor = _opened(name)
        except OSError:
            return None
        self._stack.callback(os.close, descriptor)
        return descriptor


def _opened(name: str) -> int:
    # /proc/net and /proc/self/net are the main thread's, which is elsewhere.
    return os.open(f"/proc/thread-self/net/{name}", os.O_RDONLY | os.O_CLOEXEC)


def _content(name: str) -> bytes | None:
    try:
        descriptor = _opened(name)
    except OSError:
        return None
    try:
        return _all_of(descriptor)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _all_of(descriptor: int) -> bytes:
    parts: list[bytes] = []
    while sum(map(len, parts)) < _MOST and (part := os.read(descriptor, 1 << 16)):
        parts.append(part)
    return b"".join(parts)

"""All that is opened in a network namespace to see what is in it, and closed as soon as it was asked.

Any socket and any open file of ``/proc/net`` keeps the namespace of a dead pod alive, and its veth with it.
"""

from __future__ import annotations

import contextlib
import socket
from io import FileIO
from types import TracebackType

from pausetui.kernel.netns import route_socket

_NETLINK_SOCK_DIAG, _NETLINK_NETFILTER = 4, 12
_FILES = ("sockstat", "sockstat6", "tcp", "tcp6", "unix", "ip_tables_names", "ip6_tables_names")
_MOST = 1 << 24


class Inside:
    """Sockets and files of the namespace that the calling thread is in. One that there is not is None."""

    def __init__(self) -> None:
        """Open all of them.

        Raises:
            OSError: Not even a route socket can be had.
        """
        self._stack = contextlib.ExitStack()
        self.route = self._stack.enter_context(route_socket())
        self.diag = self._socket(socket.AF_NETLINK, _NETLINK_SOCK_DIAG)
        self.netfilter = self._socket(socket.AF_NETLINK, _NETLINK_NETFILTER)
        self.inet = {4: self._socket(socket.AF_INET), 6: self._socket(socket.AF_INET6)}
        self._files = {name: self._file(name) for name in _FILES}

    def read(self, name: str) -> bytes | None:
        """What a file of ``/proc/net`` says, or None if there is none or it can't be read."""
        file = self._files[name]
        if file is None:
            return None
        parts: list[bytes] = []
        try:
            while sum(map(len, parts)) < _MOST and (part := file.read(1 << 16)):
                parts.append(part)
        except OSError:
            return None
        return b"".join(parts)

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

    def _file(self, name: str) -> FileIO | None:
        try:
            # /proc/net and /proc/self/net are the main thread's, which is elsewhere.
            return self._stack.enter_context(FileIO(f"/proc/thread-self/net/{name}"))
        except OSError:
            return None

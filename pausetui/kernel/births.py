"""Programs that start, as the kernel's process connector tells them: hints that a pod may have a new process.

Only exec is asked for: every container's program is started by one, while forks are many (a build, a busy web
server) and their children are found by the next look anyway. What cannot be a pod's (a process in none but the
host's namespaces) is dropped when the queue is emptied, so that a host that starts many programs wakes nobody
for long. Where there is no connector (another network, user or pid namespace) there are no such hints.

Linux: include/uapi/linux/cn_proc.h; the event mask needs 6.6, before that all events come and are passed over.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections.abc import Callable

_NETLINK_CONNECTOR, _CN_IDX_PROC, _CN_VAL_PROC = 11, 1, 1
_LISTEN, _IGNORE = 1, 2
_NOTHING, _EXEC = 0x0, 0x2
_NLMSG_DONE = 3
_NETLINK_HEADER = struct.Struct("=IHHII")
_CONNECTOR_HEADER = struct.Struct("=IIIIHH")
_EVENT = struct.Struct("=IIQi")
_EVENT_AT = _NETLINK_HEADER.size + _CONNECTOR_HEADER.size
_PID_INITIAL_LINK = "pid:[4026531836]"
_RECEIVE_BUFFER = 1 << 20


class Births:
    """Which processes have started a program since we last asked."""

    def __init__(self, own_pid_namespace: Callable[[], str] = lambda: os.readlink("/proc/self/ns/pid")) -> None:
        self._socket = _listening() if _is_initial(own_pid_namespace) else None

    @property
    def available(self) -> bool:
        """Whether the kernel tells us at all."""
        return self._socket is not None

    def fileno(self) -> int | None:
        """Readable when a program was started anywhere on the machine; None if we are not told."""
        return self._socket.fileno() if self._socket is not None else None

    def collect(self) -> tuple[set[int], bool]:
        """Pids that have started a program since the last call, and whether some may be missing."""
        started: set[int] = set()
        if self._socket is None:
            return started, False
        while True:
            try:
                packet = self._socket.recv(4096)
            except BlockingIOError:
                return started, False
            except OSError:  # ENOBUFS: more came than the queue holds
                return started, True
            event = _event(packet)
            if event is not None and event[0] == _EXEC:
                started.add(event[1])

    def close(self) -> None:
        """Tell the kernel to stop, without which it would go on making events for nobody."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.send(_request(_IGNORE))
            self._socket.close()
            self._socket = None


def _is_initial(own_pid_namespace: Callable[[], str]) -> bool:
    # Elsewhere the kernel ignores us without a word, and the pids it tells are not those we see.
    try:
        return own_pid_namespace() == _PID_INITIAL_LINK
    except OSError:
        return False


def _listening() -> socket.socket | None:
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    try:
        connector = socket.socket(socket.AF_NETLINK, kind, _NETLINK_CONNECTOR)
    except OSError:
        return None
    try:
        connector.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        connector.bind((0, _CN_IDX_PROC))
        # Its answer counts as an event, which a mask would keep from us: so the mask comes second.
        connector.send(_request(_LISTEN))
        if _accepted(connector):
            connector.send(_request(_LISTEN, _EXEC))
            return connector
    except OSError:
        pass
    connector.close()
    return None


def _accepted(connector: socket.socket) -> bool:
    """Whether the kernel has answered our request, which it does while ``send`` is running."""
    while True:
        try:
            event = _event(connector.recv(4096))
        except BlockingIOError:
            return False
        if event is not None and event[0] == _NOTHING:
            return event[1] == 0


def _request(operation: int, events: int | None = None) -> bytes:
    body = struct.pack("=I", operation) if events is None else struct.pack("=II", operation, events)
    connector = _CONNECTOR_HEADER.pack(_CN_IDX_PROC, _CN_VAL_PROC, 0, 0, len(body), 0) + body
    length = _NETLINK_HEADER.size + len(connector)
    return _NETLINK_HEADER.pack(length, _NLMSG_DONE, 0, 0, os.getpid()) + connector


def _event(packet: bytes) -> tuple[int, int] | None:
    """What happened and the first number that belongs to it: of exec the pid, of an answer the error."""
    if len(packet) < _EVENT_AT + _EVENT.size:
        return None
    what, _, _, first = _EVENT.unpack_from(packet, _EVENT_AT)
    return what, first

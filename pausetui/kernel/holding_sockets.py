"""The sockets in a network namespace, and its TCP connections that no process has any more.

Read from the files of ``/proc/net`` by a short visit, or from those below ``/proc/PID/net``, which need no rights.
They take less than sock_diag(7), and name the inode by which ``/proc/PID/fd`` knows a socket. What is neither bound
nor connected is in none of them.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import FileIO

from pausetui.core.holding import HeldByConnection
from pausetui.kernel.netns import Opener, Visitor
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.sockets import has_connections, listeners_by_diag, unscrambled

_INODE = {
    "tcp": 9,
    "tcp6": 9,
    "udp": 9,
    "udp6": 9,
    "udplite": 9,
    "udplite6": 9,
    "raw": 9,
    "raw6": 9,
    "icmp": 9,
    "icmp6": 9,
    "unix": 6,
    "netlink": 9,
    "packet": 8,
}
"""In which column of each file the inode is, as proc_pid_net(5) has them."""
_TCP = {4: "tcp", 6: "tcp6"}
_NETLINK_SOCK_DIAG = 4
_NETLINK_PORT = 2
_ENDING = {b"04": "FIN_WAIT1", b"05": "FIN_WAIT2", b"09": "LAST_ACK", b"0B": "CLOSING"}
"""States in which the kernel ends a connection by itself, include/net/tcp_states.h."""
_TIME_WAIT_TIMER = b"03:"
"""Of what waits for its time to end, whatever its state: it is no socket any more, and holds nothing."""
_MOST = 1 << 24


@dataclass(frozen=True, slots=True)
class SocketsInside:
    """What is in a network namespace: protocols by the socket's inode, and orphaned connections."""

    protocols: dict[int, str]
    connections: tuple[HeldByConnection, ...]


def sockets_through(proc: ProcFolder, pid: int, label: str) -> SocketsInside | None:
    """Those of the namespace that a process is in, without a visit; None if it is in another one by now."""
    found = sockets_in(lambda name: proc.read_all(f"{pid}/net/{name}", _MOST))
    return found if proc.label(pid, "net") == label.encode() else None


def sockets_behind(places: Sequence[Opener]) -> list[SocketsInside | OSError]:
    """Those of each namespace, by a short visit; or why it could not be made."""
    with contextlib.closing(Visitor()) as visitor:
        return visitor.visit_with(places, _Files, _asked)


def sockets_in(read: Callable[[str], bytes | None]) -> SocketsInside:
    """What these files say; ``read`` returns the content of one, or None if there is none."""
    protocols: dict[int, str] = {}
    connections: list[HeldByConnection] = []
    for name, column in _INODE.items():
        for words in _rows(read(name) or b"", column):
            inode = int(words[column]) if words[column].isdigit() else 0
            if inode and not (name == "netlink" and words[_NETLINK_PORT] == b"0"):  # that is the kernel's own
                protocols[inode] = name
            elif name.startswith("tcp"):
                connections.extend(_orphaned(words))
    return SocketsInside(protocols, tuple(connections))


def _orphaned(words: list[bytes]) -> Iterator[HeldByConnection]:
    state = _ENDING.get(words[3])
    if state is not None and not words[5].startswith(_TIME_WAIT_TIMER):
        with contextlib.suppress(ValueError):
            yield HeldByConnection(state, _end(words[1]), _end(words[2]))


def _end(word: bytes) -> str:
    address, _, port = word.partition(b":")
    shown = unscrambled(address)
    return f"[{shown}]:{int(port, 16)}" if ":" in shown else f"{shown}:{int(port, 16)}"


def _rows(raw: bytes, column: int) -> Iterator[list[bytes]]:
    for line in raw.splitlines()[1:]:
        words = line.split(None, column + 1)
        if len(words) > column:
            yield words


class _Files(contextlib.ExitStack):
    """All that is read, open: a sock_diag socket and files of the namespace that the calling thread is in."""

    def __init__(self) -> None:
        super().__init__()
        self.diag = self.enter_context(socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG))
        self._files = {name: self._file(name) for name in (*_INODE, "sockstat", "sockstat6")}

    def read(self, name: str) -> bytes | None:
        """The content of one, or None."""
        file = self._files[name]
        return None if file is None else file.readall()

    def _file(self, name: str) -> FileIO | None:
        try:
            # /proc/net and /proc/self/net are the main thread's, which is elsewhere.
            return self.enter_context(FileIO(f"/proc/thread-self/net/{name}"))
        except OSError:
            return None


def _asked(files: _Files) -> SocketsInside:
    """What is there. The files of TCP are read only if there are connections: that walks all of the machine's."""
    listeners = listeners_by_diag(files.diag, {})
    sockstat, sockstat6 = files.read("sockstat") or b"", files.read("sockstat6") or b"TCP6: inuse 0"
    if has_connections(listeners, sockstat, sockstat6):
        found = sockets_in(files.read)
    else:
        found = sockets_in(lambda name: None if name in _TCP.values() else files.read(name))
        found.protocols.update((one.inode, _TCP[one.version]) for one in listeners if one.protocol == "tcp")
    found.protocols.pop(os.fstat(files.diag.fileno()).st_ino, None)
    return found

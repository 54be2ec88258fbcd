"""What keeps one namespace alive, as far as the kernel tells when it is asked. Pure: read by ``kernel/holding.py``.

It goes beyond what a snapshot knows: open descriptors, threads, child namespaces, sockets, and connections that
no process has any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from pausetui.core.namespaces import NamespaceId
from pausetui.core.observation import ProcessId


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """A process and its name."""

    id: ProcessId
    name: str

    def __str__(self) -> str:
        return f"{self.name} (pid {self.id.pid})"


@dataclass(frozen=True, slots=True)
class HeldByThread:
    """A thread in the namespace, of a process that is in another one."""

    process: Named
    tid: int


@dataclass(frozen=True, slots=True)
class HeldByDescriptor:
    """An open descriptor: of the namespace itself, of a socket in it, or of a file that shows it.

    Attributes:
        number: What the process calls it.
        path: The file below ``/proc/PID/net`` that is open; "" for the namespace itself, or a socket.
    """

    process: Named
    number: int
    path: str = ""


@dataclass(frozen=True, slots=True)
class HeldByChild:
    """A namespace that keeps another one alive as long as it lives itself.

    Attributes:
        owned: It is one that a user namespace owns; else a child of the same kind.
        process: A process in it; None if none was found.
    """

    namespace: NamespaceId
    owned: bool
    process: Named | None = None


@dataclass(frozen=True, slots=True)
class HeldBySocket:
    """A socket in a network namespace, and who from outside has it open.

    Attributes:
        protocol: "tcp", "udp6", "unix", "netlink", "packet" …
        inode: What ``/proc/PID/fd`` calls it.
        owners: Descriptors of processes that are in another network namespace; () if no process at all has it: it
            is on its way from one to another, or the kernel's own.
    """

    protocol: str
    inode: int
    owners: tuple[HeldByDescriptor, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldByConnection:
    """A TCP connection that the kernel still ends for a process which is gone ("FIN_WAIT1"), and its two ends."""

    state: str
    local: str
    remote: str


@dataclass(frozen=True, slots=True)
class Holding:
    """Who and what was found to keep a namespace alive.

    Attributes:
        processes: Those that are in it.
        for_children: Those whose next child will be born in it (pid and time).
        sockets: Sockets in it that keep it whatever becomes of the processes in it; None if they can't be read.
        connections: Those without a process; None if they can't be read.
        unasked: How many processes could not be asked.
    """

    namespace: NamespaceId
    processes: tuple[Named, ...] = ()
    threads: tuple[HeldByThread, ...] = ()
    for_children: tuple[Named, ...] = ()
    descriptors: tuple[HeldByDescriptor, ...] = ()
    children: tuple[HeldByChild, ...] = ()
    sockets: tuple[HeldBySocket, ...] | None = ()
    connections: tuple[HeldByConnection, ...] | None = ()
    unasked: int = 0

"""A namespace and how we know that it is the same one as before.

The inode number in ``net:[4026532177]`` is a label, not an identity: the kernel gives it to the next
namespace as soon as the old one is gone (measured: a recreated pod sandbox got the number of the dead one
12 times of 12). ``NamespaceId`` therefore carries what does identify it, and says where that came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class NamespaceKind(StrEnum):
    """The eight kinds of namespaces, by their names under ``/proc/PID/ns`` (namespaces(7))."""

    NET = "net"
    IPC = "ipc"
    UTS = "uts"
    PID = "pid"
    MNT = "mnt"
    USER = "user"
    CGROUP = "cgroup"
    TIME = "time"


KINDS: tuple[NamespaceKind, ...] = tuple(NamespaceKind)
POD_KINDS: tuple[NamespaceKind, ...] = (NamespaceKind.NET, NamespaceKind.IPC, NamespaceKind.UTS)
"""The kinds that a pause container holds for its pod."""


class IdentifiedBy(StrEnum):
    """Where a namespace's identity comes from, best first."""

    NS_ID = "ns_id"
    """``ioctl(NS_GET_ID)``, Linux 6.18 and later: 64 bits, never reused while the machine runs."""
    COOKIE = "cookie"
    """``SO_NETNS_COOKIE``, Linux 5.14 and later, network namespaces only: as good as NS_ID."""
    MNTNS_ID = "mntns_id"
    """``ioctl(NS_GET_MNTNS_ID)``, Linux 6.11 and later, mount namespaces only: as good as NS_ID."""
    GENERATION = "generation"
    """The inode number and how often we saw it end: good within one run, says nothing across two."""


@dataclass(frozen=True, slots=True)
class NamespaceId:
    """One namespace. Two of the same run are the same namespace exactly if they are equal.

    Attributes:
        kind: Which of the eight.
        inode: The number the kernel prints, ``net:[4026532177]``; reused, so never an identity alone.
        id: The kernel's own 64-bit identity, or None if only the generation is known.
        identified_by: Where the identity comes from.
        generation: How many namespaces with this kind and inode we saw end before this one; 0 if ``id`` is known.
    """

    kind: NamespaceKind
    inode: int
    id: int | None
    identified_by: IdentifiedBy
    generation: int = 0

    def __hash__(self) -> int:
        """Of what differs between most; that of all fields takes three times as long, and is asked for all day."""
        return hash((self.inode, self.id))

    @property
    def label(self) -> str:
        """What the kernel prints for it, as in ``readlink /proc/PID/ns/net``."""
        return f"{self.kind}:[{self.inode}]"

    @property
    def token(self) -> str:
        """A short text that differs between any two namespaces of this kind in one run."""
        if self.id is not None:
            return f"{self.kind}:{self.id}"
        return f"{self.kind}:{self.inode}.{self.generation}"


@dataclass(frozen=True, slots=True)
class Namespaces:
    """The namespaces of one process; None where they could not be read (no permission, gone)."""

    net: NamespaceId | None = None
    ipc: NamespaceId | None = None
    uts: NamespaceId | None = None
    pid: NamespaceId | None = None
    mnt: NamespaceId | None = None
    user: NamespaceId | None = None
    cgroup: NamespaceId | None = None
    time: NamespaceId | None = None

    def get(self, kind: NamespaceKind) -> NamespaceId | None:
        """The namespace of this kind, or None if it is not known."""
        value: NamespaceId | None = getattr(self, kind)
        return value

    def items(self) -> Iterator[tuple[NamespaceKind, NamespaceId | None]]:
        """All eight kinds in their fixed order, with what is known of each."""
        for kind in KINDS:
            yield kind, self.get(kind)

    def known(self) -> Iterator[NamespaceId]:
        """Those that could be read."""
        for namespace in (self.net, self.ipc, self.uts, self.pid, self.mnt, self.user, self.cgroup, self.time):
            if namespace is not None:
                yield namespace

    @property
    def unreadable(self) -> bool:
        """Whether nothing at all could be read: somebody else's process, and we are not root."""
        return next(self.known(), None) is None


NOTHING_KNOWN = Namespaces()

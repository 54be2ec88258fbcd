"""One namespace, through an open descriptor of it: its inode number and the kernel's own identity of it.

The inode number and the identity are read from the same descriptor, so they belong to the same namespace
whatever happens meanwhile. The descriptor is closed before anything else is done: an open one keeps a dead
pod's namespace alive.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from fcntl import ioctl
from typing import NamedTuple

from pausetui.core.namespaces import IdentifiedBy, NamespaceKind

NS_GET_MNTNS_ID = 0x8008B705
"""``_IOR(0xb7, 5, u64)``, include/uapi/linux/nsfs.h, Linux 6.11."""
NS_GET_ID = 0x8008B70D
"""``_IOR(0xb7, 13, u64)``, include/uapi/linux/nsfs.h, Linux 6.18."""

_NS_GET_NSTYPE = 0xB703
"""``_IO(0xb7, 3)``, include/uapi/linux/nsfs.h, Linux 4.11."""
_KINDS = {
    0x00000080: NamespaceKind.TIME,
    0x00020000: NamespaceKind.MNT,
    0x02000000: NamespaceKind.CGROUP,
    0x04000000: NamespaceKind.UTS,
    0x08000000: NamespaceKind.IPC,
    0x10000000: NamespaceKind.USER,
    0x20000000: NamespaceKind.PID,
    0x40000000: NamespaceKind.NET,
}
"""By their flags in clone(2)."""

INITIAL_INODES: dict[NamespaceKind, int] = {
    NamespaceKind.IPC: 0xEFFFFFFF,
    NamespaceKind.UTS: 0xEFFFFFFE,
    NamespaceKind.USER: 0xEFFFFFFD,
    NamespaceKind.PID: 0xEFFFFFFC,
    NamespaceKind.CGROUP: 0xEFFFFFFB,
    NamespaceKind.TIME: 0xEFFFFFFA,
    NamespaceKind.NET: 0xEFFFFFF9,
    NamespaceKind.MNT: 0xEFFFFFF8,
}
"""The inode numbers of the initial namespaces: include/linux/proc_ns.h; those of net and mnt only since
include/uapi/linux/nsfs.h has them (Linux 6.17), before that they got one from the common range."""

_FIRST_FIXED, _LAST_FIXED = 0xEFFFFFF0, 0xEFFFFFFF

_SERVING: dict[NamespaceKind, tuple[IdentifiedBy, ...]] = dict.fromkeys(NamespaceKind, (IdentifiedBy.NS_ID,)) | {
    NamespaceKind.NET: (IdentifiedBy.NS_ID, IdentifiedBy.COOKIE),
    NamespaceKind.MNT: (IdentifiedBy.NS_ID, IdentifiedBy.MNTNS_ID),
}
"""Which ways serve which kind, best first."""

Cookie = Callable[[int], "int | None"]
"""Tells the cookie of the network namespace that an open descriptor refers to; None if that can't be had."""


class Seen(NamedTuple):
    """What one open descriptor said: inode number, identity, and which way the identity was had."""

    inode: int
    id: int | None
    by: IdentifiedBy


def inode_of(label: bytes) -> int:
    """The number in ``net:[4026532177]``.

    Raises:
        ValueError: It is no such label.
    """
    return int(label[label.index(b"[") + 1 : label.index(b"]")])


def kind_of(label: bytes) -> str:
    """What stands before the colon of a label: the name of a kind, if it is a label."""
    return label.partition(b":")[0].decode("ascii", "replace")


def never_reused(inode: int) -> bool:
    """Whether this number is fixed for an initial namespace, which lasts as long as the machine runs."""
    return _FIRST_FIXED <= inode <= _LAST_FIXED


def open_namespace(path: str, *, follow: bool = False) -> int:
    """Open what may be a namespace, and nothing else: it is looked at (O_PATH) before it is opened for good.

    Whatever else is there (a pipe, a device) would do something, or wait, when it is opened.

    Args:
        path: A bind mount of one, or a link of ``/proc/PID/fd``.
        follow: Whether the path may be a link.

    Returns:
        The descriptor, which the caller closes.

    Raises:
        OSError: It is not there, or is no namespace.
    """
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
    try:
        if os.fstat(handle).st_dev != os.stat("/proc/thread-self/ns/net").st_dev:
            raise FileNotFoundError(errno.ENOENT, "it is no namespace", path)
        return os.open(f"/proc/thread-self/fd/{handle}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(handle)


def label_of(path: str) -> bytes | None:
    """The label of a namespace that somebody opened through a bind mount: the link of that says the mount's path.

    ``path`` is a link of ``/proc/PID/fd``. None if it leads to something else, or to nothing any more.
    """
    try:
        descriptor = open_namespace(path, follow=True)
    except OSError:
        return None
    try:
        kind = _KINDS.get(ioctl(descriptor, _NS_GET_NSTYPE))
        return f"{kind}:[{os.fstat(descriptor).st_ino}]".encode() if kind is not None else None
    finally:
        os.close(descriptor)


class IdentityReader:
    """Reads identities in the best way this kernel has, or in the one that was asked for."""

    def __init__(self, forced: IdentifiedBy | None = None, cookie: Cookie = lambda _: None) -> None:
        """``forced`` is the only way to use; ``cookie`` tells the cookie of a network namespace."""
        ways: dict[IdentifiedBy, Callable[[int], int | None]] = {
            IdentifiedBy.NS_ID: lambda descriptor: _number(descriptor, NS_GET_ID),
            IdentifiedBy.COOKIE: cookie,
            IdentifiedBy.MNTNS_ID: lambda descriptor: _number(descriptor, NS_GET_MNTNS_ID),
        }
        self._ways = {
            kind: [(way, ways[way]) for way in _SERVING[kind] if forced in (None, way)] for kind in NamespaceKind
        }

    def read(self, path: str, kind: NamespaceKind) -> Seen | None:
        """What is at a path like ``/proc/4711/ns/net``, or None if it can't be opened (gone, or no right)."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            return self.read_open(descriptor, kind)
        finally:
            os.close(descriptor)

    def read_open(self, descriptor: int, kind: NamespaceKind) -> Seen:
        """What an open descriptor of a namespace refers to. The descriptor stays open."""
        inode = os.fstat(descriptor).st_ino
        for way, read in self._ways[kind]:
            identity = read(descriptor)
            if identity is not None:
                return Seen(inode, identity, way)
        return Seen(inode, None, IdentifiedBy.GENERATION)


def _number(descriptor: int, request: int) -> int | None:
    answer = bytearray(8)
    try:
        ioctl(descriptor, request, answer)
    except OSError:
        return None
    return int.from_bytes(answer, sys.byteorder)

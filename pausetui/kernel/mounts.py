"""``/proc/PID/mountinfo``, proc_pid_mountinfo(5): the bind mounts of namespaces in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ESCAPED = re.compile(rb"\\([0-7]{3})")

_MAY_HANG = (b"nfs", b"cifs", b"smb", b"fuse", b"9p", b"ceph", b"gluster", b"autofs", b"afs", b"lustre")
"""Beginnings of the types of file systems that somebody else answers for, or that mount things when touched."""


@dataclass(frozen=True, slots=True)
class NamespaceMount:
    """One bind mount of a namespace.

    Attributes:
        mount_id: The mount's number, unique while it is mounted.
        label: "net:[4026532177]".
        path: Where, as processes of that mount namespace see it.
        safe: No file system on the way there can make us wait.
    """

    mount_id: int
    label: bytes
    path: bytes
    safe: bool


def namespace_mounts(raw: bytes) -> list[NamespaceMount]:
    """The nsfs mounts of a mountinfo file; broken lines are passed over."""
    if b" - nsfs " not in raw:
        return []
    rows = [row for line in raw.splitlines() if (row := _row(line)) is not None]
    risky = [path for _, _, path, kind in rows if kind.startswith(_MAY_HANG)]
    return [
        NamespaceMount(number, root, path, not any(_below(path, one) for one in risky))
        for number, root, path, kind in rows
        if kind == b"nsfs"
    ]


def _row(line: bytes) -> tuple[int, bytes, bytes, bytes] | None:
    before, _, after = line.partition(b" - ")
    fields = before.split(b" ")
    kind = after.split(b" ", 1)[0]
    if len(fields) < 6 or not fields[0].isdigit():
        return None
    return int(fields[0]), _plain(fields[3]), _plain(fields[4]), kind


def _plain(escaped: bytes) -> bytes:
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 8) & 0xFF]), escaped)


def _below(path: bytes, folder: bytes) -> bool:
    return folder == b"/" or path == folder or path.startswith(folder + b"/")

"""Paths of a machine whose root is a folder of ours: its absolute links mean its root, not ours."""

from __future__ import annotations

import os

from pausetui.kernel.host import HostRoot

_MOST_LINKS = 40
"""How many links one path may go through, as in the kernel (path_resolution(7))."""


def resolved(host: HostRoot, path: str) -> str:
    """A path of the machine without links, still as seen on it; what isn't there is taken as written.

    ``/var/run/crio/crio.sock`` becomes ``/run/crio/crio.sock``; from a debug container, too, where
    ``/host/var/run`` would lead to our own ``/run``.
    """
    waiting = _parts(path)
    found: list[str] = []
    links = 0
    while waiting:
        part = waiting.pop()
        if part == "..":
            del found[-1:]
            continue
        target = _link(host.join(*found, part)) if links < _MOST_LINKS else None
        if target is None:
            found.append(part)
            continue
        links += 1
        if target.startswith("/"):
            found.clear()
        waiting += _parts(target)
    return "/" + "/".join(found)


def ours(host: HostRoot, path: str) -> str:
    """The path under which we open a path of the machine."""
    return host.join(resolved(host, path))


def _parts(path: str) -> list[str]:
    """Its parts, the last one first."""
    return [part for part in reversed(path.split("/")) if part not in ("", ".")]


def _link(path: str) -> str | None:
    try:
        return os.readlink(path)
    except (OSError, ValueError):
        return None

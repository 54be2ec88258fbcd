"""Which processes have a socket open: ``/proc/PID/fd`` shows it as ``socket:[inode]``, proc_pid_fd(5).

Reading the links opens no socket and holds none.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import replace

from pausetui.core.network import Listener
from pausetui.kernel.processes import ProcFolder

_PREFIX = "socket:["


def with_owners(proc: ProcFolder, listeners: tuple[Listener, ...], pids: Collection[int]) -> tuple[Listener, ...]:
    """The same listeners with those of these processes that have them open.

    Where some process could not be asked, a listener without any owner has an unknown one.
    """
    if not listeners or not pids:
        return listeners
    wanted = {f"{_PREFIX}{one.inode}]": one.inode for one in listeners if one.inode}
    owners: dict[int, list[int]] = {}
    unasked = False
    for pid in sorted(pids):
        open_here = _sockets(proc, pid, wanted)
        if open_here is None:
            unasked = True
            continue
        for inode in open_here:
            owners.setdefault(inode, []).append(pid)
    nobody = None if unasked else ()
    return tuple(replace(one, owners=tuple(owners.get(one.inode, ())) or nobody) for one in listeners)


def _sockets(proc: ProcFolder, pid: int, wanted: dict[str, int]) -> set[int] | None:
    """Those of the wanted that a process has open; None if we may not look. One that is gone has none."""
    folder = f"{proc.path.rstrip('/')}/{pid}/fd"
    try:
        names = os.listdir(folder)
    except PermissionError:
        return None
    except OSError:
        return set()
    return {wanted[link] for name in names if (link := _link(f"{folder}/{name}")) in wanted}


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""

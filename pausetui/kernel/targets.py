"""Opening the process that an action is for, or refusing to: the last check before a signal."""

from __future__ import annotations

import os

from pausetui.core.actions import Target
from pausetui.core.observation import ProcessId
from pausetui.errors import ActionRefused
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.scan import Scan
from pausetui.kernel.signals import CheckedProcess

_MOST_ANCESTORS = 64


def open_target(target: Target, scan: Scan, proc: ProcFolder, not_ours: str | None) -> CheckedProcess:
    """A handle of the very process that is meant; whoever has its pid later can't be hit through it.

    Args:
        target: Who is meant.
        scan: What is known; its picture of the target is renewed.
        proc: Where it is read.
        not_ours: Why pids of this /proc may not be used, or None.

    Raises:
        ActionRefused: It is gone, is another process now, has moved, or must not be touched.
    """
    pid = target.process.pid
    doing = f"opening pid {pid}"
    if not_ours is not None:
        raise ActionRefused(doing, not_ours, "Run pausetui in the pid namespace that this /proc belongs to.")
    if pid <= 1:
        raise ActionRefused(doing, "it is the init process of this machine, and nothing that a pod could restart")
    if pid in _ourselves_and_ancestors(proc):
        raise ActionRefused(doing, "pausetui itself is running in it or below it")
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        raise ActionRefused(doing, "it has ended by itself") from None
    except OSError as error:
        raise ActionRefused(doing, str(error.strerror), "Signals need pidfd_open (Linux 5.3).") from error
    process = CheckedProcess(target.process, f"pid {pid}", pidfd)
    try:
        process.name = _checked(target, scan, proc, doing)
        if process.ended_within(0):
            raise ActionRefused(doing, "it has ended by itself")
    except BaseException:
        process.close()
        raise
    return process


def _checked(target: Target, scan: Scan, proc: ProcFolder, doing: str) -> str:
    stat = proc.stat(target.process.pid)
    if stat is None:
        raise ActionRefused(doing, "it has ended by itself")
    if ProcessId(target.process.pid, stat.start_ticks) != target.process:
        raise ActionRefused(doing, f"that pid belongs to another process now ({stat.name})")
    if target.net is not None:
        found = scan.namespaces_now(target.process.pid).net
        if found is None:
            raise ActionRefused(doing, "its network namespace can't be read any more", "Run pausetui as root.")
        if found != target.net:
            raise ActionRefused(doing, f"it is in another network namespace now ({found.token})")
    return stat.name


def _ourselves_and_ancestors(proc: ProcFolder) -> set[int]:
    found: set[int] = set()
    pid = os.getpid()
    while pid > 0 and pid not in found and len(found) < _MOST_ANCESTORS:
        found.add(pid)
        stat = proc.stat(pid)
        pid = stat.parent if stat is not None else 0
    return found

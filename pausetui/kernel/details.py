"""What is read only of processes that may belong to a pod, because it costs more than all else together."""

from __future__ import annotations

from dataclasses import dataclass

from pausetui.kernel.processes import ProcFolder


@dataclass(frozen=True, slots=True)
class Details:
    """Owner, cgroup path, pids in nested pid namespaces (outermost first) and argv: no rights are needed."""

    uid: int | None = None
    cgroup: str | None = None
    namespace_pids: tuple[int, ...] = ()
    command: tuple[str, ...] = ()


NO_DETAILS = Details()


def read_details(proc: ProcFolder, pid: int, *, nested: bool) -> Details:
    """The details of one process; empty where it is gone. Unless it is ``nested``, it has the one pid we know."""
    pids = proc.namespace_pids(pid) if nested else (pid,)
    return Details(proc.owner(pid), proc.cgroup(pid), pids, proc.command(pid))

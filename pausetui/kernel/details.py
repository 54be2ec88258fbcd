"""What is read only of processes that may belong to a pod, because it costs more than all else together."""

from __future__ import annotations

from dataclasses import dataclass

from pausetui.kernel.processes import ProcFolder


@dataclass(frozen=True, slots=True)
class Details:
    """Cgroup path, pids in nested pid namespaces (outermost first) and argv; all readable without rights."""

    cgroup: str | None = None
    namespace_pids: tuple[int, ...] = ()
    command: tuple[str, ...] = ()


def read_details(proc: ProcFolder, pid: int) -> Details:
    """The details of one process; empty where it is gone."""
    return Details(proc.cgroup(pid), proc.namespace_pids(pid), proc.command(pid))

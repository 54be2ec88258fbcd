"""Whose a process is: what the engine says of a container's pid, held against the kernel. Pure.

Podman's containers have no cgroup of their own where it runs without root on cgroup v1, or was told to make none.
"""

from __future__ import annotations

from datetime import datetime

from pausetui.core.belief import START_TOLERANCE
from pausetui.core.observation import Observation, Process

_MONITOR = "conmon"
"""Podman's: the parent of a container's main process."""


def main_process(
    id_: str, pid: int | None, started_at: datetime | None, observation: Observation
) -> Process | None:
    """The main process of a container, if it is believed that it is this one.

    Its cgroup names the container; or it is a child of Podman's monitor and started when the container did.

    Args:
        id_: The container's, all 64 digits.
        pid: What the engine says it is.
        started_at: When the engine says that the container started.
        observation: The newest look at the kernel.
    """
    process = observation.processes.get(pid) if pid is not None else None
    if process is None or process.zombie:
        return None
    return process if has_own_cgroup(id_, process) or _is_monitored(process, started_at, observation) else None


def has_own_cgroup(id_: str, process: Process) -> bool:
    """Whether a process is in a cgroup that is the container's alone."""
    return id_ in (process.cgroup or "")


def _is_monitored(process: Process, started_at: datetime | None, observation: Observation) -> bool:
    parent = observation.processes.get(process.parent)
    if parent is None or parent.name != _MONITOR or process.started_at is None or started_at is None:
        return False
    return abs(process.started_at - started_at) <= START_TOLERANCE

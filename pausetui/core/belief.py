"""Whether the process that a runtime names is really there, and really that container's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pausetui.core.inventory import ContainerRecord, ContainerState, Inventory
from pausetui.core.observation import Observation, Problem, Process

START_TOLERANCE = timedelta(seconds=2)
"""How far a runtime's ``started_at`` may be from the kernel's start time: it is noted after the fact."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of a container's main process.

    Attributes:
        process: The process, or None if there is none or it could not be confirmed.
        gone: The runtime says that it runs, and the kernel has no such process.
        problem: Why it was not believed, or None.
    """

    process: Process | None = None
    gone: bool = False
    problem: Problem | None = None


def believe(record: ContainerRecord, inventory: Inventory, observation: Observation) -> Belief:
    """Look for the main process of a container in what the kernel shows.

    A pid alone is believed only if its cgroup names the container or, where the cgroup can't be read, it started
    when the runtime says. A pid and start time together need no more evidence. That holds in a /proc that is not
    ours, too (a container that has the node's): what is read there is true, only no signal may be sent by it.
    """
    pid = record.process.pid if record.process else record.pid
    if not pid or record.state is not ContainerState.RUNNING:
        return Belief()
    process = observation.processes.get(pid)
    if record.process is not None:
        if process is not None and process.id == record.process and not process.zombie:
            return Belief(process)
        return _absent(record, pid, inventory, observation)
    if process is None or process.zombie:
        return _absent(record, pid, inventory, observation)
    doubt = _doubt(record, process)
    return Belief(problem=_problem(record, pid, doubt)) if doubt else Belief(process)


def _absent(record: ContainerRecord, pid: int, inventory: Inventory, observation: Observation) -> Belief:
    if inventory.inventory_at > observation.observed_at:
        return Belief()  # younger than our look: the next one will show it
    if 1 not in observation.processes:
        return Belief(problem=_problem(record, pid, "this /proc shows only our own processes (hidepid)"))
    return Belief(gone=True)


def _doubt(record: ContainerRecord, process: Process) -> str:
    if process.cgroup is not None and record.runtime_id:
        if record.runtime_id in process.cgroup:
            return ""
        if process.cgroup.strip("/"):
            return f"its cgroup {process.cgroup} does not name container {record.runtime_id[:12]}"
    if record.started_at is None or process.started_at is None:
        return "neither its cgroup nor its start time says whose it is"
    if abs(process.started_at - record.started_at) <= START_TOLERANCE:
        return ""
    return f"it started at {process.started_at:%H:%M:%S}, the container at {record.started_at:%H:%M:%S}"


def _problem(record: ContainerRecord, pid: int, why: str) -> Problem:
    return Problem(record.key, f"pid {pid} of {record.name}", why, "its namespaces are not shown")

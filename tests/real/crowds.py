"""A runtime that has a pod for each of some processes, and is always quick and right."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

from pausetui.core.actions import Action
from pausetui.core.inventory import ContainerRecord, ContainerState, Inventory, PodRecord, PodState, Role, Runtime
from pausetui.core.keys import container_key
from pausetui.core.observation import Observation, ProcessId
from pausetui.kernel.signals import CheckedProcess


class Crowd:
    """The backend. ``pids`` are the processes; the key of a pod is its pid."""

    name = "test"

    def __init__(self, *pids: int) -> None:
        self.pids = list(pids)

    def inventory(self, observation: Observation) -> Inventory:
        found = (observation.processes.get(pid) for pid in self.pids)
        pods = tuple(_pod(process.id) for process in found if process is not None and not process.zombie)
        return Inventory(self.name, datetime.now(UTC), Runtime("test"), pods)

    def hints(self, stop: threading.Event) -> Iterator[None]:
        return iter(())

    def perform(self, action: Action, process: CheckedProcess | None) -> str:
        return ""

    def close(self) -> None:
        pass


def _pod(process: ProcessId) -> PodRecord:
    key = str(process.pid)
    pause = ContainerRecord(
        container_key(key, Role.PAUSE, "pause"), "pause", Role.PAUSE, ContainerState.RUNNING, process=process
    )
    return PodRecord(key, "", key, key, PodState.READY, pause=pause)

"""A machine and a backend for the commands, in place of the real ones."""

from __future__ import annotations

from dataclasses import dataclass, field

from pausetui.core.inventory import ContainerRecord, ContainerState, Inventory, PodRecord, PodState, Role
from pausetui.core.keys import container_key
from pausetui.core.namespaces import NOTHING_KNOWN, Namespaces
from pausetui.core.observation import Network, Observation, Problem, Process, ProcessId
from pausetui.errors import PausetuiError
from tests import factories

PID = 1000
DENIED = Problem("kernel", "namespaces of 200 processes", "Permission denied", "run as root")


def record(namespace: str = "default", name: str = "web", pid: int = PID) -> PodRecord:
    """A pod with nothing but a pause container."""
    key = f"uid-{namespace}-{name}"
    pause = ContainerRecord(
        container_key(key, Role.PAUSE, "pause"),
        "pause",
        Role.PAUSE,
        ContainerState.RUNNING,
        process=ProcessId(pid, pid * 10),
    )
    return PodRecord(key, namespace, name, key, PodState.READY, host_network=False, pause=pause)


def observation(*, readable: bool = True, denied: bool = False) -> Observation:
    """What the kernel says where one pause process runs."""
    spaces: Namespaces = factories.namespaces(10) if readable else NOTHING_KNOWN
    process = Process(ProcessId(PID, PID * 10), "pause", namespaces=spaces)
    networks = {spaces.net: Network(("10.244.1.5",))} if spaces.net else {}
    return Observation(
        factories.NOW,
        factories.NODE,
        factories.HOST,
        {PID: process},
        networks=networks,
        problems=(DENIED,) if denied else (),
    )


@dataclass
class Backend:
    """Answers with these pods, or fails."""

    pods: tuple[PodRecord, ...] = ()
    error: PausetuiError | None = None
    name: str = "lab"
    closed: bool = False

    def inventory(self, observation: Observation) -> Inventory:
        if self.error is not None:
            raise self.error
        return Inventory(self.name, factories.NOW, factories.RUNTIME, self.pods)

    def close(self) -> None:
        self.closed = True


@dataclass
class Observer:
    """Sees this."""

    seen: Observation = field(default_factory=observation)
    closed: bool = False

    def observe(self) -> Observation:
        return self.seen

    def close(self) -> None:
        self.closed = True

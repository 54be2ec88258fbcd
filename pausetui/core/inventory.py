"""What a runtime says there is. It may be late, partial or wrong; ``join`` holds it against the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pausetui.core.actions import BY_SIGNAL, Abilities
from pausetui.core.observation import Problem, ProcessId


class PodState(StrEnum):
    """Whether a pod's sandbox can carry members."""

    READY = "ready"
    NOTREADY = "notready"
    UNKNOWN = "unknown"


class ContainerState(StrEnum):
    """The four states of the CRI (ContainerState in api.proto)."""

    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """What a container is to its pod."""

    PAUSE = "pause"
    INIT = "init"
    MEMBER = "member"
    EPHEMERAL = "ephemeral"


class Restorer(StrEnum):
    """Who makes a container again when it ends."""

    KUBELET = "kubelet"
    RESTART_POLICY = "restart policy"
    LAB = "lab"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Runtime:
    """Who was asked: its name, its version and where it listens; None where it has none.

    Attributes:
        found_by: Why this endpoint ("from CONTAINER_RUNTIME_ENDPOINT"), or "".
        command: How a person asks it in a shell, the words of a command line ("crictl", "-r", "unix:///…"), or ().
    """

    name: str
    version: str | None = None
    endpoint: str | None = None
    found_by: str = ""
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What a runtime says that a container or sandbox uses; None is "does not say".

    Attributes:
        at: When it was measured.
        cpu_seconds: CPU time so far.
        memory_bytes: Its working set: what can't be reclaimed.
        writable_bytes: What it wrote into its own layer of the file system.
    """

    at: datetime | None = None
    cpu_seconds: float | None = None
    memory_bytes: int | None = None
    writable_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Sandbox:
    """One life of a pod. A pod whose sandbox was remade has several, newest first.

    Attributes:
        addresses: What the runtime still says its addresses are or were; () where it does not say.
    """

    id: str
    attempt: int | None
    state: PodState
    created_at: datetime | None
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """An earlier life of a container."""

    attempt: int | None
    runtime_id: str | None = None
    pid: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ContainerRecord:
    """What the runtime says of one container. None is "does not say".

    Attributes:
        key: Made by the backend from pod key, role and name (``core.keys``); stays over restarts.
        process: Its main process where the runtime knows pid and start time both.
        pid: Its main process where it knows only the pid; ``join`` believes it only with evidence.
        mounts: Volumes it shares with other members, as "name:path".
        evidence: Why this is the pause container, where that was concluded and not told.
        image_bytes: The size of its image.
        grace_seconds: How long it has between being asked to end and being ended.
        restart_policy: What its runtime does when it ends by itself ("no", "always", "on-failure:3"), where that is
            told for each container.
        joins: The runtime id of the container whose network it was told to join, there or not.
        start_error: Of one that has ended, why the runtime could not start it again when it last tried.
    """

    key: str
    name: str
    role: Role
    state: ContainerState
    attempt: int | None = None
    restarts: int | None = None
    runtime_id: str | None = None
    sandbox_id: str | None = None
    image: str | None = None
    process: ProcessId | None = None
    pid: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int | None = None
    reason: str | None = None
    previous: tuple[PastAttempt, ...] = ()
    mounts: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    image_bytes: int | None = None
    usage: Usage | None = None
    grace_seconds: float | None = None
    restart_policy: str | None = None
    joins: str | None = None
    start_error: str | None = None


@dataclass(frozen=True, slots=True)
class PodRecord:
    """What the runtime says of one pod.

    Attributes:
        netns_path: A path at which the runtime says the network namespace is pinned, or None.
        note: What the backend has to say about this pod in one line ("the lab's scenario web"), or "".
        runtime_handler: Which handler runs it ("kata"), or None for the default one.
        usage: What the whole pod uses.
        shares_nothing: It is one container alone, that no other shares anything with.
    """

    key: str
    namespace: str
    name: str
    uid: str | None
    state: PodState
    attempt: int | None = None
    host_network: bool | None = None
    brought_back_by: Restorer | None = None
    runtime_addresses: tuple[str, ...] = ()
    sandboxes: tuple[Sandbox, ...] = ()
    pause: ContainerRecord | None = None
    members: tuple[ContainerRecord, ...] = ()
    netns_path: str | None = None
    note: str = ""
    runtime_handler: str | None = None
    usage: Usage | None = None
    shares_nothing: bool = False


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything a runtime said in one answer.

    Attributes:
        backend: Which backend asked ("lab", "proc").
        inventory_at: When it answered, UTC.
        stale: It did not answer this time, and this is what it said before.
        remarks: What is worth knowing about the whole machine, a few words each ("no kubelet").
        abilities: What can be done through this backend.
    """

    backend: str
    inventory_at: datetime
    runtime: Runtime
    pods: tuple[PodRecord, ...] = ()
    problems: tuple[Problem, ...] = ()
    stale: bool = False
    remarks: tuple[str, ...] = ()
    abilities: Abilities = BY_SIGNAL

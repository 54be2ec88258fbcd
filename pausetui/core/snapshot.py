"""Inventory and observation joined, at one instant: what every screen, command and test looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from pausetui.core.actions import BY_SIGNAL, Abilities
from pausetui.core.inventory import (
    ContainerState,
    PastAttempt,
    PodState,
    Restorer,
    Role,
    Runtime,
    Sandbox,
    Usage,
)
from pausetui.core.namespaces import NOTHING_KNOWN, NamespaceId, NamespaceKind, Namespaces
from pausetui.core.observation import LinkState, Node, Problem, ProcessId, Vitals

if TYPE_CHECKING:  # a start does without it
    from pausetui.core.holding import Holding
    from pausetui.core.network import NetworkView


@dataclass(frozen=True, slots=True)
class ContainerProcess:
    """One process of a container.

    Attributes:
        differs: Its namespaces of the kinds in which it differs from the container's main process.
        namespace_pids: Its pids, from that in ``id`` to that in its innermost pid namespace; () if not known.
        zombie: It has ended and nobody has reaped it.
        parent: The parent's pid; 0 if it has none that we can see.
    """

    id: ProcessId
    name: str
    differs: tuple[NamespaceId, ...] = ()
    namespace_pids: tuple[int, ...] = ()
    zombie: bool = False
    parent: int = 0

    @property
    def inner_pid(self) -> int | None:
        """What it calls itself in its innermost pid namespace, or None if not known."""
        return self.namespace_pids[-1] if self.namespace_pids else None


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod, the pause container among them. None is "not known".

    Attributes:
        key: Stays over restarts: pod key, role, name.
        process: Its main process, if it runs and could be confirmed.
        processes: All its processes, the main one first, then by pid.
        namespaces: Those of the main process.
        cannot_read: The container runs and its namespaces need more rights than we have.
        evidence: Why we think this is the pause container, where nobody told us.
        command: The main process's argv, made harmless.
        stranded_with: Of an orphan, the links and addresses in the network namespace that it is left in; else None.
        restart_policy: What its runtime does when it ends by itself, where that is told for each container.
        joins: The runtime id of the container whose network it was told to join, there or not.
        start_error: Of one that has ended, why the runtime could not start it again when it last tried. It is part
            of ``reason``, and never written by itself.
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
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int | None = None
    reason: str | None = None
    previous: tuple[PastAttempt, ...] = ()
    processes: tuple[ContainerProcess, ...] = ()
    namespaces: Namespaces = NOTHING_KNOWN
    cannot_read: bool = False
    mounts: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    image_bytes: int | None = None
    usage: Usage | None = None
    grace_seconds: float | None = None
    stranded_with: tuple[str, ...] | None = None
    restart_policy: str | None = None
    joins: str | None = None
    start_error: str | None = None


@dataclass(frozen=True, slots=True)
class Sharer:
    """A process that is in one of the pod's own namespaces and in none of its containers."""

    id: ProcessId
    name: str
    kinds: tuple[NamespaceKind, ...]


@dataclass(frozen=True, slots=True)
class PodPin:
    """A bind mount that holds one of the pod's namespaces, whether or not any process is left.

    Attributes:
        path: Where, in the mount namespace that it is in.
        namespace: Which one it holds; None if that was not seen. Not part of any comparison, and never written.
    """

    kind: NamespaceKind
    path: str
    namespace: NamespaceId | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod, over all its sandboxes.

    Attributes:
        addresses: What the kernel has in its network namespace; () for hostNetwork; None if it cannot be read.
        links: The links there, sorted by name; () and None as of ``addresses``.
        routes: The ways out there, see ``observation.Network``; () and None as of ``addresses``.
        runtime_addresses: What the runtime says, which may be an old answer.
        orphans: Keys of running members whose network namespace is not the pause container's.
        sharers: Processes from outside that joined its namespaces.
        shares_nothing: It is one container alone, that no other shares anything with.
    """

    key: str
    backend: str
    namespace: str
    name: str
    uid: str | None
    state: PodState
    attempt: int | None = None
    host_network: bool | None = None
    brought_back_by: Restorer | None = None
    addresses: tuple[str, ...] | None = None
    runtime_addresses: tuple[str, ...] = ()
    sandboxes: tuple[Sandbox, ...] = ()
    pause: Container | None = None
    members: tuple[Container, ...] = ()
    orphans: tuple[str, ...] = ()
    sharers: tuple[Sharer, ...] = ()
    pins: tuple[PodPin, ...] = ()
    note: str = ""
    runtime_handler: str | None = None
    usage: Usage | None = None
    shares_nothing: bool = False
    links: tuple[LinkState, ...] | None = None
    routes: tuple[str, ...] | None = None

    @property
    def title(self) -> str:
        """What the user calls it: "namespace/name", or the name alone where there is no namespace."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def containers(self) -> Iterator[Container]:
        """The pause container, if there is one, then the members."""
        if self.pause is not None:
            yield self.pause
        yield from self.members

    @property
    def net(self) -> NamespaceId | None:
        """The pod's network namespace: the pause container's, else that of the first member that has one."""
        for container in self.containers():
            if container.namespaces.net is not None:
                return container.namespaces.net
        return None


@dataclass(frozen=True, slots=True)
class Home:
    """A network namespace that is no pod's and that the makers of pods are in: their veths' other ends are there.

    Attributes:
        net: Which.
        pid: A process in it.
    """

    net: NamespaceId
    pid: int


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A namespace in which no process is, that no known pod has, and that a bind mount keeps alive.

    Attributes:
        paths: Where it is mounted, sorted.
        addresses: What is still configured in it, for a network namespace; None if it can't be read.
        elsewhere: For each path that is not among our mounts, the pid of a process among whose it is.
    """

    namespace: NamespaceId
    paths: tuple[str, ...]
    addresses: tuple[str, ...] | None = ()
    elsewhere: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was true at one instant, with who said it and how old it is.

    Attributes:
        taken_at: When the two were joined, UTC.
        observed_at: When the kernel was asked.
        inventory_at: When the runtime answered; None if it never has.
        stale: The runtime did not answer lately: its part of the picture is old.
        pods: In the order of their titles.
        vitals: State, memory and CPU of the processes in ``pods``; not part of any comparison.
        read_only_because: Why no action is possible from here, or None.
        host: The host's own namespaces.
        former_networks: What ``join`` needs to know at the next look: network namespaces that pods had before and
            that others keep alive, by pod key. Not part of any comparison, and never written.
        remarks: What the backend finds worth knowing about the whole machine, a few words each.
        unclaimed: Namespaces that are pinned and otherwise nobody's.
        abilities: What can be done through this backend. Never written.
        networks: What is inside the pods' networks, by pod key, where somebody looked; not part of any comparison.
        holdings: What keeps namespaces alive beside what is in ``pods``, where somebody looked; likewise.
        homes: Where the other ends of the pods' veths may be: their makers' networks, and the host's.
            Not part of any comparison, and never written.
        ways_in: Where a pinned network namespace can be opened from here. As ``homes``.
    """

    taken_at: datetime
    observed_at: datetime
    inventory_at: datetime | None
    stale: bool
    node: Node
    backend: str
    runtime: Runtime
    pods: tuple[Pod, ...] = ()
    problems: tuple[Problem, ...] = ()
    vitals: Mapping[ProcessId, Vitals] = field(default_factory=dict)
    read_only_because: str | None = None
    host: Namespaces = NOTHING_KNOWN
    former_networks: Mapping[str, tuple[NamespaceId, ...]] = field(default_factory=dict, compare=False)
    remarks: tuple[str, ...] = ()
    unclaimed: tuple[Unclaimed, ...] = ()
    abilities: Abilities = field(default=BY_SIGNAL, compare=False)
    networks: Mapping[str, NetworkView] = field(default_factory=dict, compare=False)
    holdings: Mapping[NamespaceId, Holding] = field(default_factory=dict, compare=False)
    homes: tuple[Home, ...] = field(default=(), compare=False)
    ways_in: Mapping[NamespaceId, str] = field(default_factory=dict, compare=False)

    def pod(self, key: str) -> Pod | None:
        """The pod with this key, or None."""
        return next((pod for pod in self.pods if pod.key == key), None)

    def container(self, key: str) -> tuple[Pod, Container] | None:
        """The container with this key and its pod, or None."""
        for pod in self.pods:
            for container in pod.containers():
                if container.key == key:
                    return pod, container
        return None

    def vitals_of(self, container: Container) -> Vitals | None:
        """State, memory and CPU of a container's main process, or None if not known."""
        return self.vitals.get(container.process) if container.process else None

"""The processes of a pod as the kernel has them: by pid namespace, and in each as a tree by parent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.observation import ProcessId
from pausetui.core.snapshot import Container, ContainerProcess, Pod


@dataclass(frozen=True, slots=True)
class Node:
    """A process in the tree of its pid namespace.

    Attributes:
        container: Whose it is.
        depth: How many of its ancestors stand above it.
    """

    process: ContainerProcess
    container: Container
    depth: int = 0


@dataclass(frozen=True, slots=True)
class PidSpace:
    """The processes of a pod in one pid namespace.

    Attributes:
        namespace: Which; None for those of which it is not known.
        nodes: All, each parent before its children.
        init: Its pid 1, if that is a process of this pod.
    """

    namespace: NamespaceId | None
    nodes: tuple[Node, ...]
    init: Node | None = None

    def node(self, pid: int) -> Node | None:
        """The process with this pid, if it is one of them."""
        return next((node for node in self.nodes if node.process.id.pid == pid), None)


@dataclass(frozen=True, slots=True)
class _Known:
    """Every process of a pod once, whatever its containers say, and whose it is; who has which pid."""

    processes: Mapping[ProcessId, ContainerProcess]
    containers: Mapping[ProcessId, Container]
    by_pid: Mapping[int, ProcessId]


def pid_spaces(pod: Pod) -> tuple[PidSpace, ...]:
    """The pid namespaces of a pod, the pause container's first; each process stands in exactly one of them."""
    known = _known(pod)
    members: dict[NamespaceId | None, list[ProcessId]] = {}
    for identity in known.processes:
        members.setdefault(_space_of(identity, known), []).append(identity)
    return tuple(_space(namespace, those, known) for namespace, those in members.items())


def _known(pod: Pod) -> _Known:
    processes: dict[ProcessId, ContainerProcess] = {}
    containers: dict[ProcessId, Container] = {}
    for container in pod.containers():
        for process in container.processes:
            processes.setdefault(process.id, process)
            containers.setdefault(process.id, container)
    return _Known(processes, containers, {one.pid: one for one in processes})


def _space_of(identity: ProcessId, known: _Known) -> NamespaceId | None:
    """Its pid namespace. A zombie's can't be read: it is its parent's, if it is no deeper than that."""
    process, container = known.processes[identity], known.containers[identity]
    own = next((one for one in process.differs if one.kind is NamespaceKind.PID), None)
    if own is not None or not process.zombie:
        return own or container.namespaces.pid
    level = len(process.namespace_pids)
    above = known.by_pid.get(process.parent)
    parent = known.processes[above] if above is not None else None
    if parent is not None and not parent.zombie and len(parent.namespace_pids) == level:
        return _space_of(parent.id, known)
    main = known.processes.get(container.process) if container.process is not None else None
    return container.namespaces.pid if main is None or len(main.namespace_pids) == level else None


def _space(namespace: NamespaceId | None, those: Iterable[ProcessId], known: _Known) -> PidSpace:
    waiting = dict.fromkeys(those)
    above = {one: known.by_pid.get(known.processes[one].parent) for one in waiting}
    below: dict[ProcessId | None, list[ProcessId]] = {}
    for one, parent in above.items():
        below.setdefault(parent, []).append(one)
    nodes: list[Node] = []
    stack = [(one, 0) for one in reversed(waiting) if above[one] not in waiting]
    while waiting:
        # What no top leads to is a circle (the parents were read at different times): begin anywhere.
        one, depth = stack.pop() if stack else (next(iter(waiting)), 0)
        if one in waiting:
            del waiting[one]
            nodes.append(Node(known.processes[one], known.containers[one], depth))
            stack.extend((child, depth + 1) for child in reversed(below.get(one, ())))
    init = next((node for node in nodes if namespace is not None and _is_first(node.process)), None)
    return PidSpace(namespace, tuple(nodes), init)


def _is_first(process: ContainerProcess) -> bool:
    """Whether it is pid 1 of a pid namespace that is not the one it is seen from."""
    return len(process.namespace_pids) > 1 and process.inner_pid == 1

"""Who shares which namespace in a pod, and what keeps each of them alive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_uppercase

from pausetui.core.namespaces import POD_KINDS, NamespaceId, NamespaceKind, Namespaces
from pausetui.core.snapshot import Container, ContainerProcess, Pod

HOST = "host"
UNKNOWN = "?"


def letters(pod: Pod, host: Namespaces, kind: NamespaceKind) -> Mapping[str, str]:
    """For each container key: a letter (equal letters share the namespace), "host", or "?" if not known."""
    given: dict[NamespaceId, str] = {}
    shown = {}
    for container in pod.containers():
        namespace = container.namespaces.get(kind)
        if namespace is None:
            shown[container.key] = UNKNOWN
        elif namespace == host.get(kind):
            shown[container.key] = HOST
        else:
            letter = given.setdefault(namespace, ascii_uppercase[len(given) % len(ascii_uppercase)])
            shown[container.key] = letter
    return shown


def shares_pid(pod: Pod) -> bool:
    """Whether members are in the pid namespace that the pause container is in, which may be the host's."""
    pause = pod.pause.namespaces.pid if pod.pause else None
    return pause is not None and any(member.namespaces.pid == pause for member in pod.members)


def under_pause(pod: Pod) -> tuple[Container, ...]:
    """The members in a pid namespace whose pid 1 is the pause: it reaps for them, and its end is theirs.

    Of containers of an engine it can be some; in the host's pid namespace it is none.
    """
    pause = pod.pause
    if pause is None or not pause.processes or pause.processes[0].inner_pid != 1:
        return ()
    space = pause.namespaces.pid
    return tuple(member for member in pod.members if space is not None and member.namespaces.pid == space)


@dataclass(frozen=True, slots=True)
class Holders:
    """What keeps one namespace alive.

    Attributes:
        containers: Names of the containers with a process in it, the pause container first.
        outsiders: Processes of no container of this pod ("nsenter (pid 4711)").
        pins: Paths at which it is bind mounted.
    """

    containers: tuple[str, ...]
    outsiders: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()

    def without(self, container: str) -> tuple[str, ...]:
        """Everything that would still hold it if this container ended."""
        pins = tuple(f"pin {path}" for path in self.pins)
        return (*(name for name in self.containers if name != container), *self.outsiders, *pins)


def holders(pod: Pod, namespace: NamespaceId) -> Holders:
    """What keeps this namespace of the pod alive."""
    of_the_pod = pod_namespace(pod, namespace.kind) == namespace
    sharers = (one for one in pod.sharers if of_the_pod and namespace.kind in one.kinds)
    return Holders(
        containers=tuple(one.name for one in pod.containers() if _is_in(one, namespace)),
        outsiders=tuple(f"{one.name} (pid {one.id.pid})" for one in sharers),
        pins=pins_of(pod, namespace),
    )


def pins_of(pod: Pod, namespace: NamespaceId) -> tuple[str, ...]:
    """The paths at which this namespace of the pod is bind mounted."""
    usual = pod_namespace(pod, namespace.kind)
    return tuple(
        pin.path
        for pin in pod.pins
        if pin.kind is namespace.kind and (pin.namespace if pin.namespace is not None else usual) == namespace
    )


def pod_namespace(pod: Pod, kind: NamespaceKind) -> NamespaceId | None:
    """The pod's namespace of a kind: the pause container's, else that of the first member that has one."""
    return next((found for one in pod.containers() if (found := one.namespaces.get(kind)) is not None), None)


def held_kinds(pod: Pod, host: Namespaces) -> tuple[NamespaceKind, ...]:
    """The kinds of namespace that the pause container holds for its members."""
    if pod.pause is None:
        return ()
    spaces = pod.pause.namespaces
    kinds = (*POD_KINDS, NamespaceKind.PID) if shares_pid(pod) else POD_KINDS
    return tuple(
        kind for kind in kinds if spaces.get(kind) not in (None, host.get(kind)) and not _is_pauses_alone(pod, kind)
    )


def _is_pauses_alone(pod: Pod, kind: NamespaceKind) -> bool:
    """Whether all members have others of this kind, as Docker gives each a uts of its own. An orphan has none."""
    assert pod.pause is not None
    own = pod.pause.namespaces.get(kind)
    members = [one.namespaces.get(kind) for one in pod.members if one.key not in pod.orphans]
    known = [space for space in members if space is not None]
    return bool(known) and own not in known


def is_in(container: Container, process: ContainerProcess, namespace: NamespaceId) -> bool:
    """Whether this process of the container is in the namespace; one that has ended is in none."""
    own = next((space for space in process.differs if space.kind is namespace.kind), None)
    return not process.zombie and (own or container.namespaces.get(namespace.kind)) == namespace


def _is_in(container: Container, namespace: NamespaceId) -> bool:
    if container.namespaces.get(namespace.kind) == namespace:
        return True
    return any(namespace in process.differs for process in container.processes)

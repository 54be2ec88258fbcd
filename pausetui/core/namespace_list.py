"""Every namespace that is not the host's, with who is in it and what else keeps it alive."""

from __future__ import annotations

from dataclasses import dataclass, field

from pausetui.core.holding import Holding
from pausetui.core.namespaces import KINDS, NamespaceId, Namespaces
from pausetui.core.observation import ProcessId
from pausetui.core.sharing import pod_namespace
from pausetui.core.snapshot import Container, ContainerProcess, Pod, Snapshot


@dataclass(frozen=True, slots=True)
class Holder:
    """A process in a namespace; ``container_key`` is None for one from outside all pods."""

    id: ProcessId
    name: str
    container_key: str | None


@dataclass(frozen=True, slots=True)
class ListedNamespace:
    """One namespace.

    Attributes:
        sharers: Keys of the containers whose main process is in it.
        holders: Every known process in it; the namespace lives as long as one of them or a pin does.
        pins: Paths at which it is bind mounted.
        addresses: What is configured in it, for a network namespace that is nobody's; else ().
        holding: What else was found to keep it alive; None if nobody looked.
    """

    namespace: NamespaceId
    sharers: tuple[str, ...] = ()
    holders: tuple[Holder, ...] = ()
    pins: tuple[str, ...] = ()
    addresses: tuple[str, ...] | None = ()
    holding: Holding | None = None


@dataclass(slots=True)
class _Gathered:
    sharers: dict[str, None] = field(default_factory=dict)
    holders: dict[ProcessId, Holder] = field(default_factory=dict)
    pins: dict[str, None] = field(default_factory=dict)


def listed_namespaces(snapshot: Snapshot) -> tuple[ListedNamespace, ...]:
    """All of them, by kind and number; those that only a pin keeps alive are among them."""
    found: dict[NamespaceId, _Gathered] = {}
    held = snapshot.holdings
    for pod in snapshot.pods:
        _gather(pod, snapshot.host, found)
    listed = [
        ListedNamespace(
            space, tuple(one.sharers), tuple(one.holders.values()), tuple(one.pins), holding=held.get(space)
        )
        for space, one in found.items()
    ]
    listed += [
        ListedNamespace(one.namespace, (), (), one.paths, one.addresses, held.get(one.namespace))
        for one in snapshot.unclaimed
    ]
    order = {kind: place for place, kind in enumerate(KINDS)}
    return tuple(sorted(listed, key=lambda one: (order[one.namespace.kind], one.namespace.inode)))


def _gather(pod: Pod, host: Namespaces, found: dict[NamespaceId, _Gathered]) -> None:
    for container in pod.containers():
        for space in container.namespaces.known():
            if space != host.get(space.kind):
                found.setdefault(space, _Gathered()).sharers[container.key] = None
        for process in container.processes:
            for space in _spaces(container, process):
                if space != host.get(space.kind):
                    holder = Holder(process.id, process.name, container.key)
                    found.setdefault(space, _Gathered()).holders[process.id] = holder
    for sharer in pod.sharers:
        for kind in sharer.kinds:
            own = pod_namespace(pod, kind)
            if own in found:
                found[own].holders.setdefault(sharer.id, Holder(sharer.id, sharer.name, None))
    for pin in pod.pins:
        own = pin.namespace if pin.namespace is not None else pod_namespace(pod, pin.kind)
        if own is not None and own != host.get(own.kind):
            found.setdefault(own, _Gathered()).pins[pin.path] = None


def _spaces(container: Container, process: ContainerProcess) -> tuple[NamespaceId, ...]:
    if process.zombie:
        return ()
    others = {space.kind: space for space in process.differs}
    return tuple(others.get(space.kind, space) for space in container.namespaces.known())

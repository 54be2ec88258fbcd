"""Who and what holds one namespace, each with everything that goes when it goes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pausetui.core.holding import Holding, Named
from pausetui.core.namespaces import POD_KINDS, NamespaceId, NamespaceKind
from pausetui.core.observation import ProcessId
from pausetui.core.prose import listed
from pausetui.core.sharing import is_in, pins_of, pod_namespace
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.core.wording import plural

MOST_OUTSIDERS = 3
"""Where more processes from outside hold one namespace, they are told as one group."""
MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Keeper:
    """One that keeps a namespace alive, and goes as a whole: a container, a process from outside, a pin …

    Attributes:
        name: "nginx", "nsenter (pid 4711)", "pin cni-4545".
        how: Label and text for each way in which it does.
        ends: The verb for its going.
        only_inside: It has no other hold than to be in the namespace.
        is_init: One of its processes is pid 1 of this pid namespace.
        is_pin: It is a bind mount.
    """

    name: str
    how: tuple[tuple[str, str], ...]
    ends: str = "ends"
    only_inside: bool = False
    is_init: bool = False
    is_pin: bool = False


@dataclass(slots=True)
class _Gathered:
    """What one container, or one process from outside, does to hold the namespace."""

    label: str
    inside: dict[ProcessId, str] = field(default_factory=dict)
    other: list[tuple[str, str]] = field(default_factory=list)
    is_init: bool = False


def keepers(snapshot: Snapshot, pod: Pod, namespace: NamespaceId, holding: Holding | None) -> tuple[Keeper, ...]:
    """All that is known to hold the namespace of this pod: containers, outsiders, children, connections, pins."""
    gathered = _Gathering(snapshot, pod, namespace)
    gathered.from_snapshot(pod, holding)
    if holding is not None:
        gathered.from_holding(holding)
    pins = (
        Keeper(f"pin {path.rpartition('/')[2]}", (("pin", path),), "goes", is_pin=True)
        for path in pins_of(pod, namespace)
    )
    return (*gathered.keepers(), *(_without_process(holding) if holding is not None else ()), *pins)


def keepers_of_nobodys(snapshot: Snapshot, holding: Holding) -> tuple[Keeper, ...]:
    """All beside its pins that was found to hold a namespace which no pod has."""
    gathered = _Gathering(snapshot, None, holding.namespace)
    gathered.from_holding(holding)
    return (*gathered.keepers(), *_without_process(holding))


class _Gathering:
    def __init__(self, snapshot: Snapshot, pod: Pod | None, namespace: NamespaceId) -> None:
        self._pod = pod
        self._namespace = namespace
        self._owners = _owners(snapshot, pod)
        self._of_pod: dict[str, _Gathered] = {}
        self._outside: dict[str, _Gathered] = {}

    def from_snapshot(self, pod: Pod, holding: Holding | None) -> None:
        space = self._namespace
        for container in pod.containers():
            for process in container.processes:
                if is_in(container, process, space):
                    one = self._one(Named(process.id, process.name))
                    one.inside[process.id] = process.name
                    one.is_init |= space.kind is NamespaceKind.PID and process.inner_pid == 1
        by_thread = {one.process.id for one in holding.threads} if holding is not None else set()
        for sharer in pod.sharers if pod_namespace(pod, space.kind) == space else ():
            if space.kind in sharer.kinds and sharer.id not in by_thread:
                self._one(Named(sharer.id, sharer.name)).inside[sharer.id] = sharer.name

    def from_holding(self, holding: Holding) -> None:
        if not self._sharers_are_known:
            for process in holding.processes:
                self._one(process).inside.setdefault(process.id, process.name)
        for thread in holding.threads:
            self._one(thread.process).other.append(("thread", f"{thread.tid} of {thread.process}"))
        for process in holding.for_children:
            self._one(process).other.append(("for children", f"the next child of {process} is born in it"))
        for one in holding.descriptors:
            shown = f" ({one.path})" if one.path else ""
            self._one(one.process).other.append(("descriptor", f"{one.number} of {one.process}{shown}"))
        for socket in holding.sockets or ():
            for owner in socket.owners:
                text = f"{socket.protocol} {socket.inode}, descriptor {owner.number} of {owner.process}"
                self._one(owner.process).other.append(("socket", text))

    def keepers(self) -> Iterator[Keeper]:
        yield from (_keeper(name, one) for name, one in self._of_pod.items())
        outside = [_keeper(name, one) for name, one in self._outside.items()]
        if len(outside) <= MOST_OUTSIDERS:
            yield from outside
        else:
            how = tuple(way for one in outside for way in one.how)
            name = f"{len(outside)} processes from outside"
            yield Keeper(name, how, "end", only_inside=all(one.only_inside for one in outside))

    @property
    def _sharers_are_known(self) -> bool:
        """Whether the snapshot, which is newer, has all processes that are in it."""
        kind, space, pod = self._namespace.kind, self._namespace, self._pod
        if pod is None:
            return False
        if kind in POD_KINDS:
            return pod_namespace(pod, kind) == space
        movable = kind in (NamespaceKind.PID, NamespaceKind.MNT)
        return movable and any(member.namespaces.get(kind) == space for member in pod.members)

    def _one(self, process: Named) -> _Gathered:
        owner = self._owners.get(process.id)
        if owner is not None and owner[1]:
            return self._of_pod.setdefault(owner[0], _Gathered(owner[0]))
        name = f"{process} of {owner[0]}" if owner is not None else str(process)
        return self._outside.setdefault(name, _Gathered("outside"))


def _owners(snapshot: Snapshot, pod: Pod | None) -> Mapping[ProcessId, tuple[str, bool]]:
    """The container of each process, and whether it is one of this pod."""
    own = pod.key if pod is not None else None
    return {
        process.id: (container.name if one.key == own else f"{one.title} {container.name}", one.key == own)
        for one in snapshot.pods
        for container in one.containers()
        for process in container.processes
    }


def _keeper(name: str, one: _Gathered) -> Keeper:
    how = list(one.other)
    if one.inside:
        names = [f"{process} (pid {identity.pid})" for identity, process in one.inside.items()]
        how.insert(0, (one.label, listed(names, MOST_NAMES)))
    return Keeper(name, tuple(how), only_inside=not one.other, is_init=one.is_init)


def _without_process(holding: Holding) -> Iterator[Keeper]:
    """What goes by itself, and not with any one process."""
    for owned, label, noun, nouns in (
        (False, "child", "child namespace", "child namespaces"),
        (True, "owns", "namespace that it owns,", "namespaces that it owns"),
    ):
        found = [one for one in holding.children if one.owned is owned]
        how = tuple(
            (label, f"{one.namespace.label}{f', with {one.process} in it' if one.process else ', empty'}")
            for one in found
        )
        if how:
            name = f"the {noun} {found[0].namespace.label}" if len(found) == 1 else f"{len(found)} {nouns}"
            # Who is in a child pid namespace is in the parent's, too, and ends with its pid 1.
            inhabited = not owned and all(one.process is not None for one in found)
            yield Keeper(name, how, "ends" if len(found) == 1 else "end", only_inside=inhabited)
    adrift = [one for one in holding.sockets or () if not one.owners]
    if adrift:
        how = tuple(
            ("socket", f"{one.protocol} {one.inode}, which no process has open: on its way") for one in adrift
        )
        yield Keeper(plural(len(adrift), "socket") + " on the way", how, "closes" if len(adrift) == 1 else "close")
    ending = holding.connections or ()
    if ending:
        how = tuple(("connection", f"{one.local} to {one.remote} {one.state}, of no process") for one in ending)
        verb = "closes" if len(ending) == 1 else "close"
        yield Keeper(plural(len(ending), "orphaned connection"), how, verb)

"""Which processes are a container's own, and which only joined its pod from outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pausetui.core.namespaces import POD_KINDS, NamespaceId, NamespaceKind, Namespaces
from pausetui.core.observation import Observation, Process, ProcessId
from pausetui.core.snapshot import Container, ContainerProcess, Sharer


class Belonging:
    """An index over one observation: whose process is whose. Built once a look, asked once a container."""

    def __init__(self, observation: Observation, mains: Mapping[ProcessId, str], ids: Mapping[str, str]) -> None:
        """Index what the kernel saw.

        Args:
            observation: The look.
            mains: Container keys by main process.
            ids: Container keys by the runtime's container id (as cgroup paths name them).
        """
        self._observation = observation
        self._owner: dict[ProcessId, str] = {}
        self._of: dict[str, list[Process]] = defaultdict(list)
        self.by_namespace: dict[NamespaceId, list[Process]] = defaultdict(list)
        self.concerned: set[int] = set()
        """Pids of all that are indexed, and of those that were asked for on the way up to their owners."""
        self._mains = mains
        self._ids = ids
        for process in observation.processes.values():
            self._index(process)

    def _index(self, process: Process) -> None:
        own = _own(process, self._observation)
        if not own and process.id not in self._mains and not process.cgroup:
            return
        for space in own:
            self.by_namespace[space].append(process)
        key = self._owner_of(process)
        if key is not None:
            self._owner[process.id] = key
            self._of[key].append(process)

    def _owner_of(self, process: Process) -> str | None:
        path: list[Process] = []
        current: Process | None = process
        self.concerned.add(process.pid)
        while current is not None and len(path) < 64:
            if current.id in self._owner:
                return self._owner[current.id]
            if current.id in self._mains:
                return self._mains[current.id]
            named = self._named_by_cgroup(current)
            if named is not None:
                return named
            path.append(current)
            self.concerned.add(current.parent)
            parent = self._observation.processes.get(current.parent)
            current = parent if parent is not None and parent.id.start_ticks <= current.id.start_ticks else None
        return None

    def _named_by_cgroup(self, process: Process) -> str | None:
        if not process.cgroup or not self._ids:
            return None
        for part in reversed(process.cgroup.split("/")):
            words = part.removesuffix(".scope").replace(":", "-").split("-")
            key = self._ids.get(words[-1])
            if key is not None and "conmon" not in words:
                return key
        return None

    def processes(self, key: str, main: Process) -> tuple[ContainerProcess, ...]:
        """A container's processes, its main one first, then by pid, each with what differs from the main one."""
        others = sorted((each for each in self._of.get(key, ()) if each.id != main.id), key=lambda each: each.id)
        return tuple(_described(each, main.namespaces) for each in (main, *others))

    def sharers(self, containers: Iterable[Container]) -> tuple[Sharer, ...]:
        """Processes that are in a namespace of these containers' pod and in none of its containers."""
        members = tuple(containers)
        keys = {container.key for container in members}
        found: dict[ProcessId, tuple[Process, set[NamespaceKind]]] = {}
        for space in pods_own(members, self._observation):
            for process in self.by_namespace.get(space, ()):
                if self._owner.get(process.id) not in keys and not process.zombie:
                    found.setdefault(process.id, (process, set()))[1].add(space.kind)
        return tuple(
            Sharer(identity, process.name, tuple(kind for kind in NamespaceKind if kind in kinds))
            for identity, (process, kinds) in sorted(found.items())
        )

    def outside(self, space: NamespaceId) -> tuple[Process, ...]:
        """The processes in this namespace that are in no container at all."""
        return tuple(
            process
            for process in sorted(self.by_namespace.get(space, ()), key=lambda one: one.id)
            if process.id not in self._owner and not process.zombie
        )


def may_belong(process: Process, observation: Observation) -> bool:
    """Whether a process that is no container's main one is indexed: it is in a namespace that is not the host's."""
    return bool(process.cgroup) or bool(_own(process, observation))


def pods_own(containers: Iterable[Container], observation: Observation) -> tuple[NamespaceId, ...]:
    """The namespaces that are this pod's alone.

    Net, ipc and uts of every container; pid and mnt of the members. The pause container's pid and mnt count only
    where a member is in them too: a pause may live in its runtime's.
    """
    own: dict[NamespaceId, None] = {}
    for container in containers:
        kinds = POD_KINDS
        if container.role != "pause":
            kinds = (*POD_KINDS, NamespaceKind.PID, NamespaceKind.MNT)
        for kind in kinds:
            space = container.namespaces.get(kind)
            if space is not None and not observation.is_hosts(space):
                own[space] = None
    return tuple(own)


def _own(process: Process, observation: Observation) -> list[NamespaceId]:
    """The namespaces of a process and its threads that are not the host's, each once."""
    own = [space for space in process.namespaces.known() if not observation.is_hosts(space)]
    own += [
        space
        for thread in process.threads
        for space in thread.namespaces.known()
        if not observation.is_hosts(space) and space not in own
    ]
    return own


def _described(process: Process, main: Namespaces) -> ContainerProcess:
    differs = tuple(space for space in process.namespaces.known() if space != main.get(space.kind))
    pids = process.namespace_pids
    return ContainerProcess(process.id, process.name, differs, pids, process.zombie, process.parent)

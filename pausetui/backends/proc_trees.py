"""Who started whom, and which processes are one container where no cgroup tells.

Pure. A process is seen against who started it: a container's main process has other namespaces than the
runtime that made it, and that runtime need not be in the host's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.observation import Observation, Process

_DEEPEST = 256
"""How many generations are climbed; a look is not atomic, so parents could seem to go round in a circle."""

_TELLING = (NamespaceKind.PID, NamespaceKind.MNT, NamespaceKind.IPC, NamespaceKind.UTS)
"""The kinds that tell what something was made as."""


class Ancestry:
    """The parents of an observation's processes."""

    def __init__(self, observation: Observation) -> None:
        self.observation = observation

    def parent(self, process: Process) -> Process | None:
        """Its parent, unless that is gone and its pid now another's (a parent is never younger)."""
        parent = self.observation.processes.get(process.parent)
        if parent is None or parent.id.start_ticks > process.id.start_ticks or parent.pid == process.pid:
            return None
        return parent

    def starter(self, process: Process, group: Collection[int]) -> Process | None:
        """The nearest ancestor whose pid is not in the group, or None if it can't be seen."""
        current = self.parent(process)
        for _ in range(_DEEPEST):
            if current is None or current.pid not in group:
                return current
            current = self.parent(current)
        return None


def in_order(processes: Iterable[Process]) -> list[Process]:
    """By start, then by pid: the same whatever order they come in."""
    return sorted(processes, key=lambda process: (process.id.start_ticks, process.pid))


def is_apart(process: Process, kind: NamespaceKind, starter: Process | None, ancestry: Ancestry) -> bool:
    """Whether it is known to be in another namespace than the host and than who started it."""
    if kind is NamespaceKind.PID and process.namespaces.unreadable:
        return depth(process) > (depth(starter) if starter is not None else 1)
    own = process.namespaces.get(kind)
    if own is None or ancestry.observation.host.get(kind) in (None, own):
        return False
    return starter is None or starter.namespaces.get(kind) != own


def depth(process: Process) -> int:
    """In how many pid namespaces it has a pid, each inside the one before: 1 in that of this /proc."""
    return len(process.namespace_pids) or 1


def apart_from(main: Process, group: Sequence[Process], ancestry: Ancestry) -> frozenset[NamespaceKind]:
    """In which of pid, mnt, ipc and uts a container's main process is apart from the host and from its starter."""
    starter = ancestry.starter(main, {process.pid for process in group})
    return frozenset(kind for kind in _TELLING if is_apart(main, kind, starter, ancestry))


def main_of(group: Sequence[Process], ancestry: Ancestry) -> Process:
    """The process that a container stands and falls with.

    The earliest in the container's own pid namespace; a wrapper like ``unshare --fork`` starts earlier but is
    outside of it. Without a pid namespace of its own, the earliest of all.
    """
    if len(group) == 1:
        return group[0]
    pids = {process.pid for process in group}
    inner = [
        process
        for process in group
        if is_apart(process, NamespaceKind.PID, ancestry.starter(process, pids), ancestry)
    ]
    return in_order(inner or group)[0]


def split_into_containers(processes: Sequence[Process], ancestry: Ancestry) -> list[list[Process]]:
    """The processes of one network namespace, by container.

    Those in one mount namespace are one container, also those that were put into it later (``exec``). One in
    the mount namespace of whoever started it belongs to its parent. A container whose first process was started
    by another's process belongs to that one, unless that one has started several: then it is what runs the pod.
    """
    pids = {process.pid for process in processes}
    parts: dict[object, list[Process]] = defaultdict(list)
    for process in in_order(processes):
        starter = ancestry.starter(process, pids)
        own_mnt = is_apart(process, NamespaceKind.MNT, starter, ancestry)
        parts[process.namespaces.mnt if own_mnt else process.pid].append(process)
    part_of = {process.pid: key for key, part in parts.items() for process in part}
    parent_of: dict[object, object] = {}
    for key, part in parts.items():
        parent = ancestry.parent(part[0])
        if parent is not None and part_of.get(parent.pid, key) != key:
            parent_of[key] = part_of[parent.pid]
    made = {key for key in parent_of if _differs_as_a_container(parts[key][0], ancestry)}
    several = {above for above, count in Counter(parent_of[key] for key in made).items() if count > 1}
    merged: dict[object, list[Process]] = defaultdict(list)
    for key, part in parts.items():
        merged[_topmost(key, parent_of, made, several)] += part
    return [in_order(part) for part in merged.values()]


def _topmost(
    key: object, parent_of: Mapping[object, object], made: Collection[object], several: Collection[object]
) -> object:
    for _ in range(_DEEPEST):
        if key not in parent_of or (key in made and parent_of[key] in several):
            break
        key = parent_of[key]
    return key


def _differs_as_a_container(process: Process, ancestry: Ancestry) -> bool:
    """Whether it has both processes and files of its own, compared with its parent."""
    parent = ancestry.parent(process)
    if parent is None or process.namespaces.unreadable or parent.namespaces.unreadable:
        return False
    return all(
        process.namespaces.get(kind) != parent.namespaces.get(kind)
        for kind in (NamespaceKind.PID, NamespaceKind.MNT)
    )


def shared_pid_namespace(process: Process, others: Iterable[Process]) -> NamespaceId | None:
    """The pid namespace whose process 1 this is and that others are in too, or None."""
    own = process.namespaces.pid
    if own is None or process.namespace_pids[-1:] != (1,):
        return None
    return own if any(other.namespaces.pid == own for other in others) else None

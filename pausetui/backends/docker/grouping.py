"""Which containers are a pod, and which of them holds it together. Pure.

Asked in this order, each for what is left: kubelet's labels and names; Podman's pods; the containers whose network
others were told to join (``--network container:ID``, Compose's ``network_mode: service:NAME``); the kernel, whose
main processes share a network or ipc namespace that is not the host's. What shares nothing is a pod of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pausetui.backends.docker.asking import Answers, Seen
from pausetui.backends.docker.compose import Service, service
from pausetui.backends.docker.kubernetes import KubernetesName, kubernetes_name
from pausetui.backends.docker.listing import Listed
from pausetui.backends.docker.reading import joined
from pausetui.core.inventory import ContainerState
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.observation import Observation, Process

_SHARED = (NamespaceKind.NET, NamespaceKind.IPC)
_PAUSES = {"pause": "its process is called pause", "catatonit": "its process is catatonit, Podman's pause"}


class How(StrEnum):
    """How a pod was found."""

    KUBELET = "kubelet"
    PODMAN = "podman"
    JOINED = "joined"
    SHARED = "shared"
    ALONE = "alone"


@dataclass(slots=True)
class Group:
    """The containers of one pod.

    Attributes:
        key: What the pod is called; ``records`` sees to it that no two are the same.
        sandbox: The engine's own id of the pod, where it has one (Podman).
        pauses: The containers that hold it, of all its lives.
        kubelets: What kubelet calls its containers, by id.
        evidence: Why the pause is taken for one.
        project: The Compose project that it is of, or "".
    """

    how: How
    key: str
    name: str
    namespace: str = ""
    uid: str | None = None
    sandbox: str | None = None
    pauses: list[Seen] = field(default_factory=list)
    members: list[Seen] = field(default_factory=list)
    kubelets: dict[str, KubernetesName] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    project: str = ""
    notes: list[str] = field(default_factory=list)

    def containers(self) -> Iterator[Seen]:
        """All of them."""
        yield from self.pauses
        yield from self.members


def groups(answers: Answers, observation: Observation, *, local: bool = True) -> tuple[Group, ...]:
    """All pods.

    Args:
        answers: All that the engine said.
        observation: The newest look at the kernel.
        local: The engine's pids are those of this machine.
    """
    found = _Grouping(answers)
    found.take_kubelets()
    found.take_podmans()
    found.take_joined()
    if local:
        found.take_sharing(observation)
    found.take_rest()
    return tuple(found.groups)


class _Grouping:
    def __init__(self, answers: Answers) -> None:
        self.groups: list[Group] = []
        self._answers = answers
        self._all = {one.id: one for one in answers.containers}
        self._by_name = {one.listed.name: one.id for one in answers.containers}
        self._of: dict[str, Group] = {}
        self._without_holder: dict[str, Group] = {}

    def take_kubelets(self) -> None:
        by_key: dict[str, Group] = {}
        for one in self._left():
            called = kubernetes_name(one.listed)
            if called is None:
                continue
            group = by_key.get(called.key)
            if group is None:
                group = Group(How.KUBELET, called.key, called.pod, called.namespace, called.uid)
                by_key[called.key] = self._added(group)
            group.kubelets[one.id] = called
            self._put(group, one, pause=called.is_sandbox)

    def take_podmans(self) -> None:
        for pod in self._answers.pods:
            group = self._added(Group(How.PODMAN, pod.id, pod.name, sandbox=pod.id))
            for one in self._left():
                if one.id in pod.containers:
                    self._put(group, one, pause=one.id == pod.infra)
            if pod.infra is None:
                group.notes.append("made without an infra container")

    def take_joined(self) -> None:
        for one in self._left():
            root = self._root(one)
            if root is None or one.id in self._of:
                continue
            group = self._of.get(root) or self._without_holder.get(root) or self._of_root(root)
            self._put(group, one)

    def _root(self, one: Seen) -> str | None:
        """Whose network it joins in the end; None if nobody's. Of containers in a ring it is each one's own."""
        seen = {one.id}
        current = one
        while (told := joined(current.network_mode)) is not None:
            id_ = self._resolved(told)
            if id_ in seen:
                return None
            if id_ not in self._all:
                return id_
            seen.add(id_)
            current = self._all[id_]
        return None if current is one else current.id

    def _resolved(self, told: str) -> str:
        """The id of the container that is told by id or by name; that of its successor if it is gone.

        Whoever was made again under the same name is what its members wait for.
        """
        if told in self._all:
            return told
        gone = self._answers.gone.get(told)
        successor = self._by_name.get(gone.name if gone else told)
        return successor or told

    def _of_root(self, root: str) -> Group:
        holder = self._all.get(root)
        listed = holder.listed if holder else self._answers.gone.get(root)
        group = self._added(_named(How.JOINED, listed, f"container {root[:12]}"))
        if holder is not None:
            group.evidence = ("the network of others is its own: container:ID",)
            self._put(group, holder, pause=True)
        else:
            group.notes.append(f"the container whose network it joined is gone ({root[:12]})")
            self._without_holder[root] = group
        return group

    def take_sharing(self, observation: Observation) -> None:
        by_space: dict[NamespaceId, list[Seen]] = defaultdict(list)
        processes = _main_processes(self._all.values(), observation)
        for id_, process in processes.items():
            for kind in _SHARED:
                space = process.namespaces.get(kind)
                if space is not None and not observation.is_hosts(space):
                    by_space[space].append(self._all[id_])
        for together in by_space.values():
            left = [one for one in together if one.id not in self._of]
            if len(together) < 2 or not left:
                continue
            group = next((self._of[one.id] for one in together if one.id in self._of), None)
            if group is None:
                group = self._of_sharing(left, processes)
            for one in left:
                if one.id not in self._of:
                    self._put(group, one)

    def _of_sharing(self, together: list[Seen], processes: Mapping[str, Process]) -> Group:
        first = min(together, key=lambda one: processes[one.id].id.start_ticks)
        holder = next((one for one in together if processes[one.id].name in _PAUSES), None)
        group = self._added(_named(How.SHARED, (holder or first).listed, first.id[:12]))
        if holder is not None:
            group.evidence = (_PAUSES[processes[holder.id].name], "others share its namespaces")
            self._put(group, holder, pause=True)
        else:
            group.notes.append("no pause container: these share namespaces, the kernel says")
        return group

    def take_rest(self) -> None:
        for one in self._left():
            if one.network_mode is None and one.id not in self._answers.failed:
                continue  # it is asked about next, and may belong to another
            self._put(self._added(_named(How.ALONE, one.listed, one.id[:12])), one)

    def _left(self) -> list[Seen]:
        return [one for one in self._answers.containers if one.id not in self._of]

    def _added(self, group: Group) -> Group:
        self.groups.append(group)
        return group

    def _put(self, group: Group, one: Seen, *, pause: bool = False) -> None:
        self._of[one.id] = group
        (group.pauses if pause else group.members).append(one)


def _named(how: How, listed: Listed | None, stand_in: str) -> Group:
    """A pod that is called what its first container is."""
    if listed is None:
        return Group(how, stand_in, stand_in)
    of: Service | None = service(listed)
    if of is None:
        return Group(how, listed.name, listed.name)
    return Group(how, f"{of.project}/{of.name}", of.name, of.project, project=of.project)


def _main_processes(containers: Iterable[Seen], observation: Observation) -> dict[str, Process]:
    """The main processes of those that run, each believed only if its cgroup names the container."""
    found = {}
    for one in containers:
        if one.state is ContainerState.RUNNING and one.detail is not None and one.detail.pid is not None:
            process = observation.processes.get(one.detail.pid)
            if process is not None and not process.zombie and one.id in (process.cgroup or ""):
                found[one.id] = process
    return found

"""Which containers are a pod, and which of them holds it together. Pure.

Asked in this order, each for what is left: kubelet's labels and names; Podman's pods; the containers whose network
others were told to join (``--network container:ID``, Compose's ``network_mode: service:NAME``); the kernel, whose
main processes share a network or ipc namespace that is not the host's. What shares nothing is a pod of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pausetui.backends.docker.answers import Answers, Seen
from pausetui.backends.docker.compose import Service, network_service, service
from pausetui.backends.docker.evidence import main_process
from pausetui.backends.docker.group import Group, How
from pausetui.backends.docker.kubernetes import kubernetes_name
from pausetui.backends.docker.listing import Listed
from pausetui.backends.docker.reading import joined
from pausetui.core.inventory import ContainerState
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.observation import Observation, Process

_SHARED = (NamespaceKind.NET, NamespaceKind.IPC)
_JOINED = "the network of others is its own: container:ID"
_SUCCEEDS = "it has the name, or is the service, of the container whose network others joined, which is gone"
_PAUSES = {"pause": "its process is called pause", "catatonit": "its process is catatonit, Podman's pause"}


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
        newest_last = answers.containers[::-1]
        self._by_service = {of: one.id for one in newest_last if (of := service(one.listed)) is not None}
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
            found = self._root(one)
            if found is None or one.id in self._of:
                continue
            root, told_by = found
            group = self._of.get(root) or self._without_holder.get(root) or self._of_root(root, told_by)
            self._put(group, one)

    def _root(self, one: Seen) -> tuple[str, Seen] | None:
        """Whose network it joins in the end, and who says so; None if nobody's, as of containers in a ring."""
        seen = {one.id}
        current = one
        before = None
        while (told := joined(current.network_mode)) is not None:
            id_ = self._resolved(told, current)
            if id_ in seen:
                return None
            if id_ not in self._all:
                return id_, current
            seen.add(id_)
            before, current = current, self._all[id_]
        return None if before is None else (current.id, before)

    def _resolved(self, told: str, by: Seen) -> str:
        """The id of the container that is told by id or by name; that of its successor if it is gone.

        Whoever was made again under the same name, or as the same service, is what its members wait for.
        """
        if told in self._all:
            return told
        gone = self._answers.gone.get(told)
        successor = self._by_name.get(gone.name if gone else told)
        awaited = network_service(by.listed)
        return successor or (self._by_service.get(awaited) if awaited else None) or told

    def _of_root(self, root: str, told_by: Seen) -> Group:
        holder = self._all.get(root)
        if holder is not None:
            group = self._added(_named(How.JOINED, holder.listed))
            group.evidence = (_JOINED if joined(told_by.network_mode) == root else _SUCCEEDS,)
            self._put(group, holder, pause=True)
            return group
        listed = self._answers.gone.get(root)
        awaited = network_service(told_by.listed) if listed is None else service(listed)
        name = listed.name if listed else f"container {root[:12]}"
        made = _of_service(How.JOINED, awaited) if awaited else Group(How.JOINED, name, name)
        same = (one for one in self._without_holder.values() if one.key == made.key)
        group = next(same, None) or self._added(made)
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
        group = self._added(_named(How.SHARED, (holder or first).listed))
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
            self._put(self._added(_named(How.ALONE, one.listed)), one)

    def _left(self) -> list[Seen]:
        return [one for one in self._answers.containers if one.id not in self._of]

    def _added(self, group: Group) -> Group:
        self.groups.append(group)
        return group

    def _put(self, group: Group, one: Seen, *, pause: bool = False) -> None:
        self._of[one.id] = group
        (group.pauses if pause else group.members).append(one)


def _named(how: How, listed: Listed) -> Group:
    """A pod that is called what its first container is."""
    of = service(listed)
    return _of_service(how, of) if of else Group(how, listed.name, listed.name)


def _of_service(how: How, of: Service) -> Group:
    return Group(how, f"{of.project}/{of.name}", of.name, of.project, project=of.project)


def _main_processes(containers: Iterable[Seen], observation: Observation) -> dict[str, Process]:
    """The main processes of those that run, as far as they are believed."""
    found = {}
    for one in containers:
        if one.state is ContainerState.RUNNING and one.detail is not None:
            process = main_process(one.id, one.detail.pid, one.detail.started_at, observation)
            if process is not None:
                found[one.id] = process
    return found

"""The backend that asks no runtime: pods from /proc alone.

``proc_groups`` concludes what belongs together, ``proc_pause`` which container is the pause, ``proc_records``
what they are called. Here are only the reads that the kernel's observation doesn't have: names.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from pausetui.backends.kubelet_folders import ContainerName, KubeletFolders, PodName
from pausetui.backends.proc_found import FoundContainer, FoundPod
from pausetui.backends.proc_groups import find_pods
from pausetui.backends.proc_keys import PodKeys
from pausetui.backends.proc_naming import Judged, Names
from pausetui.backends.proc_pause import opinions, pause_among
from pausetui.backends.proc_records import records
from pausetui.backends.proc_sandboxes import SETTLED
from pausetui.backends.signalling import by_signal
from pausetui.core.actions import Action
from pausetui.core.inventory import Inventory, Runtime
from pausetui.core.namespaces import NamespaceId
from pausetui.core.observation import Net, Observation, ProcessId
from pausetui.kernel.cgroups import NAMES_NOTHING, CgroupNames, cgroup_path, parse
from pausetui.kernel.host import HostRoot
from pausetui.kernel.signals import CheckedProcess
from pausetui.kernel.uts import hostname_of


class ProcBackend:
    """Pods concluded from what processes share."""

    name = "proc"

    def __init__(self, host: HostRoot) -> None:
        self._host = host
        self._folders = KubeletFolders(host)
        self._hostnames: dict[NamespaceId, str] = {}
        self._keys = PodKeys()
        self._managers: frozenset[Net] = frozenset()
        self._pauses: frozenset[ProcessId] = frozenset()
        self._paused: frozenset[Net | None] = frozenset()

    def inventory(self, observation: Observation) -> Inventory:
        """What can be concluded from this look. It is as old as the look."""
        found = find_pods(observation, self._own_names(), self._managers)
        self._managers = found.managers
        parents = {process.parent for process in observation.processes.values()}
        judged = [self._judge(pod, observation, parents) for pod in found.pods]
        self._pauses = frozenset(each.pause.container.main.id for each in judged if each.pause)
        self._paused = frozenset(each.pod.net for each in judged if each.pause or each.lost_pause)
        return Inventory(
            backend=self.name,
            inventory_at=observation.observed_at,
            runtime=Runtime(self.name, endpoint=self._host.proc),
            pods=records(judged, observation, self._names(observation), self._keys),
        )

    def hints(self, stop: threading.Event) -> Iterator[None]:
        """None: what the kernel hints at is all there is."""
        return iter(())

    def perform(self, action: Action, process: CheckedProcess | None) -> str:
        """Send the signals that the action stands for."""
        return by_signal(action, process)

    def close(self) -> None:
        """Nothing is held."""

    def _judge(self, pod: FoundPod, observation: Observation, parents: set[int]) -> Judged:
        ranked = opinions(pod, observation, parents)
        had_one = pod.net is not None and pod.net in self._paused
        pause = pause_among(ranked, pod, observation, self._pauses, had_one=had_one)
        return Judged(pod, pause, ranked[0], lost_pause=had_one and pause is None)

    def _own_names(self) -> CgroupNames:
        try:
            with open(self._host.join("proc/1/cgroup"), encoding="utf-8", errors="backslashreplace") as file:
                path = cgroup_path(file.read())
        except OSError:
            return NAMES_NOTHING
        return parse(path) if path else NAMES_NOTHING

    def _names(self, observation: Observation) -> Names:
        lived = {process.namespaces.uts for process in observation.processes.values()}
        for uts in [known for known in self._hostnames if known not in lived]:
            del self._hostnames[uts]
        return _NamesOfTheMachine(self._host, self._folders, self._hostnames, observation)


@dataclass(frozen=True, slots=True)
class _NamesOfTheMachine:
    host: HostRoot
    folders: KubeletFolders
    hostnames: dict[NamespaceId, str]
    observation: Observation

    def pod(self, uid: str) -> PodName | None:
        """What kubelet calls the pod."""
        return self.folders.pod(uid)

    def container(self, container_id: str) -> ContainerName | None:
        """What kubelet calls the container."""
        return self.folders.container(container_id)

    def containers_of(self, uid: str) -> tuple[str, ...]:
        """All containers that kubelet made a folder for."""
        return self.folders.containers_of(uid)

    def hostname(self, container: FoundContainer) -> str | None:
        """Asked once for each UTS namespace that has its name; the machine's own name tells nobody apart."""
        uts = container.main.namespaces.uts
        if uts is None or self.observation.is_hosts(uts):
            return None
        found = self.hostnames.get(uts)
        if found is None:
            found = hostname_of(container.main.pid, uts, self.host) or ""
            if self._has_settled(container):
                self.hostnames[uts] = found
        return found if found not in ("", self.observation.node.hostname) else None

    def _has_settled(self, container: FoundContainer) -> bool:
        """A namespace has the name of the one it was made from, until whoever made it gives it another."""
        started = container.main.started_at
        return started is not None and self.observation.observed_at - started > SETTLED

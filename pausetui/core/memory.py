"""The last known facts of things that are away for the moment.

While a pod is remade, its pause container has no process, so no namespaces and no pid. The next snapshot that
has them is compared with what was known last, so that one line can say "netns A → B".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.observation import ProcessId
from pausetui.core.snapshot import Container, Snapshot

SETTLES_IN = timedelta(seconds=3)
"""What comes to a network in so much time after it was first seen is part of its being made."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What was known last, by container key and by pod key.

    Attributes:
        networks: Since when each pod's network namespace is known; None where it was there from the beginning.
    """

    namespaces: Mapping[tuple[str, NamespaceKind], NamespaceId] = field(default_factory=dict)
    processes: Mapping[str, ProcessId] = field(default_factory=dict)
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    networks: Mapping[NamespaceId, datetime | None] = field(default_factory=dict)

    def namespace(self, container: Container, kind: NamespaceKind) -> NamespaceId | None:
        """The namespace of this kind that the container is in, or was in when it was last known."""
        return container.namespaces.get(kind) or self.namespaces.get((container.key, kind))

    def process(self, container: Container) -> ProcessId | None:
        """The container's main process, or the last one it had."""
        return container.process or self.processes.get(container.key)

    def is_settled(self, net: NamespaceId, now: datetime) -> bool:
        """Whether a pod's network has been there for so long that it is no longer being made."""
        since = self.networks.get(net)
        return since is None or now - since >= SETTLES_IN


NOTHING = Memory()


def remember(memory: Memory, snapshot: Snapshot) -> Memory:
    """The memory after this snapshot: facts it has replace those before; pods that are gone are forgotten.

    What the first one has was there from the beginning.
    """
    since = None if memory is NOTHING else snapshot.taken_at
    nets = (pod.net for pod in snapshot.pods)
    networks = {net: memory.networks.get(net, since) for net in nets if net is not None}
    keys = {container.key for pod in snapshot.pods for container in pod.containers()}
    spaces = {key: space for key, space in memory.namespaces.items() if key[0] in keys}
    processes = {key: process for key, process in memory.processes.items() if key in keys}
    pod_keys = {pod.key for pod in snapshot.pods}
    addresses = {key: known for key, known in memory.addresses.items() if key in pod_keys}
    for pod in snapshot.pods:
        if pod.addresses:
            addresses[pod.key] = pod.addresses
        for container in pod.containers():
            for space in container.namespaces.known():
                spaces[container.key, space.kind] = space
            if container.process is not None:
                processes[container.key] = container.process
    return Memory(spaces, processes, addresses, networks)

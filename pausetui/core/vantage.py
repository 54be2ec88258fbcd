"""From where a port of localhost is tried: a container, its network, and who can have a socket there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.observation import ProcessId
from pausetui.core.snapshot import Container, Pod, Snapshot


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that can have a socket: its name, and the container that it is of, "" for from outside."""

    container: str
    name: str


@dataclass(frozen=True, slots=True)
class Vantage:
    """From where a port is tried.

    Attributes:
        pod_key: The pod.
        pod: What it is called.
        container_key: The container whose localhost is meant, or None for the pod's.
        name: What that is called: the container's name, or the pod's.
        net: The network namespace that it is in.
        process: The process through which that is reached.
        orphan: It is a member that is not in the pod's network.
        sharing: Names of the containers in that namespace.
        owners: Who can have a socket in it, by pid.
    """

    pod_key: str
    pod: str
    container_key: str | None
    name: str
    net: NamespaceId
    process: ProcessId
    orphan: bool
    sharing: tuple[str, ...]
    owners: Mapping[int, Owner]

    @property
    def title(self) -> str:
        """ "sidecar of default/web", or "default/web"."""
        return self.name if self.container_key is None else f"{self.name} of {self.pod}"


def vantage(snapshot: Snapshot, pod_key: str, container_key: str | None) -> Vantage | str:
    """From where a container of a pod, or the pod, sees localhost; else why that can't be tried."""
    pod = snapshot.pod(pod_key)
    if pod is None:
        return "this pod is gone"
    one = next((each for each in pod.containers() if each.key == container_key), None)
    if container_key is not None and one is None:
        return f"this container of {pod.title} is gone"
    if one is not None and one.process is None:
        return f"{one.name} is not running"
    net = one.namespaces.net if one is not None else pod.net
    if net is not None and net == snapshot.host.net:
        return f"{(one or pod).name} uses the host's network: its localhost is this machine's own"
    process = next((each.process for each in ([one] if one else pod.containers()) if _is_way(each, net)), None)
    if net is None or process is None:
        return f"no process of {one.name if one else pod.title} is known whose network can be entered"
    return Vantage(
        pod.key,
        pod.title,
        container_key,
        one.name if one else pod.title,
        net,
        process,
        orphan=container_key in pod.orphans,
        sharing=tuple(each.name for each in pod.containers() if each.namespaces.net == net),
        owners=_owners(pod),
    )


def _is_way(container: Container, net: NamespaceId | None) -> bool:
    return container.process is not None and net is not None and container.namespaces.net == net


def _owners(pod: Pod) -> dict[int, Owner]:
    found = {one.id.pid: Owner("", one.name) for one in pod.sharers if NamespaceKind.NET in one.kinds}
    for container in pod.containers():
        found |= {one.id.pid: Owner(container.name, one.name) for one in container.processes}
    return found

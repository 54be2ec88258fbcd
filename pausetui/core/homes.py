"""Where the other ends of the pods' veths are: the network namespaces of whoever made the pods. Pure.

A pod's processes descend from its runtime (containerd-shim, conmon, the lab's supervisor), and the runtime puts the
near end of a pod's veth where it is itself. That is the host's network on most machines; the node's that a private
containerd or a lab lives in; the host's, seen from a container that pausetui runs in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pausetui.core.namespaces import NamespaceId
from pausetui.core.observation import Observation, Process
from pausetui.core.snapshot import Home, Pod

_FIRST = (1, 2)
"""init and kthreadd: one of them can be read where anything of the host's can."""
_DEEPEST = 64


def homes(pods: Iterable[Pod], observation: Observation) -> tuple[Home, ...]:
    """The homes of these pods, and the host's network; never a network of a pod's own."""
    pods = tuple(pods)
    nets = {one.namespaces.net for pod in pods for one in pod.containers()}
    own = nets - {observation.host.net}
    found: dict[NamespaceId, int] = {}
    seen: set[int] = set()
    for process in (*_mains(pods, observation), *_first(observation)):
        for ancestor in _upwards(process, observation, seen):
            net = ancestor.namespaces.net
            if net is not None and net not in own and not ancestor.zombie:
                found.setdefault(net, ancestor.pid)
    return tuple(Home(net, pid) for net, pid in found.items())


def are_there(found: Iterable[Home], observation: Observation) -> bool:
    """Whether the processes that lead to these homes are still in them."""
    processes = ((home.net, observation.processes.get(home.pid)) for home in found)
    return all(one is not None and not one.zombie and one.namespaces.net == net for net, one in processes)


def _mains(pods: Iterable[Pod], observation: Observation) -> Iterator[Process]:
    for pod in pods:
        for container in pod.containers():
            process = observation.process(container.process) if container.process else None
            if process is not None:
                yield process


def _first(observation: Observation) -> Iterator[Process]:
    return (process for pid in _FIRST if (process := observation.processes.get(pid)) is not None)


def _upwards(process: Process, observation: Observation, seen: set[int]) -> Iterator[Process]:
    """A process and its ancestors, up to the first that was seen before."""
    current: Process | None = process
    for _ in range(_DEEPEST):
        if current is None or current.pid in seen:
            return
        seen.add(current.pid)
        yield current
        current = observation.processes.get(current.parent)

"""Looking into the network of one pod, for as long as somebody wants to see it; on a thread that may wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pausetui.core.namespaces import NamespaceKind
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.kernel.host import HostRoot
from pausetui.kernel.processes import ProcFolder
from pausetui.live.looking import Looker

if TYPE_CHECKING:  # a start does without these
    from pausetui.core.network import NetworkView
    from pausetui.kernel.netview import NetworkPlace

EVERY_SECONDS = 2.0
"""How often it looks again while somebody watches."""


@dataclass(frozen=True, slots=True)
class Inside:
    """The network of a pod: what was seen last, and the time before."""

    pod_key: str
    view: NetworkView
    before: NetworkView | None = None


def place_of(pod: Pod) -> NetworkPlace | None:
    """How to get into a pod's network; None where it has none of its own that is known."""
    from pausetui.kernel.netview import NetworkPlace

    net = pod.net
    if pod.host_network or net is None:
        return None
    pids = tuple(
        process.id.pid
        for container in pod.containers()
        if container.namespaces.net == net
        for process in container.processes
        if not process.zombie and all(space.kind is not NamespaceKind.NET for space in process.differs)
    )
    outside = tuple(sharer.id.pid for sharer in pod.sharers if NamespaceKind.NET in sharer.kinds)
    return NetworkPlace(net, next(iter(pids), None), members=(*pids, *outside))


def networks_of(host: HostRoot, snapshot: Snapshot) -> Mapping[str, NetworkView]:
    """The networks of all pods, by pod key; blocks for about a millisecond each."""
    from pausetui.kernel.netview import inspect_networks

    places = {pod.key: place for pod in snapshot.pods if (place := place_of(pod)) is not None}
    views = inspect_networks(ProcFolder(host.proc), tuple(places.values()))
    return {key: views[place.net] for key, place in places.items()}


class InsideWorker(Looker[str]):
    """Looks into one pod every two seconds. ``newest`` is what it saw last."""

    def __init__(self, host: HostRoot, snapshot: Callable[[], Snapshot | None], seen: Callable[[], None]) -> None:
        super().__init__("pausetui-inside", EVERY_SECONDS)
        self._proc = ProcFolder(host.proc)
        self._snapshot = snapshot
        self._seen = seen
        self.newest: Inside | None = None

    def look(self, wanted: str) -> None:
        """Look into the pod with this key."""
        from pausetui.kernel.netview import inspect_networks

        snapshot = self._snapshot()
        pod = snapshot.pod(wanted) if snapshot else None
        place = place_of(pod) if pod else None
        if place is None:
            return
        view = inspect_networks(self._proc, (place,))[place.net]
        last = self.newest
        self.newest = Inside(wanted, view, last.view if last and last.pod_key == wanted else None)
        self._seen()

"""Looking into the network of one pod, for as long as somebody wants to see it; on a thread that may wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.observation import Net
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


def homes(snapshot: Snapshot) -> tuple[NetworkPlace, ...]:
    """The networks in which the other ends of the pods' veths may be: the ``near`` of ``inspect_networks``."""
    from pausetui.kernel.netview import NetworkPlace

    return tuple(NetworkPlace(home.net, home.pid) for home in snapshot.homes)


def place_of(pod: Pod, ways_in: Mapping[NamespaceId, str]) -> NetworkPlace | None:
    """How to get into a pod's network; None where it has none of its own that is known.

    Args:
        pod: The pod.
        ways_in: Where pinned networks can be opened from here, for one that no process is in.
    """
    from pausetui.kernel.netview import NetworkPlace

    pinned = (pin.namespace for pin in pod.pins if pin.kind is NamespaceKind.NET and pin.namespace is not None)
    net = pod.net or next(pinned, None)
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
    return NetworkPlace(net, next(iter(pids), None), ways_in.get(net), members=(*pids, *outside))


def networks_of(host: HostRoot, snapshot: Snapshot) -> Mapping[str, NetworkView]:
    """The networks of all pods, by pod key; blocks for about a millisecond each."""
    places = {pod.key: place for pod in snapshot.pods if (place := place_of(pod, snapshot.ways_in)) is not None}
    views = _inspected(ProcFolder(host.proc), tuple(places.values()), snapshot)
    return {key: views[place.net] for key, place in places.items()}


def _inspected(proc: ProcFolder, places: tuple[NetworkPlace, ...], snapshot: Snapshot) -> dict[Net, NetworkView]:
    from pausetui.core.network import with_host
    from pausetui.kernel.netview import inspect_networks

    views = inspect_networks(proc, places, near=homes(snapshot))
    return {net: with_host(view, snapshot.host.net) for net, view in views.items()}


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
        snapshot = self._snapshot()
        pod = snapshot.pod(wanted) if snapshot else None
        place = place_of(pod, snapshot.ways_in) if snapshot and pod else None
        if snapshot is None or place is None:
            return
        view = _inspected(self._proc, (place,), snapshot)[place.net]
        last = self.newest
        self.newest = Inside(wanted, view, last.view if last and last.pod_key == wanted else None)
        self._seen()

"""Finding out what keeps namespaces alive, for as long as somebody wants to see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pausetui.core import nobodys
from pausetui.core.namespaces import NamespaceId
from pausetui.core.snapshot import Pod, Snapshot, Unclaimed
from pausetui.kernel.host import HostRoot
from pausetui.kernel.processes import ProcFolder
from pausetui.live.looking import Looker

if TYPE_CHECKING:  # a start does without these
    from pausetui.core.holding import Holding
    from pausetui.kernel.places import Place

EVERY_SECONDS = 4.0
"""How often it looks again while somebody watches, at most."""


@dataclass(frozen=True, slots=True)
class Held:
    """What keeps each namespace alive that was asked for and is not the host's, as it was seen last.

    Attributes:
        key: Of the pod whose they are, or of the one that is nobody's (``core.nobodys.key``, ``ALL``).
    """

    key: str
    holdings: Mapping[NamespaceId, Holding]


def holdings_of(host: HostRoot, snapshot: Snapshot) -> Mapping[NamespaceId, Holding]:
    """What keeps every namespace alive that is not the host's; blocks for about 50 ms with 300 processes."""
    from pausetui.kernel.holding import find_holders

    places = _nobodys(host, snapshot, snapshot.unclaimed) | _places(host, snapshot, snapshot.pods)
    return find_holders(ProcFolder(host.proc), tuple(places.values()), _pins(snapshot))


class HoldingWorker(Looker[str]):
    """Finds out what holds the namespaces of one pod, or one of nobody's. ``newest`` is what it saw last."""

    def __init__(self, host: HostRoot, snapshot: Callable[[], Snapshot | None], seen: Callable[[], None]) -> None:
        super().__init__("pausetui-holding", EVERY_SECONDS)
        self._host = host
        self._snapshot = snapshot
        self._seen = seen
        self.newest: Held | None = None

    def look(self, wanted: str) -> None:
        """Look at the namespaces of the pod with this key and at all of nobody's, or at these alone."""
        from pausetui.kernel.holding import find_holders

        snapshot = self._snapshot()
        places = _wanted(self._host, snapshot, wanted) if snapshot else {}
        if snapshot is None or not places:
            return
        with suppress(OSError):  # the feed says so, too, if /proc itself can't be read
            proc = ProcFolder(self._host.proc)
            found = Held(wanted, find_holders(proc, tuple(places.values()), _pins(snapshot)))
            if found != self.newest:
                self.newest = found
                self._seen()


def _pins(snapshot: Snapshot) -> frozenset[str]:
    of_pods = (pin.path for pod in snapshot.pods for pin in pod.pins)
    return frozenset((*of_pods, *(path for one in snapshot.unclaimed for path in one.paths)))


def _wanted(host: HostRoot, snapshot: Snapshot, key: str) -> dict[NamespaceId, Place]:
    pod = snapshot.pod(key)
    if pod is not None:
        return _nobodys(host, snapshot, snapshot.unclaimed) | _places(host, snapshot, (pod,))
    return _nobodys(host, snapshot, (one for one in snapshot.unclaimed if key in (nobodys.key(one), nobodys.ALL)))


def _nobodys(host: HostRoot, snapshot: Snapshot, unclaimed: Iterable[Unclaimed]) -> dict[NamespaceId, Place]:
    places = {}
    for one in unclaimed:
        path = one.paths[0]
        pid = one.elsewhere.get(path)
        here = f"/proc/{pid}/root{path}" if pid is not None else path
        places[one.namespace] = _pinned(host, snapshot, one.namespace, here)
    return places


def _places(host: HostRoot, snapshot: Snapshot, pods: Iterable[Pod]) -> dict[NamespaceId, Place]:
    """Every namespace of these pods that is not the host's, through a process in it."""
    from pausetui.kernel.places import Place

    places: dict[NamespaceId, Place] = {}
    for pod in pods:
        for container in pod.containers():
            for process in container.processes:
                if process.zombie:
                    continue
                others = {space.kind: space for space in process.differs}
                for space in container.namespaces.known():
                    own = others.get(space.kind, space)
                    if own != snapshot.host.get(own.kind):
                        places.setdefault(own, Place(own, process.id.pid))
        for pin in pod.pins:
            if pin.namespace is not None:
                places.setdefault(pin.namespace, _pinned(host, snapshot, pin.namespace, pin.path))
    return places


def _pinned(host: HostRoot, snapshot: Snapshot, namespace: NamespaceId, path: str) -> Place:
    """A pinned namespace; the path is that in the mount namespace of the pin, which may not be ours."""
    from pausetui.kernel.places import Place

    return Place(namespace, pin=snapshot.ways_in.get(namespace, host.join(path)))

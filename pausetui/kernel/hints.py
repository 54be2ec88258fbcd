"""What wakes us: one descriptor that is readable when something may have happened. Never what happened.

* deaths of processes that may belong to pods (pidfds),
* births: programs started in a pod (the process connector, where there is one),
* mounts and unmounts where we are and where pid 1 is,
* links, addresses and routes here and in every network that has an id here or in another home (``netevents``).

Each is absent where the kernel doesn't give it; the timer of whoever waits covers for it.
"""

from __future__ import annotations

import os
import select
from collections.abc import Mapping
from dataclasses import dataclass

from pausetui.core.namespaces import NamespaceId
from pausetui.kernel.births import Births
from pausetui.kernel.birthwatch import BirthWatch
from pausetui.kernel.deaths import DeathWatch
from pausetui.kernel.mountwatch import MountWatch
from pausetui.kernel.netevents import NOTHING_HEARD, Ear, Heard, NetworkEvents
from pausetui.kernel.netns import Visitor
from pausetui.kernel.places import Place
from pausetui.kernel.processes import ProcFolder


@dataclass(slots=True)
class Pending:
    """What the hints since the last look were about."""

    started: set[int]
    mounts: bool = False
    networks: Heard = NOTHING_HEARD


class Hints:
    """All hints of the kernel behind one descriptor."""

    def __init__(self, proc: ProcFolder, deaths: DeathWatch, *, ours: bool) -> None:
        """``ours``: the pids of this /proc are those of our system calls; else there are only network events."""
        self._proc = proc
        self._deaths = deaths
        self._own_links = _links(proc, os.getpid()) if ours else frozenset()
        self._quiet_links = self._own_links
        self._births = BirthWatch(Births() if ours else Births(lambda: ""), self._may_be_in_pod)
        self._mounts = tuple(MountWatch(f"{proc.path}/{place}/mountinfo") for place in _mount_places(proc, ours))
        self._networks = NetworkEvents()
        self._pending = Pending(set())
        self._epoll = select.epoll()
        self._epoll.register(deaths.fileno(), select.EPOLLIN)
        self._epoll.register(self._births.fileno(), select.EPOLLIN)
        for descriptor, event in (
            *((watch.fileno(), select.EPOLLPRI) for watch in self._mounts),
            (self._networks.fileno(), select.EPOLLIN),
        ):
            if descriptor is not None:
                self._epoll.register(descriptor, event)

    @property
    def births_are_hinted(self) -> bool:
        """Whether a program that starts in a pod wakes us."""
        return self._births.available

    @property
    def ears(self) -> frozenset[Ear]:
        """A change in a network that has an id in one of these wakes us; None is our own."""
        return self._networks.ears

    def listen_in(self, homes: Mapping[NamespaceId, Place], visitor: Visitor) -> None:
        """Listen in these, too, and in none that was named before."""
        for descriptor in self._networks.listen_in(homes, self._proc, visitor):
            self._epoll.register(descriptor, select.EPOLLIN)

    def fileno(self) -> int:
        """Readable when there is a hint."""
        return self._epoll.fileno()

    def tell_host(self, labels: frozenset[bytes]) -> None:
        """The host's own namespaces: a program that starts in none but these wakes nobody.

        Nor does one in ours, which may be a container's: what we start to ask a runtime would wake us to ask again.
        """
        self._quiet_links = labels | self._own_links

    def drain(self) -> bool:
        """Consume all hints.

        Returns:
            Whether a runtime may know of something new, too. Of what changes in a network only the kernel knows;
            but where births are not hinted, a link that came here may be that of a new pod.
        """
        died = self._deaths.note_waking()
        started, missed = self._births.collect()
        mounts = sum(watch.changed() for watch in self._mounts) > 0
        heard = self._networks.collect()
        # Spent events are only dropped from the epoll's list when it is asked.
        self._epoll.poll(0)
        before = self._pending
        self._pending = Pending(before.started | started, before.mounts or mounts, before.networks | heard)
        wired = (heard.here or heard.all) and not self._births.available
        return died or bool(started) or missed or mounts or wired

    def take(self) -> Pending:
        """What the hints since the last call were about, for the look that follows them."""
        self.drain()
        pending, self._pending = self._pending, Pending(set())
        return pending

    def close(self) -> None:
        """Let go of everything."""
        self._epoll.close()
        self._births.close()
        for watch in self._mounts:
            watch.close()
        self._networks.close()

    def _may_be_in_pod(self, pid: int) -> bool:
        """Runs on the thread of the births."""
        try:
            labels = self._proc.labels(pid)
        except PermissionError:
            return len(self._proc.namespace_pids(pid)) > 1
        return labels is not None and not self._quiet_links.issuperset(label for label in labels if label)


def _links(proc: ProcFolder, pid: int) -> frozenset[bytes]:
    try:
        return frozenset(label for label in proc.labels(pid) or () if label)
    except PermissionError:
        return frozenset()


def _mount_places(proc: ProcFolder, ours: bool) -> tuple[str, ...]:
    """Whose mounts are watched: our own and, in a container, those of the machine, where runtimes pin."""
    try:
        apart = os.readlink(f"{proc.path}/1/ns/mnt") != os.readlink("/proc/self/ns/mnt")
    except OSError:
        apart = False
    return (*(("self",) if ours else ()), *(("1",) if apart else ()))

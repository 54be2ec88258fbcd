"""The kernel as the feed sees it: look, be woken, open a target."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

from pausetui.core.actions import Target
from pausetui.core.hidden import RUN_AS_ROOT
from pausetui.core.namespaces import IdentifiedBy, NamespaceId, NamespaceKind
from pausetui.core.observation import Observation, Problem
from pausetui.core.snapshot import Home
from pausetui.errors import CannotLook, UsageError
from pausetui.kernel.discovery import Discovery
from pausetui.kernel.hints import Hints
from pausetui.kernel.host import HostRoot
from pausetui.kernel.marked import MarkedNetworks
from pausetui.kernel.networks import Networks
from pausetui.kernel.node import read_node
from pausetui.kernel.places import Place
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.rights import why_refused
from pausetui.kernel.signals import CheckedProcess
from pausetui.kernel.targets import open_target
from pausetui.kernel.vitals import VitalsSampler

IDENTITY_VARIABLE = "PAUSETUI_NS_IDENTITY"
"""Forces one way of identifying namespaces: ns_id, cookie, mntns_id or generation."""

_INIT = 1


class Observer:
    """One observer of one machine. Used on one thread at a time; keeps nothing of a pod alive."""

    def __init__(
        self,
        host: HostRoot | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        identity: str | None = None,
    ) -> None:
        """Get ready to look; nothing is read of any process yet.

        Args:
            host: Where the machine's files are.
            now: The clock of ``Observation.observed_at``.
            identity: How namespaces are identified, instead of the best way there is; by default what
                ``PAUSETUI_NS_IDENTITY`` says.

        Raises:
            UsageError: There is no such way.
        """
        self._now = now
        forced = _forced(identity or os.environ.get(IDENTITY_VARIABLE))
        self._found = Discovery(ProcFolder((host or HostRoot()).proc), forced, with_details=True)
        self._marked = MarkedNetworks(self._found.proc, self._found.scan.marks)
        self._vitals = VitalsSampler(self._found.proc)
        self._hints = Hints(self._found.proc, self._found.deaths, ours=self._found.not_ours is None)
        self._networks = Networks(self._found.proc, self._found.visitor)
        self._homes: tuple[Home, ...] | None = None
        self.listen_in(())
        self._node = read_node(self._found.proc)

    def observe(self) -> Observation:
        """Look at everything once.

        Raises:
            CannotLook: ``/proc`` itself can't be read.
        """
        now = time.monotonic()
        pending = self._hints.take()
        self._found.scan.look_at(pending.started)
        try:
            self._found.look()
        except OSError as error:
            raise CannotLook(f"listing {self._found.proc.path}", str(error.strerror)) from error
        self._hints.tell_host(frozenset(one.label.encode() for one in self._found.host.value.known()))
        self._found.pins.look(now, self._watched_mounts() if pending.mounts else ())
        places = self._places()
        self._networks.look(places, now, pending.networks)
        readable = {namespace: place.pid for namespace, place in places.items()}
        self._marked.look(readable, self._found.host.value.net, now)
        self._found.scan.look_at(self._vitals.look(self._found.scan.pods, self._found.scan.processes, now))
        return Observation(
            observed_at=self._now(),
            node=self._node,
            host=self._found.host.value,
            processes=self._found.scan.processes,
            vitals=self._vitals.value,
            pins=self._found.pins.value,
            networks=self._networks.value,
            problems=self._problems(),
            read_only_because=self._found.not_ours,
            hidden=len(self._found.scan.hidden),
            host_mark=self._marked.host,
            known_marks=self._marked.known,
            marked_networks=self._marked.value,
            ways_in=self._found.pins.ways_in,
        )

    def listen_in(self, homes: tuple[Home, ...]) -> None:
        """Hear from now on also what changes in the pods whose veths end in one of these homes, and in no others.

        One socket is kept in each but our own, until it is not named any more; a home must not be a pod's network.
        """
        if homes == self._homes:
            return
        self._homes = homes
        own = os.stat("/proc/thread-self/ns/net").st_ino
        places = {home.net: Place(home.net, home.pid) for home in homes if home.net.inode != own}
        self._hints.listen_in(places, self._found.visitor)
        self._networks.hear_in({ear: places[ear] if ear is not None else None for ear in self._hints.ears})

    @property
    def births_are_hinted(self) -> bool:
        """Whether a program that starts in a pod makes ``fileno`` readable."""
        return self._hints.births_are_hinted

    def fileno(self) -> int:
        """A descriptor that is readable when it may be worth looking; ``drain`` makes it quiet again."""
        return self._hints.fileno()

    def drain(self) -> bool:
        """Consume the hints that there are. True if a runtime may know of something new, too."""
        return self._hints.drain()

    def open_target(self, target: Target) -> CheckedProcess:
        """Open the very process that an action is for.

        Raises:
            ActionRefused: It is gone, is another process now, has moved, or must not be touched.
        """
        return open_target(target, self._found.scan, self._found.proc, self._found.not_ours)

    def close(self) -> None:
        """Let go of everything."""
        self._hints.close()
        self._networks.close()
        self._found.close()

    def _watched_mounts(self) -> tuple[NamespaceId, ...]:
        places = (self._found.ledger.namespaces(pid).mnt for pid in (os.getpid(), _INIT))
        return tuple(mnt for mnt in places if mnt is not None)

    def _places(self) -> dict[NamespaceId, Place]:
        holders: dict[NamespaceId, list[int]] = {}
        for spaces, holder in self._found.ledger.groups():
            if spaces.net is not None and spaces.net != self._found.host.value.net:
                holders.setdefault(spaces.net, []).append(holder)
        places = {
            net: Place(net, min(some, key=self._started), self._found.pins.path(net.label.encode()))
            for net, some in holders.items()
        }
        for pin in self._found.pins.value:
            namespace = pin.namespace
            if namespace.kind is NamespaceKind.NET and namespace != self._found.host.value.net:
                places.setdefault(
                    namespace, Place(namespace, None, self._found.pins.path(namespace.label.encode()))
                )
        return places

    def _started(self, holder: int) -> float:
        """When a process started: who was there first stays longest, and a thread counts last."""
        process = self._found.scan.processes.get(holder)
        return process.id.start_ticks if process is not None else float("inf")

    def _problems(self) -> tuple[Problem, ...]:
        problems = []
        if self._found.scan.hidden:
            # Without their number, which changes all the time: that would be a change in every timeline.
            what = "namespaces of some processes"
            problems.append(Problem("kernel", what, *why_refused(self._found.proc)))
        if self._found.not_ours is None and _INIT not in self._found.processes:
            # Every pid namespace has a pid 1; where it isn't listed, others aren't either.
            why = f"{self._found.proc.path} is mounted with hidepid"
            problems.append(Problem("kernel", "other users' processes", why, RUN_AS_ROOT))
        return tuple(problems)


def _forced(name: str | None) -> IdentifiedBy | None:
    if not name:
        return None
    try:
        return IdentifiedBy(name)
    except ValueError:
        known = ", ".join(IdentifiedBy)
        raise UsageError(
            f"identifying namespaces by {name!r}", "there is no such way", f"Choose one of: {known}."
        ) from None

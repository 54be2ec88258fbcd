"""The kernel as the feed sees it: look, be woken, open a target."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

from pausetui.core.actions import Target
from pausetui.core.namespaces import IdentifiedBy, NamespaceId, NamespaceKind
from pausetui.core.observation import Observation, Problem
from pausetui.errors import CannotLook, UsageError
from pausetui.kernel.clock import BootClock
from pausetui.kernel.deaths import DeathWatch
from pausetui.kernel.hints import Hints
from pausetui.kernel.host import HostRoot
from pausetui.kernel.hosts import HostNamespaces
from pausetui.kernel.ledger import Ledger
from pausetui.kernel.netns import Visitor
from pausetui.kernel.networks import Networks, Place, read_cookie
from pausetui.kernel.node import read_node
from pausetui.kernel.nsfs import IdentityReader
from pausetui.kernel.ownership import why_not_ours
from pausetui.kernel.pins import Pins
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.scan import Scan
from pausetui.kernel.signals import CheckedProcess
from pausetui.kernel.targets import open_target
from pausetui.kernel.vitals import VitalsSampler

IDENTITY_VARIABLE = "PAUSETUI_NS_IDENTITY"
"""Forces one way of identifying namespaces: ns_id, cookie, mntns_id or generation."""


class Observer:
    """One observer of one machine. Used on one thread at a time; keeps nothing of a pod alive."""

    births_are_hinted = False

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
        self._proc = ProcFolder((host or HostRoot()).proc)
        self._not_ours = why_not_ours(self._proc)
        ours = self._not_ours is None
        self._visitor = Visitor()
        reader = IdentityReader(_forced(identity or os.environ.get(IDENTITY_VARIABLE)), self._cookie)
        self._ledger = Ledger(
            self._proc, reader, same=lambda pid: self._scan.is_same(pid), recheck_pins=lambda: self._pins.read()
        )
        self._deaths = DeathWatch(enabled=ours)
        self._host = HostNamespaces(self._ledger, os.getpid() if ours else None)
        self._scan = Scan(self._proc, self._ledger, self._deaths, self._host, BootClock(self._proc, ours))
        self._pins = Pins(self._proc, self._ledger, reader)
        self._networks = Networks(self._proc, self._visitor)
        self._vitals = VitalsSampler(self._proc)
        self._hints = Hints(self._deaths)
        self._node = read_node(self._proc)

    def observe(self) -> Observation:
        """Look at everything once.

        Raises:
            CannotLook: ``/proc`` itself can't be read.
        """
        now = time.monotonic()
        try:
            self._scan.look()
        except OSError as error:
            raise CannotLook(f"listing {self._proc.path}", str(error.strerror)) from error
        self._pins.look(now, hinted=False)
        self._networks.look(self._places(), now)
        self._scan.look_at(self._vitals.look(self._scan.pods, self._scan.processes, now))
        return Observation(
            observed_at=self._now(),
            node=self._node,
            host=self._host.value,
            processes=self._scan.processes,
            vitals=self._vitals.value,
            pins=self._pins.value,
            networks=self._networks.value,
            problems=self._problems(),
            read_only_because=self._not_ours,
            hidden=len(self._scan.hidden),
        )

    def fileno(self) -> int:
        """A descriptor that is readable when it may be worth looking; ``drain`` makes it quiet again."""
        return self._hints.fileno()

    def drain(self) -> bool:
        """Consume the hints that there are. True if looking is worth it."""
        return self._hints.drain()

    def open_target(self, target: Target) -> CheckedProcess:
        """Open the very process that an action is for.

        Raises:
            ActionRefused: It is gone, is another process now, has moved, or must not be touched.
        """
        return open_target(target, self._scan, self._proc, self._not_ours)

    def close(self) -> None:
        """Let go of everything."""
        self._hints.close()
        self._deaths.close()
        self._visitor.close()

    def _places(self) -> dict[NamespaceId, Place]:
        places = {
            spaces.net: Place(spaces.net, holder, self._pins.path(spaces.net.label))
            for spaces, holder in self._ledger.groups()
            if spaces.net is not None and spaces.net != self._host.value.net
        }
        for pin in self._pins.value:
            namespace = pin.namespace
            if namespace.kind is NamespaceKind.NET and namespace != self._host.value.net:
                places.setdefault(namespace, Place(namespace, None, self._pins.path(namespace.label)))
        return places

    def _problems(self) -> tuple[Problem, ...]:
        hidden = len(self._scan.hidden)
        if not hidden:
            return ()
        whose = "1 process" if hidden == 1 else f"{hidden} processes"
        return (Problem("kernel", f"namespaces of {whose}", "Permission denied", "run as root"),)

    def _cookie(self, descriptor: int) -> int | None:
        (answer,) = self._visitor.visit([lambda: os.dup(descriptor)], read_cookie)
        return None if isinstance(answer, OSError) else answer


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

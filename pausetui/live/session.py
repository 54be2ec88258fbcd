"""A running session: the feed, its workers and its memory behind four methods."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pausetui.backends.base import Backend
from pausetui.backends.switch import Switch
from pausetui.core.actions import Action, Offer
from pausetui.core.observation import ProcessId
from pausetui.errors import ActionRefused, CannotLook
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from pausetui.kernel.processes import ProcFolder
from pausetui.live.feed import EventListener, Feed, Listener
from pausetui.live.journal import Journal
from pausetui.live.picture import Choice

if TYPE_CHECKING:  # a start does without it
    from pausetui.core.doctor.finding import CheckUp
    from pausetui.core.network import NetworkView
    from pausetui.core.probe_telling import Asked, Probed
    from pausetui.core.vantage import Vantage

STOP_SECONDS = 1.0
"""How long ``stop`` waits for the feed to end."""


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class LiveSession:
    """``live.picture.Session`` on a real backend and the real kernel.

    Args:
        backend: Where the names come from. The session closes it.
        observer: Who asks the kernel. The session closes it; nobody else may use it meanwhile.
        read_only: Refuse every action.
        now: The clock, UTC.
        on_events: Called on the feed thread with the changes of each look that had any, before the picture.
        journal: Where actions are put on record.
        host: The machine, for what is read of it beside backend and kernel.
    """

    def __init__(
        self,
        backend: Backend,
        observer: Observer,
        *,
        read_only: bool = False,
        now: Callable[[], datetime] = utc_now,
        on_events: EventListener | None = None,
        journal: Journal | None = None,
        host: HostRoot | None = None,
    ) -> None:
        self._host = host or HostRoot()
        self._backend = backend
        self._observer = observer
        self._read_only = read_only
        self._now = now
        self._on_events = on_events
        self._journal = journal or Journal(now=now)
        self._numbers = itertools.count(1)
        self._feed: Feed | None = None

    def start(self, listener: Listener) -> None:
        """Begin to look. ``listener`` is called on the feed thread for each new picture."""
        self._feed = Feed(
            self._backend,
            self._observer,
            listener,
            read_only=self._read_only,
            now=self._now,
            journal=self._journal,
            on_events=self._on_events,
            host=self._host,
        )
        self._feed.start()

    def look_now(self) -> None:
        """Ask the runtime and the kernel again now."""
        if self._feed is not None:
            self._feed.look_now()

    def submit(self, offer: Offer) -> Action:
        """Carry out what was confirmed.

        Raises:
            ActionRefused: The session is read-only or not running.
        """
        if self._read_only:
            raise ActionRefused(offer.title, "pausetui runs read-only")
        if self._feed is None:
            raise ActionRefused(offer.title, "the session is not running")
        action = Action(
            self._number(),
            offer.kind,
            offer.pod_key,
            offer.container_key,
            offer.subject,
            offer.target,
            offer.runtime_id,
            offer.grace_seconds,
            offer.members,
        )
        self._feed.submit(action, offer)
        return action

    def look_into(self, pod_key: str | None) -> None:
        """Look into the network of this pod, too, from now on."""
        if self._feed is not None:
            self._feed.look_into(pod_key)

    def look_for_holders(self, key: str | None) -> None:
        """Find out what holds the namespaces of this pod, or this one of nobody's, from now on."""
        if self._feed is not None:
            self._feed.look_for_holders(key)

    def is_there(self, process: ProcessId) -> bool:
        """Whether this very process still runs."""
        stat = ProcFolder(self._host.proc).stat(process.pid)
        return stat is not None and stat.start_ticks == process.start_ticks

    def choices(self) -> tuple[Choice, ...]:
        """The backends it could use; () if it was given only one."""
        switch = self._backend
        if not isinstance(switch, Switch):
            return ()
        return tuple(Choice(one.name, one.text, one.name == switch.name) for one in switch.known())

    def use(self, name: str) -> None:
        """Use this backend from now on."""
        if isinstance(self._backend, Switch):
            self._backend.use(name)
            self.look_now()

    def check_up(self, namespace: str | None) -> CheckUp:
        """Look for what is wrong; takes two to seven seconds, more where the runtime is slow.

        Raises:
            CannotLook: The session is not running, or has not seen anything yet.
        """
        from pausetui.live.checkup import check_up

        feed = self._feed
        if feed is None:
            raise CannotLook("looking for what is wrong", "the session is not running")
        return check_up(self._host, feed.look_and_wait, namespace)

    def look_from(self, seen: Vantage) -> NetworkView:
        """The network that a port would be tried in."""
        from pausetui.live.probing import look_from

        return look_from(ProcFolder(self._host.proc), seen)

    def probe(self, seen: Vantage, asked: Asked) -> Probed:
        """Try a port of localhost from there.

        Raises:
            ActionRefused: The session is read-only, or the process through which the network is reached has ended.
        """
        from pausetui.live.probing import try_port

        if self._read_only:
            raise ActionRefused(str(asked), "pausetui runs read-only")
        return try_port(ProcFolder(self._host.proc), self._journal, self._number(), seen, asked)

    def _number(self) -> str:
        return f"{self._now():%Y%m%dT%H%M%SZ}-{os.getpid()}-{next(self._numbers)}"

    def stop(self) -> None:
        """End the session; returns within a second, whatever the runtime does."""
        if self._feed is not None:
            self._feed.end()
            self._feed.join(STOP_SECONDS)
            self._feed = None

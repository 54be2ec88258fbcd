"""The one thread that looks: it waits for hints, asks the kernel, joins, compares and tells.

It never waits for a runtime: the inventory comes from a worker, and a death is shown at once from the last one.
"""

from __future__ import annotations

import contextlib
import os
import queue
import selectors
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pausetui import __version__
from pausetui.backends.base import Backend
from pausetui.core.actions import Action, ActionOutcome, Offer
from pausetui.core.changes import ChangeKind, Event
from pausetui.core.inventory import Inventory, Runtime
from pausetui.core.join import join
from pausetui.core.observation import Node, Observation, Problem
from pausetui.core.rejoin import Joiner
from pausetui.core.snapshot import Snapshot
from pausetui.errors import ActionRefused, CannotLook
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from pausetui.live.holding import HoldingWorker
from pausetui.live.inside import InsideWorker
from pausetui.live.journal import Journal
from pausetui.live.pace import GATHERED_FOR, HUNG_AFTER, Pace
from pausetui.live.picture import Picture
from pausetui.live.store import Store
from pausetui.live.workers import ActionWorker, HintListener, InventoryWorker

Listener = Callable[[Picture], None]
EventListener = Callable[[tuple[Event, ...]], None]

LOOK_SECONDS = 3.0
"""How long somebody who waits for a look waits for the runtime."""
LOOK_GAP = 0.1
OF_A_NETWORK = frozenset({ChangeKind.ADDRESS_CHANGED, ChangeKind.LINK_CHANGED, ChangeKind.ROUTE_CHANGED})
"""What makes a view into the pod's network old."""


class Feed(threading.Thread):
    """Looks until it is told to end. Everything but its methods runs on its own thread."""

    def __init__(
        self,
        backend: Backend,
        observer: Observer,
        listener: Listener,
        *,
        read_only: bool,
        now: Callable[[], datetime],
        journal: Journal,
        on_events: EventListener | None = None,
        host: HostRoot | None = None,
    ) -> None:
        super().__init__(name="pausetui-feed", daemon=True)
        self._backend = backend
        self._observer = observer
        self._listener = listener
        self._read_only = read_only
        self._now = now
        self._journal = journal
        self._on_events = on_events
        self._store = Store()
        self._joiner = Joiner()
        self._pace = Pace(hinted=observer.births_are_hinted)
        self._ending = threading.Event()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._wake_lock = threading.Lock()
        self._submitted: queue.SimpleQueue[tuple[Action, Offer]] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[ActionOutcome] = queue.SimpleQueue()
        self._acted: dict[str, Action] = {}
        self._inventories = InventoryWorker(backend, now, self._answered)
        self._actions = ActionWorker(backend, now, self.wake, self._done)
        self._hints = HintListener(backend, self.look_now)
        self._inside = InsideWorker(host or HostRoot(), lambda: self._store.snapshot, self.wake)
        self._holding = HoldingWorker(host or HostRoot(), lambda: self._store.snapshot, self.wake)
        self._workers = (self._inventories, self._actions, self._hints, self._inside, self._holding)

    def wake(self) -> None:
        """Look at the kernel soon. Safe on any thread, and after the end."""
        with self._wake_lock:
            if self._wake >= 0:
                os.eventfd_write(self._wake, 1)

    def look_now(self) -> None:
        """Ask the runtime, too. Safe on any thread."""
        self._pace.want_ask = True
        self.wake()

    def look_and_wait(self) -> Snapshot:
        """A snapshot for which the runtime was asked from now on, or the newest where it is slow. On no own thread.

        Raises:
            CannotLook: There is none.
        """
        asked, patience = self._now(), time.monotonic() + LOOK_SECONDS
        while (snapshot := self._store.snapshot) is None or not _is_since(snapshot, asked):
            if time.monotonic() > patience or self._ending.is_set():
                break
            self.look_now()
            time.sleep(LOOK_GAP)
        if snapshot is None:
            raise CannotLook("looking at this machine", f"nothing was seen in {LOOK_SECONDS:.0f} s")
        return snapshot

    def look_into(self, pod_key: str | None) -> None:
        """Look into the network of this pod, too, or of none. Safe on any thread."""
        self._inside.want(pod_key)

    def look_for_holders(self, key: str | None) -> None:
        """Find out what holds the namespaces of this pod, or this one of nobody's, or none. Safe on any thread."""
        self._holding.want(key)

    def submit(self, action: Action, offer: Offer) -> None:
        """Check the target again, then carry the action out. Safe on any thread."""
        self._submitted.put((action, offer))
        self.wake()

    def end(self) -> None:
        """End soon. Safe on any thread."""
        self._ending.set()
        self.wake()

    def run(self) -> None:
        """The thread's life."""
        for worker in self._workers:
            worker.start()
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake, selectors.EVENT_READ)
            selector.register(self._observer.fileno(), selectors.EVENT_READ)
            while not self._ending.is_set():
                self._guarded(selector)
        for worker in self._workers:
            worker.stop()
        with self._wake_lock:
            os.close(self._wake)
            self._wake = -1
        self._observer.close()
        self._backend.close()

    def _guarded(self, selector: selectors.BaseSelector) -> None:
        try:
            self._await_reason(selector)
            if not self._ending.is_set():
                self._look()
        except Exception as error:  # noqa: BLE001 - the one boundary: a bug must not freeze the picture unsaid
            self._tell_of_failure(error)
            self._ending.wait(1.0)

    def _await_reason(self, selector: selectors.BaseSelector) -> None:
        asking = self._inventories.busy_since is not None
        hinted = selector.select(self._pace.wait(time.monotonic(), asking=asking))
        early = max(self._pace.too_soon(time.monotonic()), GATHERED_FOR if hinted else 0.0)
        if early and self._submitted.empty():
            self._ending.wait(early)
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._wake)
        if self._observer.drain():
            self._pace.want_ask = True

    def _look(self) -> None:
        started = time.monotonic()
        timer_ran_out = self._pace.timer_ran_out(started)
        self._pace.looked(started)
        observation = self._observer.observe()
        self._ask_if_due(observation, started, timer_ran_out)
        self._carry_out()
        self._publish(self._joined(observation))

    def _ask_if_due(self, observation: Observation, now: float, timer_ran_out: bool) -> None:
        self._pace.want_ask |= timer_ran_out
        if self._pace.may_ask(now) and self._inventories.ask(observation):
            self._pace.last_ask, self._pace.want_ask = now, False

    def _joined(self, observation: Observation) -> Snapshot:
        answer = self._inventories.answer
        self._pace.away = answer.problem is not None
        self._pace.doubtful = answer.inventory is not None and bool(answer.inventory.problems)
        inventory, late = answer.inventory, self._late()
        if late is not None and inventory is not None:
            inventory = replace(inventory, stale=True)
        snapshot = self._joiner.join(inventory, observation, self._now(), backend=self._backend.name)
        waiting = inventory is None and answer.problem is None and late is None
        more = tuple(problem for problem in (answer.problem, late, self._journal.problem) if problem)
        return replace(snapshot, problems=(*more, *snapshot.problems), stale=snapshot.stale and not waiting)

    def _answered(self, news: bool) -> None:
        if news or self._pace.want_ask:
            self.wake()

    def _late(self) -> Problem | None:
        since = self._inventories.busy_since
        if since is None:
            return None
        seconds = (self._now() - since).total_seconds()
        if seconds < HUNG_AFTER:
            return None
        name = self._backend.name
        why = f"no answer for {seconds:.0f} s"
        return Problem(f"backend:{name}", f"asking {name}", why, "what the kernel says is still live")

    def _carry_out(self) -> None:
        while not self._submitted.empty():
            action, offer = self._submitted.get()
            try:
                if self._read_only:
                    raise ActionRefused(action.subject, "pausetui runs read-only")
                process = self._observer.open_target(action.target) if action.target else None
            except ActionRefused as refusal:
                self._done(ActionOutcome(action, False, str(refusal)))
                continue
            self._journal.intent(action, offer)
            self._pace.last_act = time.monotonic()
            self._store.acted(action, self._now())
            self._acted[action.id] = action
            self._actions.perform(action, process)

    def _done(self, outcome: ActionOutcome) -> None:
        self._journal.outcome(outcome)
        self._outcomes.put(outcome)
        self.look_now()

    def _publish(self, snapshot: Snapshot) -> None:
        events = self._store.apply(snapshot)
        for action_id in {event.action_id for event in events if event.action_id}:
            followed = tuple(event for event in events if event.action_id == action_id)
            self._journal.observed(self._acted[action_id], followed)
        for pod_key in {event.change.pod_key for event in events if event.change.kind in OF_A_NETWORK}:
            self._inside.again(pod_key)
        if events and self._on_events is not None:
            self._on_events(events)
        self._tell(snapshot)
        self._observer.listen_in(snapshot.homes)

    def _tell(self, snapshot: Snapshot) -> None:
        outcomes = []
        while not self._outcomes.empty():
            outcomes.append(self._outcomes.get())
        read_only = self._read_only or snapshot.read_only_because is not None
        lines = self._store.timeline.lines
        inside = self._inside.newest
        held = self._holding.newest
        gone, doing = self._store.gone, self._actions.doing
        self._listener(
            Picture(snapshot, lines, gone, read_only, tuple(outcomes), inside=inside, held=held, doing=doing)
        )

    def _tell_of_failure(self, error: Exception) -> None:
        if isinstance(error, CannotLook):
            problem = Problem("kernel", error.what, error.why, error.next_step)
        else:
            why = f"{type(error).__name__}: {error}"
            problem = Problem("pausetui", "looking at this machine", why, "this is a bug; the picture is old")
        last = self._store.snapshot or self._nothing_seen()
        self._tell(replace(last, taken_at=self._now(), stale=True, problems=(problem, *last.problems)))

    def _nothing_seen(self) -> Snapshot:
        now, name = self._now(), self._backend.name
        nothing = Inventory(name, now, Runtime(name), stale=True)
        return join(nothing, Observation(now, Node("?", "?", "?", __version__)), now)


def _is_since(snapshot: Snapshot, moment: datetime) -> bool:
    """Whether kernel and runtime were both asked since."""
    asked = snapshot.inventory_at
    return snapshot.observed_at >= moment and asked is not None and asked >= moment

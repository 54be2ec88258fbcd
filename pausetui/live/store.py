"""What a session remembers: the newest snapshot, what happened, and the pods that just went."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pausetui.core.actions import Action
from pausetui.core.before import before_you_came
from pausetui.core.changes import Change, Event
from pausetui.core.diff import diff
from pausetui.core.memory import NOTHING, Memory, remember
from pausetui.core.snapshot import Snapshot
from pausetui.core.timeline import Timeline, extended
from pausetui.live.picture import GonePod

GONE_FOR = timedelta(seconds=60)
"""How long a pod that ended is still shown."""
ACTION_LASTS = timedelta(seconds=60)
"""Changes on the pod of an action are put down to it for so long after its signal was sent."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An action whose signal was sent, and when."""

    action: Action
    at: datetime


class Store:
    """Applies snapshots one after the other. Used on the feed thread only; what it gives out is frozen."""

    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None
        self.timeline = Timeline()
        self.gone: tuple[GonePod, ...] = ()
        self._memory: Memory = NOTHING
        self._sent: dict[str, Sent] = {}

    def acted(self, action: Action, at: datetime) -> None:
        """Note that an action's signal was sent, so that what follows on its pod is put down to it."""
        self._sent[action.pod_key] = Sent(action, at)

    def apply(self, snapshot: Snapshot) -> tuple[Event, ...]:
        """Take a snapshot as the newest, and give what changed since the one before, numbered and dated."""
        before = self.snapshot
        self.snapshot = snapshot
        if before is None or before.inventory_at is None or before.backend != snapshot.backend:
            self._begin(snapshot)
            return ()
        events = tuple(
            self._event(place, change, snapshot)
            for place, change in enumerate(diff(before, snapshot, self._memory), self.timeline.seen + 1)
        )
        if before.pods is not snapshot.pods:
            self._memory = remember(self._memory, snapshot)
        self._note_gone(before, snapshot)
        if events:
            asked = {sent.action.id: sent.action.asked_for for sent in self._sent.values()}
            self.timeline = extended(self.timeline, events, asked)
        return events

    def _begin(self, snapshot: Snapshot) -> None:
        """What a runtime names for the first time was there before: that is no change, but it has a past."""
        self._memory = remember(NOTHING, snapshot)
        self.gone = ()
        if snapshot.inventory_at is not None:
            self.timeline = replace(extended(Timeline(), before_you_came(snapshot)), seen=self.timeline.seen)

    def _event(self, seq: int, change: Change, snapshot: Snapshot) -> Event:
        sent = self._sent.get(change.pod_key)
        if sent is None or not sent.at <= snapshot.taken_at <= sent.at + ACTION_LASTS:
            return Event(seq, snapshot.taken_at, change)
        after = (snapshot.taken_at - sent.at).total_seconds()
        return Event(seq, snapshot.taken_at, change, sent.action.id, after)

    def _note_gone(self, before: Snapshot, after: Snapshot) -> None:
        if before.pods is after.pods and not self.gone:
            return
        keys = {pod.key for pod in after.pods}
        kept = tuple(
            gone for gone in self.gone if gone.pod.key not in keys and after.taken_at - gone.gone_at < GONE_FOR
        )
        went = tuple(GonePod(pod, after.taken_at) for pod in before.pods if pod.key not in keys)
        self.gone = (*kept, *went)

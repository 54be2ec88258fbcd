"""What happened, oldest first: bounded without losing any pod's past, and with a crash loop as one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from pausetui.core.changes import Change, ChangeKind, Event, TimelineLine

KEPT_LINES = 2000
"""How many lines are kept at least. Over that, the oldest line of the pod that has the most goes when it is old."""
KEPT_FOR = timedelta(hours=1)
"""How long each line is kept at least, up to MOST_LINES."""
MOST_LINES = 20_000
"""How many lines are kept at most, however young they are."""
LOOP_GAP = timedelta(minutes=6)
"""Ends and restarts of a container count as one loop while they are less than this apart (kubelet waits 5 min)."""

_LIFE = frozenset({ChangeKind.CONTAINER_RESTARTED, ChangeKind.CONTAINER_STATE, ChangeKind.PID_CHANGED})
_RESTART = ChangeKind.CONTAINER_RESTARTED
_NOTHING_ASKED: Mapping[str, str] = {}
_NETWORK = frozenset({ChangeKind.ADDRESS_CHANGED, ChangeKind.LINK_CHANGED, ChangeKind.ROUTE_CHANGED})
_TOGETHER = frozenset({ChangeKind.NAMESPACE_CHANGED, ChangeKind.LINK_CHANGED, ChangeKind.ROUTE_CHANGED})


@dataclass(frozen=True, slots=True)
class Timeline:
    """The lines, oldest first. Every event is counted in ``seen``, also those folded or let go."""

    lines: tuple[TimelineLine, ...] = ()
    seen: int = 0


def extended(timeline: Timeline, events: Iterable[Event], asked: Mapping[str, str] = _NOTHING_ASKED) -> Timeline:
    """The timeline after these events.

    Args:
        timeline: The lines so far.
        events: What was seen since.
        asked: What was asked for, by action id: said once, before the first thing that followed.
    """
    lines, seen = list(timeline.lines), timeline.seen
    for event in events:
        seen += 1
        first = event.action_id in asked and all(line.event.action_id != event.action_id for line in lines)
        _add(lines, event)
        if first and event.action_id is not None and lines[-1].event is event:
            lines[-1] = replace(lines[-1], text=f"{asked[event.action_id]}: {lines[-1].text}")
    while len(lines) > KEPT_LINES and _let_one_go(lines):
        pass
    return Timeline(tuple(lines), seen)


def _add(lines: list[TimelineLine], event: Event) -> None:
    if event.change.kind in _TOGETHER and _joined(lines, event):
        return
    if event.change.kind in _LIFE and _looped(lines, event):
        return
    lines.append(TimelineLine(event, event.change.text, restarts=int(event.change.kind is _RESTART)))


def _joined(lines: list[TimelineLine], event: Event) -> bool:
    """What happened together is one line.

    These are namespaces that a container changed in one look ("pause net 1 → 2 · ipc 3 → 4"), and what one look
    showed of a pod's network ("eth0 is down · default via 10.88.0.1 dev eth0 gone").
    """
    last = lines[-1] if lines else None
    if last is None or last.event.at != event.at or not _of_one_sort(last.event.change, event.change):
        return False
    words = event.change.text
    if event.change.kind is ChangeKind.NAMESPACE_CHANGED:
        words = words.partition(" ")[2]  # without the container's name, which the line begins with
    lines[-1] = replace(last, event=event, text=f"{last.text} · {words}")
    return True


def _of_one_sort(one: Change, other: Change) -> bool:
    if one.pod_key != other.pod_key or one.container_key != other.container_key:
        return False
    return one.kind is other.kind or {one.kind, other.kind} <= _NETWORK


def _looped(lines: list[TimelineLine], event: Event) -> bool:
    """Fold an end or a restart into the line of the same container's last restart, if that is not long ago."""
    change = event.change
    place = _last_life(lines, change.container_key)
    if place is None:
        return False
    last = lines[place]
    if change.kind is ChangeKind.PID_CHANGED:
        return last.event.at == event.at  # the restart's line says the pids already
    if _says_more_of(last, event):
        said = last.text.removesuffix(last.event.change.text)
        lines[place] = replace(last, text=f"{said}{change.text}")
        return True
    if not last.restarts or event.at - last.event.at > LOOP_GAP or event.action_id != last.event.action_id:
        return False
    if event.before_you_came != last.event.before_you_came:
        return False
    restarts = last.restarts + (change.kind is ChangeKind.CONTAINER_RESTARTED)
    del lines[place]
    lines.append(TimelineLine(event, change.text, max(1, restarts), restarts))
    return True


def _says_more_of(line: TimelineLine, event: Event) -> bool:
    """Whether the event is the exit code of the end that the line tells of."""
    earlier, change = line.event.change, event.change
    if earlier.kind is not ChangeKind.CONTAINER_STATE or change.kind is not ChangeKind.CONTAINER_STATE:
        return False
    return change.before is not None and change.before == change.after == earlier.after


def _last_life(lines: list[TimelineLine], key: str | None) -> int | None:
    for place in range(len(lines) - 1, max(-1, len(lines) - 200), -1):
        change = lines[place].event.change
        if change.container_key == key and change.kind in _LIFE:
            return place
    return None


def _let_one_go(lines: list[TimelineLine]) -> bool:
    most = Counter(line.event.change.pod_key for line in lines).most_common(1)[0][0]
    place = next(place for place, line in enumerate(lines) if line.event.change.pod_key == most)
    young = lines[-1].event.at - lines[place].event.at < KEPT_FOR
    if young and len(lines) <= MOST_LINES:
        return False
    del lines[place]
    return True

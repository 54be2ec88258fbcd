"""The differences between two snapshots, typed. The closed list of kinds is a contract with scripts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pausetui.core.namespaces import NamespaceId

Fact = str | int | bool | None | tuple[str, ...] | NamespaceId
"""What ``before`` and ``after`` of a change can be."""


class ChangeKind(StrEnum):
    """What a change is about."""

    POD_APPEARED = "pod_appeared"
    POD_GONE = "pod_gone"
    SANDBOX_ADDED = "sandbox_added"
    SANDBOX_STATE = "sandbox_state"
    SANDBOX_GONE = "sandbox_gone"
    CONTAINER_APPEARED = "container_appeared"
    CONTAINER_GONE = "container_gone"
    CONTAINER_STATE = "container_state"
    CONTAINER_RESTARTED = "container_restarted"
    PID_CHANGED = "pid_changed"
    NAMESPACE_CHANGED = "namespace_changed"
    ADDRESS_CHANGED = "address_changed"
    LINK_CHANGED = "link_changed"
    ROUTE_CHANGED = "route_changed"
    PROBLEM_APPEARED = "problem_appeared"
    PROBLEM_GONE = "problem_gone"
    BACKEND_STATE = "backend_state"


@dataclass(frozen=True, slots=True)
class Change:
    """One typed difference between two snapshots.

    Attributes:
        pod_key: The pod it belongs to, or "" for one of the backend or the whole machine.
        pod: The pod as the user calls it ("default/web"), or "".
        container_key: The container, or None if it is about the pod.
        before, after: The fact before and after; None where there was none or it is not known.
        text: What the timeline says, without the pod's name.
    """

    kind: ChangeKind
    pod_key: str
    pod: str
    container_key: str | None
    before: Fact
    after: Fact
    text: str


@dataclass(frozen=True, slots=True)
class Event:
    """A change that was seen: numbered, dated, and with the action of ours that it followed, if any.

    Attributes:
        seq: Counts from 1 within one run, without gaps.
        at: When the snapshot that showed it was taken, UTC.
        action_id: Our action that it followed on the same pod, or None.
        seconds_after: Seconds since that action's signal was sent, or None.
        before_you_came: Nobody saw it: the runtime told of it when the session began; ``seq`` is 0 then.
    """

    seq: int
    at: datetime
    change: Change
    action_id: str | None = None
    seconds_after: float | None = None
    before_you_came: bool = False


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line of the timeline; a crash loop is one line that counts.

    Attributes:
        event: The newest event that this line stands for.
        text: What it says, without time and pod.
        count: How often it happened: for a crash loop the restarts, else 1.
        restarts: The restarts it stands for; 0 where it is about something else.
    """

    event: Event
    text: str
    count: int = 1
    restarts: int = 0

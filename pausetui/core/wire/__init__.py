"""The model as JSON and back, to the contract that scripts rely on (docs/json.md).

Two of the schemas in ``core/schema``, of snapshots and of changes, describe what is written. A file that somebody
saved holds both: a snapshot and the changes before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pausetui.core.changes import TimelineLine
from pausetui.core.json_value import At, Json
from pausetui.core.snapshot import Snapshot
from pausetui.core.wire.read import event_from_json, read_event, read_snapshot, snapshot_from_json
from pausetui.core.wire.write import CHANGE_SCHEMA, SNAPSHOT_SCHEMA, event_to_json, snapshot_to_json

SAVED_SCHEMA = "pausetui.saved/1"

__all__ = [
    "CHANGE_SCHEMA",
    "SAVED_SCHEMA",
    "SNAPSHOT_SCHEMA",
    "Json",
    "Saved",
    "event_from_json",
    "event_to_json",
    "saved_from_json",
    "saved_to_json",
    "snapshot_from_json",
    "snapshot_to_json",
]


@dataclass(frozen=True, slots=True)
class Saved:
    """What was seen and then saved: the last snapshot, and the timeline that led to it, oldest first."""

    snapshot: Snapshot
    timeline: tuple[TimelineLine, ...] = ()


def saved_to_json(snapshot: Snapshot, timeline: Sequence[TimelineLine] = ()) -> dict[str, Json]:
    """A snapshot and its timeline as one object, to be saved and sent to a colleague.

    Each event is a change of ``pausetui.change/1`` with three more keys: ``line``, what the timeline said,
    ``count``, how often it happened, and ``restarts``, how many of those were restarts.
    """
    return {
        "schema": SAVED_SCHEMA,
        "snapshot": snapshot_to_json(snapshot),
        "events": [_line_to_json(line) for line in timeline],
    }


def saved_from_json(value: Json) -> Saved:
    """What was saved as this object.

    Raises:
        NotOurFormat: It is no such file, or one of another schema number; says where.
    """
    at = At(value, "reading what was saved")
    at.expect_schema(SAVED_SCHEMA)
    return Saved(snapshot=read_snapshot(at["snapshot"]), timeline=at["events"].each(_line))


def _line_to_json(line: TimelineLine) -> dict[str, Json]:
    return {**event_to_json(line.event), "line": line.text, "count": line.count, "restarts": line.restarts}


def _line(at: At) -> TimelineLine:
    event = read_event(at)
    return TimelineLine(
        event,
        text=at.get("line", At.text, event.change.text),
        count=at.get("count", At.integer, 1),
        restarts=at.get("restarts", At.integer, 0),
    )

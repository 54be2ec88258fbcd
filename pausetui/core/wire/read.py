"""JSON values as the model. Keys that are not known are passed over, and survive nothing."""

from __future__ import annotations

from pausetui.core.changes import Change, ChangeKind, Event, Fact
from pausetui.core.inventory import Runtime
from pausetui.core.json_value import At, Json
from pausetui.core.namespaces import NOTHING_KNOWN, NamespaceKind
from pausetui.core.observation import Node, Problem, ProcessId, Vitals
from pausetui.core.snapshot import Snapshot, Unclaimed
from pausetui.core.wire.read_pod import read_namespace, read_namespaces, read_pod
from pausetui.core.wire.write import CHANGE_SCHEMA, SNAPSHOT_SCHEMA


def snapshot_from_json(value: Json) -> Snapshot:
    """The snapshot that was written as this object.

    Raises:
        NotOurFormat: It is none, or one of another schema number; says where.
    """
    return read_snapshot(At(value, "reading a snapshot"))


def event_from_json(value: Json) -> Event:
    """The change that was written as this object.

    Raises:
        NotOurFormat: It is none, or one of another schema number; says where.
    """
    return read_event(At(value, "reading a change"))


def read_snapshot(at: At) -> Snapshot:
    """A snapshot that is part of another document."""
    at.expect_schema(SNAPSHOT_SCHEMA)
    vitals: dict[ProcessId, Vitals] = {}
    return Snapshot(
        taken_at=at["taken_at"].moment(),
        observed_at=at["observed_at"].moment(),
        inventory_at=at["inventory_at"].moment_or_none(),
        stale=at["stale"].truth(),
        node=_node(at["node"]),
        backend=at["backend"].text(),
        runtime=_runtime(at["runtime"]),
        pods=at["pods"].each(lambda pod: read_pod(pod, vitals)),
        problems=at["problems"].each(_problem),
        vitals=vitals,
        read_only_because=at.get("read_only_because", At.text_or_none, None),
        host=at.get("host_namespaces", read_namespaces, NOTHING_KNOWN),
        remarks=at.get("remarks", At.texts, ()),
        unclaimed=at.get("unclaimed", lambda all_: all_.each(_unclaimed), ()),
    )


def read_event(at: At) -> Event:
    """A change that is part of another document."""
    at.expect_schema(CHANGE_SCHEMA)
    change = Change(
        kind=at["kind"].one_of(ChangeKind),
        pod_key=at["pod_key"].text(),
        pod=at["pod"].text(),
        container_key=at["container_key"].text_or_none(),
        before=_fact(at["before"]),
        after=_fact(at["after"]),
        text=at["text"].text(),
    )
    return Event(
        seq=at["seq"].integer(),
        at=at["at"].moment(),
        change=change,
        action_id=at["action_id"].text_or_none(),
        seconds_after=at.get("seconds_after", At.number_or_none, None),
        before_you_came=at.get("before_you_came", At.truth, False),
    )


def _fact(at: At) -> Fact:
    match at.value:
        case None | bool():
            return at.value
        case int():
            return at.integer()
        case str():
            return at.text()
        case list():
            return at.texts()
        case dict():
            return read_namespace(at, at["kind"].one_of(NamespaceKind))
        case _:
            raise at.wrong("null, a truth, a whole number, a text, a list of texts or a namespace")


def _node(at: At) -> Node:
    return Node(
        hostname=at["hostname"].text(),
        kernel=at["kernel"].text(),
        boot_id=at["boot_id"].text(),
        pausetui=at["pausetui"].text(),
    )


def _runtime(at: At) -> Runtime:
    return Runtime(
        name=at["name"].text(),
        version=at["version"].text_or_none(),
        endpoint=at["endpoint"].text_or_none(),
        found_by=at.get("found_by", At.text, ""),
        command=at.get("command", At.texts, ()),
    )


def _unclaimed(at: At) -> Unclaimed:
    space = read_namespace(at, at["kind"].one_of(NamespaceKind))
    nowhere: dict[str, int] = {}
    elsewhere = at.get("pins_elsewhere", _elsewhere, nowhere)
    return Unclaimed(space, at["pins"].texts(), at["addresses"].optional(At.texts), elsewhere)


def _elsewhere(at: At) -> dict[str, int]:
    return dict(at.each(lambda pin: (pin["path"].text(), pin["pid"].integer())))


def _problem(at: At) -> Problem:
    return Problem(at["subject"].text(), at["what"].text(), at["why"].text(), at["next"].text())

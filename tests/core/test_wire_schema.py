import json
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator, ValidationError

from pausetui.core.changes import Change, ChangeKind, Event
from pausetui.core.doctor.finding import CheckUp, Finding, FindingId
from pausetui.core.doctor.telling import to_json
from pausetui.core.holding import (
    HeldByChild,
    HeldByConnection,
    HeldByDescriptor,
    HeldBySocket,
    HeldByThread,
    Holding,
    Named,
)
from pausetui.core.inventory import ContainerState, PastAttempt, PodState, Restorer, Role
from pausetui.core.namespaces import KINDS, IdentifiedBy, NamespaceId, NamespaceKind
from pausetui.core.network import (
    Counters,
    LegacyTable,
    Link,
    LinkAddress,
    Listener,
    Neighbour,
    NetworkView,
    NftRules,
    PacketRules,
    Peer,
    Route,
)
from pausetui.core.observation import LinkState, Problem, ProcessId, Vitals
from pausetui.core.snapshot import PodPin, Sharer, Snapshot, Unclaimed
from pausetui.core.wire import event_to_json, snapshot_to_json
from tests import factories, strategies


@cache
def schema(name: str) -> dict[str, Any]:
    text = files("pausetui.core").joinpath("schema", f"{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER)


def full_snapshot() -> Snapshot:
    """One with an item in every list."""
    pod = factories.pod()
    assert pod.pause is not None
    process = replace(pod.pause.processes[0], differs=tuple(factories.ns(kind, 5) for kind in KINDS))
    pause = replace(pod.pause, processes=(process,), previous=(PastAttempt(0),))
    sharer = Sharer(ProcessId(4711, 1), "sh", (NamespaceKind.NET,))
    pins = (PodPin(NamespaceKind.NET, "/run/netns/x"),)
    full = replace(pod, pause=pause, members=(pause,), sharers=(sharer,), pins=pins)
    full = replace(full, links=(LinkState("eth0", "up", 1500),), routes=("default via 10.0.0.254 dev eth0",))
    left = Unclaimed(factories.ns(NamespaceKind.NET, 9), ("/run/netns/y",), ("10.0.0.9",), {"/run/netns/y": 77})
    return replace(
        factories.snapshot(full),
        vitals={process.id: Vitals("S")},
        unclaimed=(left,),
        networks={full.key: full_view(pod.net)},
        holdings={full_holding(pod.net).namespace: full_holding(pod.net)},
    )


def full_holding(net: NamespaceId | None) -> Holding:
    """One with an item in every list."""
    assert net is not None
    process = Named(ProcessId(812, 1), "containerd")
    return Holding(
        net,
        threads=(HeldByThread(process, 813),),
        for_children=(process,),
        descriptors=(HeldByDescriptor(process, 17, "/proc/1/net/tcp"),),
        children=(HeldByChild(factories.ns(NamespaceKind.PID, 5), False),),
        sockets=(HeldBySocket("tcp", 4711, (HeldByDescriptor(process, 9),)),),
        connections=(HeldByConnection("FIN_WAIT1", "10.0.0.1:80", "10.0.0.2:99"),),
    )


def full_view(net: NamespaceId | None) -> NetworkView:
    """One with an item in every list."""
    assert net is not None
    return NetworkView(
        net,
        1.0,
        "netlink",
        links=(Link("eth0", 2, "veth", peer=Peer(7, "veth7"), counters=Counters(1, 2, 3, 4, 5, 6, 7, 8)),),
        addresses=(LinkAddress("10.0.0.1", 24, "eth0", "global", ("permanent",)),),
        routes=(Route(4, "default", "10.0.0.254", "eth0"),),
        neighbours=(Neighbour("10.0.0.254", None, "eth0", "failed"),),
        listeners=(Listener("tcp", 4, "0.0.0.0", 80, owners=(5,)),),
        connections={"ESTABLISHED": 2},
        abstract_sockets=1,
        rules=PacketRules(NftRules(("ip nat",), 1, 2), (LegacyTable(4, "nat", 3),)),
        problems=(Problem("a", "b", "c", "d"),),
    )


@pytest.mark.parametrize("name", ["snapshot", "change", "doctor"])
def test_the_schema_itself_is_valid(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@settings(max_examples=60)
@given(strategies.snapshots())
def test_every_snapshot_that_is_written_fits_the_schema(snapshot: Snapshot) -> None:
    validator("snapshot").validate(snapshot_to_json(snapshot))


@given(strategies.events)
def test_every_change_that_is_written_fits_the_schema(event: Event) -> None:
    validator("change").validate(event_to_json(event))


def test_the_schema_refuses_a_missing_key() -> None:
    written = snapshot_to_json(factories.snapshot())
    del written["inventory_at"]
    with pytest.raises(ValidationError, match="'inventory_at' is a required property"):
        validator("snapshot").validate(written)


def named(rule: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The rule that a reference, or "this or null", stands for."""
    if "$ref" in rule:
        return named(root["$defs"][rule["$ref"].rsplit("/", 1)[1]], root)
    return named(rule["anyOf"][0], root) if "anyOf" in rule else rule


def differences(value: Any, rule: dict[str, Any], root: dict[str, Any], path: str = "$") -> list[str]:
    """Where an object has other keys than the schema describes."""
    rule = named(rule, root)
    if isinstance(value, list):
        return [line for item in value for line in differences(item, rule["items"], root, f"{path}[]")]
    if not isinstance(value, dict) or "properties" not in rule:
        return []  # "connections" has what states there are as its keys
    described = rule["properties"]
    wrong = [f"{path}: {sorted(set(described) ^ set(value))}"] if set(described) != set(value) else []
    return wrong + [
        line for key in value for line in differences(value[key], described[key], root, f"{path}.{key}")
    ]


def test_a_snapshot_has_exactly_the_keys_that_the_schema_describes() -> None:
    assert differences(snapshot_to_json(full_snapshot()), schema("snapshot"), schema("snapshot")) == []


def test_a_check_up_has_exactly_the_keys_that_the_schema_describes_and_fits_it() -> None:
    finding = Finding(FindingId.PORT_CLASH, "k", "t", "m", ("seen",), "do", "true")
    written = to_json(CheckUp(factories.NOW, "crictl", 1, (finding,), (Problem("a", "b", "c", "d"),)))
    assert differences(written, schema("doctor"), schema("doctor")) == []
    validator("doctor").validate(written)


def test_a_change_has_exactly_the_keys_that_the_schema_describes() -> None:
    change = Change(ChangeKind.POD_GONE, "k", "p", None, None, None, "gone")
    written = event_to_json(Event(1, factories.NOW, change))
    assert set(written) == set(schema("change")["properties"])


@pytest.mark.parametrize(
    ("described", "kinds"),
    [
        (schema("change")["properties"]["kind"], ChangeKind),
        (schema("snapshot")["$defs"]["pod"]["properties"]["state"], PodState),
        (schema("snapshot")["$defs"]["container"]["properties"]["state"], ContainerState),
        (schema("snapshot")["$defs"]["container"]["properties"]["role"], Role),
        (schema("snapshot")["$defs"]["kind"], NamespaceKind),
        (schema("doctor")["$defs"]["finding"]["properties"]["id"], FindingId),
        (schema("snapshot")["$defs"]["namespace"]["properties"]["identified_by"], IdentifiedBy),
        (schema("snapshot")["$defs"]["pod"]["properties"]["brought_back_by"], [*Restorer, None]),
    ],
    ids=[
        "change kind",
        "pod state",
        "container state",
        "role",
        "kind",
        "finding",
        "identified_by",
        "brought_back_by",
    ],
)
def test_the_schema_lists_the_very_values_of_the_model(described: dict[str, Any], kinds: Any) -> None:
    assert described["enum"] == list(kinds)

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pausetui.core.changes import Change, ChangeKind, Event, TimelineLine
from pausetui.core.inventory import PodState
from pausetui.core.json_value import Json, parse, to_line, to_page
from pausetui.core.namespaces import KINDS, IdentifiedBy, NamespaceId, NamespaceKind
from pausetui.core.observation import ProcessId, Vitals
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.core.wire import (
    Saved,
    event_from_json,
    event_to_json,
    saved_from_json,
    saved_to_json,
    snapshot_from_json,
    snapshot_to_json,
)
from pausetui.errors import NotOurFormat
from tests import factories, strategies


def through_text(value: Json) -> Json:
    """What somebody else reads after it was printed."""
    return parse(to_line(value), "test")


def as_written(snapshot: Snapshot) -> Any:
    return json.loads(to_line(snapshot_to_json(snapshot)))


@given(strategies.snapshots())
def test_a_snapshot_written_and_read_back_is_equal(snapshot: Snapshot) -> None:
    assert snapshot_from_json(through_text(snapshot_to_json(snapshot))) == snapshot


@given(strategies.events)
def test_a_change_written_and_read_back_is_equal(event: Event) -> None:
    assert event_from_json(through_text(event_to_json(event))) == event


@given(strategies.facts, strategies.facts)
def test_both_sides_of_a_change_keep_their_type(before: Any, after: Any) -> None:
    change = Change(ChangeKind.POD_APPEARED, "k", "p", None, before, after, "")
    read = event_from_json(through_text(event_to_json(Event(1, factories.NOW, change)))).change
    assert (type(read.before), type(read.after)) == (type(before), type(after))


@settings(max_examples=30)
@given(strategies.snapshots(), st.lists(strategies.timeline_lines, max_size=3))
def test_what_was_saved_is_read_back_equal(snapshot: Snapshot, timeline: list[TimelineLine]) -> None:
    written = parse(to_page(saved_to_json(snapshot, timeline)), "test")
    assert saved_from_json(written) == Saved(snapshot, tuple(timeline))


@given(st.permutations([factories.pod(name) for name in ("b", "a", "c", "d")]))
def test_pods_keep_the_order_they_are_given_in(pods: list[Pod]) -> None:
    snapshot = replace(factories.snapshot(), pods=tuple(pods))
    assert [pod["name"] for pod in as_written(snapshot)["pods"]] == [pod.name for pod in pods]
    assert snapshot_from_json(snapshot_to_json(snapshot)).pods == tuple(pods)


@given(strategies.snapshots(), st.integers(-23, 23))
def test_every_time_is_written_in_utc_with_microseconds(snapshot: Snapshot, hours: int) -> None:
    elsewhere = snapshot.taken_at.astimezone(timezone(timedelta(hours=hours)))
    written = as_written(replace(snapshot, taken_at=elsewhere))["taken_at"]
    assert datetime.strptime(written, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC) == snapshot.taken_at


def test_addresses_that_cannot_be_read_are_null_and_none_there_is_an_empty_list() -> None:
    unknown = replace(factories.pod("unknown"), addresses=None)
    nothing = replace(factories.pod("nothing"), addresses=())
    written = as_written(factories.snapshot(nothing, unknown))["pods"]
    assert [pod["addresses"] for pod in written] == [[], None]


def test_a_container_has_all_eight_kinds_each_an_object_or_null() -> None:
    pod = factories.pod()
    assert pod.pause is not None
    blind = replace(pod.pause, namespaces=replace(pod.pause.namespaces, net=None))
    written = as_written(factories.snapshot(replace(pod, pause=blind)))["pods"][0]["pause"]["namespaces"]
    assert list(written) == [kind.value for kind in KINDS]
    assert written["net"] is None
    assert written["ipc"] == {"inode": 4026532011, "id": 7011, "identified_by": "ns_id", "generation": 0}


def test_a_process_names_only_the_namespaces_in_which_it_differs() -> None:
    pod = factories.pod()
    assert pod.pause is not None
    process = replace(pod.pause.processes[0], differs=(factories.ns(NamespaceKind.UTS, 5),))
    written = as_written(factories.snapshot(replace(pod, pause=replace(pod.pause, processes=(process,)))))
    assert list(written["pods"][0]["pause"]["processes"][0]["namespaces"]) == ["uts"]


def test_a_container_that_does_not_run_has_neither_pid_nor_start_time() -> None:
    pod = factories.pod()
    assert pod.pause is not None
    written = as_written(factories.snapshot(replace(pod, pause=replace(pod.pause, process=None, processes=()))))
    pause = written["pods"][0]["pause"]
    assert (pause["pid"], pause["pid_start_ticks"], pause["rss_bytes"]) == (None, None, None)


def test_memory_and_cpu_stand_beside_each_process_and_its_container() -> None:
    main = ProcessId(1000, 10000)
    snapshot = replace(factories.snapshot(), vitals={main: Vitals("S", 700_000, 0.5, sockets=3)})
    pause = as_written(snapshot)["pods"][0]["pause"]
    for written in (pause, pause["processes"][0]):
        assert {key: written[key] for key in ("process_state", "rss_bytes", "cpu_percent", "sockets")} == {
            "process_state": "S",
            "rss_bytes": 700_000,
            "cpu_percent": 0.5,
            "sockets": 3,
        }


def test_a_state_is_written_as_plain_text() -> None:
    change = Change(ChangeKind.SANDBOX_STATE, "k", "default/web", None, PodState.READY, PodState.NOTREADY, "")
    written = event_to_json(Event(1, factories.NOW, change))
    assert (type(written["before"]), written["after"]) == (str, "notready")


def test_a_namespace_known_by_its_generation_says_so() -> None:
    namespace = NamespaceId(NamespaceKind.NET, 4026532177, None, IdentifiedBy.GENERATION, 3)
    change = Change(ChangeKind.NAMESPACE_CHANGED, "k", "default/web", "c", None, namespace, "net")
    assert event_to_json(Event(7, factories.NOW, change))["after"] == {
        "kind": "net",
        "inode": 4026532177,
        "id": None,
        "identified_by": "generation",
        "generation": 3,
    }


def test_a_key_that_is_not_known_is_passed_over() -> None:
    written = as_written(factories.snapshot())
    written["colour"] = "blue"
    written["pods"][0]["pause"]["namespaces"]["next"] = {"inode": 1}
    written["pods"][0]["pause"]["processes"][0]["namespaces"]["next"] = {"inode": 1}
    assert snapshot_from_json(written) == factories.snapshot()


def test_a_saved_file_with_keys_that_are_not_known_can_be_read() -> None:
    event = Event(1, factories.NOW, Change(ChangeKind.POD_GONE, "k", "default/web", None, "ready", None, "gone"))
    line = TimelineLine(event, "gone")
    written = json.loads(to_page(saved_to_json(factories.snapshot(), [line])))
    written["colour"] = written["events"][0]["colour"] = written["snapshot"]["node"]["colour"] = "blue"
    for added in ("line", "count", "restarts"):
        del written["events"][0][added]
    assert saved_from_json(written) == Saved(factories.snapshot(), (line,))


def test_a_file_from_before_a_key_was_added_can_be_read() -> None:
    written = as_written(factories.snapshot())
    for added in ("orphans", "sharers", "pins", "note"):
        del written["pods"][0][added]
    for added in ("cannot_read", "mounts", "evidence", "process_state", "rss_bytes"):
        del written["pods"][0]["pause"][added]
    assert snapshot_from_json(written).pods == factories.snapshot().pods


def test_an_older_schema_is_refused_by_its_number() -> None:
    written = {**snapshot_to_json(factories.snapshot()), "schema": "pausetui.snapshot/2"}
    with pytest.raises(NotOurFormat, match=r"schema is 'pausetui\.snapshot/2', and .* 'pausetui\.snapshot/1'"):
        snapshot_from_json(written)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("stale",), "no", r"\$\.stale is 'no', expected true or false"),
        (("taken_at",), "2026-03-14", r"\$\.taken_at is '2026-03-14', expected a time as in RFC 3339"),
        (("taken_at",), "2026-13-14T00:00:00Z", r"\$\.taken_at is .*, expected a time"),
        (("taken_at",), "2026-03-14T00:00:00", r"\$\.taken_at is .*, expected a time"),
        (("pods",), {}, r"\$\.pods is an object, expected a list"),
        (("pods", 1, "state"), "well", r"\$\.pods\[1\]\.state is 'well', expected one of ready, notready"),
        (("pods", 0, "pause", "pid"), True, r"\$\.pods\[0\]\.pause\.pid is true, expected a whole number"),
        (("pods", 0, "pause", "pid"), 1.0, r"\$\.pods\[0\]\.pause\.pid is 1\.0, expected a whole number"),
        (("pods", 0, "pause", "pid"), None, r"\$\.pods\[0\]\.pause has only one of 'pid'"),
        (("pods", 0, "members", 1, "namespaces", "net", "id"), "7", r"members\[1\]\.namespaces\.net\.id is '7'"),
        (("node",), [], r"\$\.node is a list, expected an object"),
    ],
)
def test_a_wrong_value_is_refused_by_its_path(path: tuple[str | int, ...], value: Json, message: str) -> None:
    written = as_written(factories.snapshot())
    place = written
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(NotOurFormat, match=message):
        snapshot_from_json(written)


CONTRACT = [
    *((key,) for key in ("schema", "taken_at", "observed_at", "inventory_at", "stale", "node", "backend")),
    *((key,) for key in ("runtime", "pods", "problems")),
    *(("node", key) for key in ("hostname", "kernel", "boot_id", "pausetui")),
    *(("runtime", key) for key in ("name", "version", "endpoint")),
    *(("pods", 0, key) for key in ("key", "backend", "namespace", "name", "uid", "state", "attempt")),
    *(("pods", 0, key) for key in ("host_network", "brought_back_by", "addresses", "runtime_addresses")),
    *(("pods", 0, key) for key in ("sandboxes", "pause", "members")),
    *(("pods", 0, "sandboxes", 0, key) for key in ("id", "attempt", "state", "created_at")),
    *(("pods", 0, "pause", key) for key in ("key", "name", "role", "state", "attempt", "restarts")),
    *(("pods", 0, "pause", key) for key in ("runtime_id", "sandbox_id", "image", "pid", "pid_start_ticks")),
    *(("pods", 0, "pause", key) for key in ("started_at", "finished_at", "exit_code", "reason", "previous")),
    *(("pods", 0, "pause", key) for key in ("processes", "namespaces")),
    *(("pods", 0, "pause", "processes", 0, key) for key in ("pid", "start_ticks", "name", "namespaces")),
    *(("pods", 0, "pause", "namespaces", kind.value) for kind in KINDS),
    *(("pods", 0, "pause", "namespaces", "net", key) for key in ("inode", "id", "identified_by")),
]


@pytest.mark.parametrize("path", CONTRACT, ids=lambda path: ".".join(map(str, path)))
def test_every_key_of_the_contract_is_written_and_missed(path: tuple[str | int, ...]) -> None:
    written = as_written(factories.snapshot())
    place = written
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    with pytest.raises(NotOurFormat, match=f"has no '{path[-1]}'"):
        snapshot_from_json(written)


@pytest.mark.parametrize(
    "text", ["", "{", "[1,]", "NaN", '{"a":Infinity}', "[" * 100_000, "1" * 5_000, b"\xff\xfe", "\x1b]0;x\x07"]
)
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(NotOurFormat) as refused:
        parse(text, "reading capture.json")
    assert "\x1b" not in str(refused.value)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


def paths_of(value: Any, before: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(*before, key) for key, _ in steps] + [
        path for key, inner in steps for path in paths_of(inner, (*before, key))
    ]


@given(st.data())
def test_a_damaged_snapshot_is_read_or_refused_and_never_breaks_us(data: st.DataObject) -> None:
    written = as_written(factories.snapshot(factories.pod()))
    path = data.draw(st.sampled_from(paths_of(written)))
    place = written
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = data.draw(anything)
    with suppress(NotOurFormat):
        assert isinstance(snapshot_from_json(written), Snapshot)


def test_text_in_a_file_is_made_harmless_like_text_from_the_machine() -> None:
    written = as_written(factories.snapshot())
    written["pods"][0]["name"] = "web\x1b[2J\n\u202e"
    assert snapshot_from_json(written).pods[0].name == "web\\x1b[2J\\n\\u202e"


@given(strategies.snapshots())
def test_a_printed_line_is_ascii_and_has_no_line_break(snapshot: Snapshot) -> None:
    line = to_line(snapshot_to_json(snapshot))
    assert line.isascii()
    assert line.isprintable()

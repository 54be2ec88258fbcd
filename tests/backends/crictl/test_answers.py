"""What crictl printed, in four versions on two runtimes, and what nobody should print."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.backends.crictl import answers, stats
from pausetui.backends.crictl.details import container_details, sandbox_details
from pausetui.backends.crictl.reading import Items
from pausetui.core.inventory import ContainerState, PodState, Usage
from pausetui.errors import CannotLook
from tests.backends.crictl.recorded import CALLS, Sample, lines

READ: Mapping[str, Callable[[str], Any]] = {
    "pods": answers.sandboxes,
    "ps": answers.containers,
    "images": answers.images,
    "version": answers.version,
    "inspectp": sandbox_details,
    "inspect": container_details,
    "stats": stats.of_containers,
    "statsp": stats.of_sandboxes,
}
NOT_FOR_US = ("pods-q", "pods-table")
every_recording = pytest.mark.parametrize("path", CALLS, ids=lambda path: path.name.removesuffix(".ndjson.xz"))


@cache
def calls(path: Path) -> tuple[Sample, ...]:
    return tuple(lines(path))


def call(path: Path, case: str) -> str:
    out: str = next(each["out"] for each in calls(path) if each["case"] == case)
    return out


def test_there_are_recordings_of_all_eight() -> None:
    assert len(CALLS) == 8


@every_recording
def test_all_that_was_printed_is_read_and_nothing_in_it_is_strange(path: Path) -> None:
    read = 0
    for each in calls(path):
        command = next((word for word in each["argv"] if word in READ), None)
        if command is None or each["rc"] != 0 or each["case"] in NOT_FOR_US or each["out"].startswith("NAME:"):
            continue
        found = READ[command](each["out"])
        assert not isinstance(found, Items) or found.bad == (), each["case"]
        read += 1
    assert read > 50


@every_recording
def test_the_list_of_sandboxes_is_read(path: Path) -> None:
    found = answers.sandboxes(call(path, "pods-json")).good
    assert len(found) == 10
    web = next(one for one in found if one.pod.name == "web")
    assert (web.pod.namespace, web.attempt, web.state) == ("default", 0, PodState.READY)
    assert web.pod.uid is not None
    assert web.kubelets
    assert web.runtime_handler is None
    assert web.created_at is not None
    assert (web.created_at.year, web.created_at.month, web.created_at.day) == (2026, 11, 24)


@every_recording
def test_the_list_of_containers_is_read(path: Path) -> None:
    found = answers.containers(call(path, "ps-a-json")).good
    nginx = next(one for one in found if one.name == "nginx")
    assert nginx.pod is not None
    assert (nginx.pod.name, nginx.attempt, nginx.restarts, nginx.grace_seconds) == ("web", 0, 0, 2)
    assert nginx.image == "docker.io/library/busybox:1.35"
    assert nginx.image_ref is not None
    assert nginx.image_ref.startswith("sha256:")
    assert [one.attempt for one in found if one.pod and one.pod.name == "crashy"] == [1, 0]
    assert {one.state for one in found} == {ContainerState.RUNNING, ContainerState.EXITED}


@every_recording
def test_a_sandbox_is_read_as_list_and_details_agree(path: Path) -> None:
    (web,) = sandbox_details(call(path, "inspectp")).good
    listed = next(one for one in answers.sandboxes(call(path, "pods-json")).good if one.id == web.id)
    assert (web.state, web.created_at) == (listed.state, listed.created_at)
    assert web.pid
    assert len(web.addresses) == 1
    assert web.netns_path is not None
    assert web.netns_path.startswith("/var/run/netns/cni-")
    assert (web.host_network, web.shared_pid, web.image) == (False, False, "registry.k8s.io/pause:3.9")


@every_recording
def test_many_sandboxes_are_read_in_both_shapes(path: Path) -> None:
    found = sandbox_details(call(path, "inspectp-all")).good
    assert len(found) == 10
    assert len({one.id for one in found}) == 10
    assert [one.host_network for one in found].count(True) == 1
    assert [one.shared_pid for one in found].count(True) == 1


@every_recording
def test_a_sandbox_whose_pause_was_killed_is_read(path: Path) -> None:
    (killed,) = sandbox_details(call(path, "inspectp-killed-pause")).good
    assert (killed.state, killed.pid, killed.process_status) == (PodState.NOTREADY, 0, "deleted")
    assert len(killed.addresses) == 1


@every_recording
def test_a_stopped_sandbox_has_no_address_any_more(path: Path) -> None:
    (stopped,) = sandbox_details(call(path, "inspectp-stopped")).good
    assert stopped.addresses == ()
    assert stopped.netns_path is not None


@every_recording
def test_an_exited_container_is_read_with_its_end(path: Path) -> None:
    (ended,) = container_details(call(path, "inspect-exited")).good
    assert ended.state is ContainerState.EXITED
    assert ended.exit_code is not None
    assert ended.reason in ("Completed", "Error")
    assert ended.started_at is not None
    assert ended.finished_at is not None
    assert ended.started_at <= ended.finished_at
    assert not ended.pid


@every_recording
def test_a_running_container_has_neither_end_nor_exit_code(path: Path) -> None:
    (running,) = container_details(call(path, "inspect")).good
    assert (running.finished_at, running.exit_code, running.reason) == (None, None, None)
    assert running.pid


@every_recording
def test_the_runtime_names_itself(path: Path) -> None:
    found = answers.version(call(path, "version"))
    assert found.name == "containerd"
    assert found.version is not None
    assert found.version.startswith(path.name.split("-")[1])


@every_recording
def test_images_are_found_by_id_and_by_tag(path: Path) -> None:
    pause = next(one for one in answers.images(call(path, "images-json")).good if one.size == 697103)
    assert pause.tag == "registry.k8s.io/pause:3.9"
    assert pause.names == ("sha256:4f89343211bdb97148d354cd60a9a5faf7a901ea4be0d2f2cd49fa16dc93131c", pause.tag)


@every_recording
def test_usage_is_read_of_containers_and_of_pods(path: Path) -> None:
    containers = stats.of_containers(call(path, "stats-json"))
    pods = stats.of_sandboxes(call(path, "statsp-json"))
    assert len(pods) == 10
    for usage in (*containers.values(), *pods.values()):
        assert usage.at is not None
        assert usage.cpu_seconds is not None
        assert 0 < usage.cpu_seconds < 10
        assert usage.memory_bytes


def test_a_container_that_has_ended_uses_nothing() -> None:
    text = '{"stats": [{"attributes": {"id": "a"}, "cpu": null, "memory": null}, {"attributes": {"id": "b"}}]}'
    assert stats.of_containers(text) == {}


def test_usage_says_what_it_can() -> None:
    text = (
        '{"stats": [{"attributes": {"id": "a"}, "memory": {"timestamp": "0", "workingSetBytes": {"value": 4096}}}]}'
    )
    assert stats.of_containers(text) == {"a": Usage(memory_bytes=4096)}


def sandbox(**other: Any) -> dict[str, Any]:
    return {"id": "a" * 64, "metadata": {"name": "web"}, "state": "SANDBOX_READY", "createdAt": "0", **other}


def pods(*items: Any) -> str:
    return json.dumps({"items": list(items)})


def test_times_are_read_as_nanoseconds_and_as_numbers() -> None:
    moment = datetime(2026, 11, 24, 6, 20, 25, 490333, tzinfo=UTC)
    for told in ("1795501225490333641", 1795501225490333641):
        (one,) = answers.sandboxes(pods(sandbox(createdAt=told))).good
        assert one.created_at == moment


def test_messages_that_are_not_set_are_nothing() -> None:
    (one,) = answers.sandboxes(pods(sandbox(metadata=None, labels=None, annotations=None))).good
    assert (one.pod.name, one.pod.uid, one.attempt, one.kubelets) == ("a" * 12, None, None, False)


def test_a_state_that_the_cri_does_not_have_is_unknown() -> None:
    (one,) = answers.sandboxes(pods(sandbox(state="SANDBOX_DREAMING"))).good
    assert one.state is PodState.UNKNOWN


def test_a_bare_id_is_no_words_for_an_image() -> None:
    listed = {"id": "c", "podSandboxId": "s", "image": {"image": "sha256:" + "0" * 64, "userSpecifiedImage": ""}}
    (one,) = answers.containers(json.dumps({"containers": [listed]})).good
    assert one.image is None


def test_what_the_user_called_an_image_comes_first() -> None:
    listed = {
        "id": "c",
        "podSandboxId": "s",
        "image": {"image": "sha256:" + "0" * 64, "userSpecifiedImage": "nginx"},
    }
    (one,) = answers.containers(json.dumps({"containers": [listed]})).good
    assert one.image == "nginx"


@pytest.mark.parametrize("told", ["many", "-1", "1" * 40, "١"])
def test_a_count_that_is_no_number_is_not_known(told: str) -> None:
    annotations = {"io.kubernetes.container.restartCount": told}
    listed = {"id": "c", "podSandboxId": "s", "annotations": annotations}
    (one,) = answers.containers(json.dumps({"containers": [listed]})).good
    assert one.restarts is None


def test_one_item_with_a_bad_field_is_told_and_all_others_are_read() -> None:
    found = answers.sandboxes(pods(sandbox(), sandbox(id="b", metadata={"attempt": "often"}), sandbox(id="c")))
    assert [one.id for one in found.good] == ["a" * 64, "c"]
    (bad,) = found.bad
    assert bad.id == "b"
    assert bad.why == "$.items[1].metadata.attempt is 'often', expected a whole number"


@pytest.mark.parametrize("bad", ["", "-rf", "--help", "a b", "a\n", "é", 7, None, "x" * 300])
def test_an_id_that_crictl_could_take_for_something_else_is_not_used(bad: Any) -> None:
    found = answers.sandboxes(pods(sandbox(id=bad)))
    assert found.good == ()
    assert len(found.bad) == 1


def test_hostile_names_are_made_harmless() -> None:
    hostile = "web\x1b[2J\u202e\ud800\n"
    (one,) = answers.sandboxes(pods(sandbox(metadata={"name": hostile, "uid": hostile, "namespace": hostile}))).good
    shown = r"web\x1b[2J\u202e\ud800\n"
    assert (one.pod.name, one.pod.uid, one.pod.namespace) == (shown, shown, shown)


@pytest.mark.parametrize("case", ["pods-json", "inspectp-all"])
@every_recording
def test_output_that_is_cut_short_is_told_with_the_call_and_the_place(path: Path, case: str) -> None:
    text = call(path, case)
    with pytest.raises(CannotLook, match=r"crictl (pods|inspectp).*not JSON, or cut short.*line \d+"):
        READ[case.split("-")[0]](text[: len(text) // 2])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "0 JSON documents"),
        ("[]", r"\$ is a list"),
        ("{}", "has no 'items'"),
        ('{"items": {}}', r"\$.items is an object, expected a list"),
        ("NAME:\n  crictl", "not JSON"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_output_of_another_kind_is_told_with_the_place(text: str, why: str) -> None:
    with pytest.raises(CannotLook, match=why):
        answers.sandboxes(text)


def test_no_items_are_no_items() -> None:
    assert answers.sandboxes('{"items": []}') == Items()
    assert answers.sandboxes('{"items": null}') == Items()
    assert sandbox_details("") == Items()


def test_a_version_without_a_name_is_told() -> None:
    with pytest.raises(CannotLook, match="RuntimeName"):
        answers.version("crictl version v1.36.0")


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("", None),
        ("2026-11-24T06:31:17.372478265Z", datetime(2026, 11, 24, 6, 31, 17, 372478, UTC)),
        ("2022-11-29T12:07:44.196650393-06:00", datetime(2022, 11, 29, 18, 7, 44, 196650, UTC)),
    ],
)
def test_times_of_details_are_read_and_never_is_none(told: str, meant: datetime | None) -> None:
    status = {"id": "a", "state": "CONTAINER_EXITED", "finishedAt": told}
    (one,) = container_details(json.dumps({"status": status})).good
    assert one.finished_at == meant


def test_a_container_that_lives_in_anothers_pid_namespace_joins_it() -> None:
    info = {"config": {"linux": {"security_context": {"namespace_options": {"pid": 3, "target_id": "b"}}}}}
    (one,) = container_details(json.dumps({"status": {"id": "a"}, "info": info})).good
    assert one.joins


@pytest.mark.parametrize("info", [None, {}, {"runtimeSpec": None}, {"cniResult": {"Interfaces": None}}])
def test_a_sandbox_without_information_of_its_runtime_is_read(info: Any) -> None:
    (one,) = sandbox_details(json.dumps({"status": {"id": "a", "state": "SANDBOX_READY"}, "info": info})).good
    assert (one.pid, one.netns_path, one.host_network, one.addresses) == (None, None, None, ())


def test_the_place_of_a_network_is_taken_from_its_interfaces_where_nothing_else_names_it() -> None:
    interfaces = {"cni0": {"Sandbox": ""}, "eth0": {"Sandbox": "/var/run/netns/cni-1"}}
    info = {"cniResult": {"Interfaces": interfaces}}
    (one,) = sandbox_details(json.dumps({"status": {"id": "a"}, "info": info})).good
    assert one.netns_path == "/var/run/netns/cni-1"


def test_both_families_of_addresses_are_read() -> None:
    network = {"ip": "10.0.0.1", "additionalIps": [{"ip": "fd00::1"}, {"ip": ""}]}
    (one,) = sandbox_details(json.dumps({"status": {"id": "a", "network": network}})).good
    assert one.addresses == ("10.0.0.1", "fd00::1")


KEYS = ("items", "stats", "status", "info", "id", "metadata", "containers", "labels", "state", "attributes")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)


@given(json_values, st.sampled_from(sorted(READ)))
def test_whatever_is_printed_is_read_or_refused_in_words(value: Any, command: str) -> None:
    with suppress(CannotLook):
        READ[command](json.dumps(value))

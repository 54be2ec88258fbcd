"""What is said of one container, as the model has it."""

from __future__ import annotations

from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.backends.docker.backend import DockerBackend
from pausetui.backends.docker.details import detail
from pausetui.backends.docker.finding import DockerOptions
from pausetui.backends.docker.listing import listed
from pausetui.core.inventory import ContainerRecord, ContainerState, Inventory, PodState
from pausetui.core.json_value import At
from pausetui.core.observation import Observation
from pausetui.errors import NotOurFormat
from pausetui.kernel.host import HostRoot
from pausetui.text import harmless
from tests.backends.docker.engine import FakeContainer, FakeEngine, id_of
from tests.factories import NODE, NOW


def inventory(engine: FakeEngine) -> Inventory:
    with closing(DockerBackend(HostRoot(), DockerOptions(host=str(engine.path)), {})) as backend:
        return backend.inventory(Observation(NOW, NODE))


def alone(engine: FakeEngine, **said: Any) -> ContainerRecord:
    engine.add(1, "web", **said)
    ((record,),) = [pod.members for pod in inventory(engine).pods]
    return record


def test_a_container_that_runs_has_its_process_and_no_end(engine: FakeEngine) -> None:
    record = alone(engine, pid=4711)
    assert (record.state, record.pid, record.exit_code, record.reason) == (ContainerState.RUNNING, 4711, None, None)
    assert record.started_at == datetime(2026, 11, 24, 10, 0, 0, 500_000, tzinfo=UTC)
    assert record.finished_at is None


def test_a_container_that_ended_has_its_exit_code_and_no_process(engine: FakeEngine) -> None:
    record = alone(engine, state="exited", exit_code=3, pid=0)
    assert (record.state, record.pid, record.exit_code) == (ContainerState.EXITED, None, 3)
    assert record.finished_at == datetime(2026, 11, 24, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "state", "reason"),
    [
        ({"state": "exited", "oom": True, "exit_code": 137}, ContainerState.EXITED, "OOMKilled"),
        ({"state": "exited", "error": "cannot join network"}, ContainerState.EXITED, "cannot join network"),
        ({"state": "created", "error": "no such file"}, ContainerState.CREATED, "no such file"),
        ({"state": "restarting", "exit_code": 1}, ContainerState.EXITED, "restarting"),
        ({"state": "paused"}, ContainerState.RUNNING, "paused"),
        ({"state": "dead"}, ContainerState.EXITED, "dead"),
        ({"state": "frobnicated"}, ContainerState.UNKNOWN, "frobnicated"),
    ],
)
def test_states_are_told_in_our_words_with_the_engines_as_the_reason(
    engine: FakeEngine, said: dict[str, Any], state: ContainerState, reason: str
) -> None:
    record = alone(engine, **said)
    assert (record.state, record.reason) == (state, reason)


@pytest.mark.parametrize(("told", "seconds"), [(None, 10.0), (30, 30.0), (0, 0.0)])
def test_the_time_to_end_is_what_it_was_made_with(engine: FakeEngine, told: int | None, seconds: float) -> None:
    web = FakeContainer(1, "web")
    document = {**web.document(), "Config": {"StopTimeout": told}}
    engine.answers[f"/containers/{web.id}/json"] = (200, document)
    assert alone(engine).grace_seconds == seconds


def test_podman_that_listens_where_docker_would_is_asked_as_podman(podman: FakeEngine) -> None:
    assert inventory(podman).runtime.command == ("podman", "--url", f"unix://{podman.path}")


def test_restarts_are_those_of_its_policy(engine: FakeEngine) -> None:
    record = alone(engine, restarts=4, policy="on-failure")
    assert (record.restarts, record.attempt, record.restart_policy) == (4, None, "on-failure:3")


def test_a_restart_that_failed_is_none_and_why_it_did_is_told(engine: FakeEngine) -> None:
    """Docker counts it before it tries, and then gives up."""
    record = alone(engine, restarts=1, policy="always", state="exited", exit_code=137, error="cannot join network")
    assert (record.restarts, record.start_error) == (0, "cannot join network")


def test_volumes_that_members_share_are_told_and_others_are_not(engine: FakeEngine) -> None:
    engine.add(1, "web")
    engine.add(2, "app", network=f"container:{id_of(1)}", mounts=(("data", "/srv"), ("own", "/own")))
    engine.add(3, "db", network=f"container:{id_of(1)}", mounts=(("data", "/var/lib/db"),))
    (pod,) = inventory(engine).pods
    assert [member.mounts for member in pod.members] == [("data:/srv",), ("data:/var/lib/db",)]


def test_the_path_of_a_network_is_told_only_while_it_is_one(engine: FakeEngine) -> None:
    web = engine.add(1, "web")
    engine.add(2, "app", network=f"container:{id_of(1)}")
    assert inventory(engine).pods[0].netns_path == f"/var/run/docker/netns/{id_of(1)[-12:]}"
    web.state = "exited"
    (pod,) = inventory(engine).pods
    assert (pod.netns_path, pod.state, pod.runtime_addresses) == (None, PodState.NOTREADY, ())


def test_the_hosts_network_is_nobodys_to_pin(engine: FakeEngine) -> None:
    engine.add(1, "web", network="host")
    (pod,) = inventory(engine).pods
    assert (pod.host_network, pod.netns_path) == (True, None)


def test_members_stand_in_the_order_in_which_they_were_made(engine: FakeEngine) -> None:
    for number, name in ((4, "d"), (2, "b"), (3, "c")):
        engine.add(number, name, network=f"container:{id_of(1)}")
    engine.add(1, "web")
    made = {id_of(number): f"2026-11-24T10:00:00.00000000{number}Z" for number in range(1, 5)}
    for each in engine.containers:
        engine.answers[f"/containers/{each.id}/json"] = (200, {**each.document(), "Created": made[each.id]})
    (pod,) = inventory(engine).pods
    assert [member.name for member in pod.members] == ["b", "c", "d"]


def test_pids_of_another_machine_are_not_taken_for_ours(engine: FakeEngine) -> None:
    engine.add(1, "web", pid=4711)
    backend = DockerBackend(HostRoot(), DockerOptions(host="tcp://127.0.0.1:1"), {})
    backend._client_of = lambda endpoint, api="": _over(engine, endpoint)  # type: ignore[method-assign]
    with closing(backend):
        ((record,),) = [pod.members for pod in backend.inventory(Observation(NOW, NODE)).pods]
    assert record.pid is None


def _over(engine: FakeEngine, endpoint: Any) -> Any:
    from pausetui.backends.docker.client import Client

    client = Client(engine.endpoint, 5, {})
    client.endpoint = endpoint
    made = Client(engine.endpoint, 5, {})._made
    client._made = made  # type: ignore[method-assign]
    return client


def test_an_entry_that_cannot_be_read_is_told_beside_the_others(engine: FakeEngine) -> None:
    web = FakeContainer(1, "web")
    engine.containers.append(web)
    odd = {**web.entry(), "Id": "--all"}
    engine.answers["/containers/json"] = (200, [odd, web.entry(), {**web.entry(), "Created": 10**30}])
    found = inventory(engine)
    assert [pod.name for pod in found.pods] == ["web"]
    assert ["an id" in problem.why for problem in found.problems] == [True, False]


def test_a_container_of_which_nothing_more_can_be_read_is_there_with_what_the_list_says(
    engine: FakeEngine,
) -> None:
    web = engine.add(1, "web")
    engine.answers[f"/containers/{web.id}/json"] = (200, {"Id": web.id, "State": None})
    found = inventory(engine)
    assert found.pods[0].members[0].state is ContainerState.RUNNING
    (problem,) = found.problems
    assert problem.subject == "web/member/web"


HOSTILE = "evil\x1b]0;x\x07\u202egpj\n" * 40


def test_hostile_names_labels_and_errors_are_made_harmless(engine: FakeEngine) -> None:
    engine.add(1, HOSTILE, labels={f"com.docker.compose.{key}": HOSTILE for key in ("project", "service")})
    engine.add(2, "app", network=f"container:{id_of(1)}", state="exited", error=HOSTILE)
    engine.add(3, "k8s", labels={"io.kubernetes.docker.type": HOSTILE, "io.kubernetes.pod.name": HOSTILE})
    for text in _texts(inventory(engine)):
        assert harmless(text, max(len(text), 1)) == text


def _texts(found: Inventory) -> list[str]:
    texts = []
    for pod in found.pods:
        texts += [pod.key, pod.name, pod.namespace, pod.note]
        for one in (*((pod.pause,) if pod.pause else ()), *pod.members):
            texts += [one.key, one.name, one.reason or "", one.image or ""]
    return texts


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_ENTRY, _DOCUMENT = FakeContainer(1, "web").entry(), FakeContainer(1, "web").document()


@given(key=st.sampled_from(sorted(_ENTRY)), value=_json)
def test_a_list_with_anything_in_it_is_read_or_told_to_be_unreadable(key: str, value: Any) -> None:
    good, bad = listed(At([{**_ENTRY, key: value}], "a list"))
    assert len(good) + len(bad) == 1


@given(key=st.sampled_from(sorted(_DOCUMENT)), value=_json)
def test_a_container_with_anything_in_it_is_read_or_told_to_be_unreadable(key: str, value: Any) -> None:
    with suppress(NotOurFormat):
        detail(At({**_DOCUMENT, key: value}, "a container"))


@given(inner=st.sampled_from(["State", "HostConfig", "NetworkSettings", "Config"]), key=st.integers(0), value=_json)
def test_a_container_with_anything_deep_in_it_is_read_or_told_to_be_unreadable(
    inner: str, key: int, value: Any
) -> None:
    inside = _DOCUMENT[inner]
    name = sorted(inside)[key % len(inside)]
    with suppress(NotOurFormat):
        detail(At({**_DOCUMENT, inner: {**inside, name: value}}, "a container"))

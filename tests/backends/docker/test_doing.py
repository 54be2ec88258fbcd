"""What is done to containers and pods, and what is said of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from pausetui.backends.docker.backend import DockerBackend, PodmanBackend
from pausetui.backends.docker.finding import DockerOptions
from pausetui.core.actions import Action, ActionKind, Rejoining
from pausetui.errors import ActionRefused
from pausetui.kernel.host import HostRoot
from tests.backends.docker.engine import FakeEngine, hangs, id_of
from tests.backends.docker.test_asking import NOTHING
from tests.backends.docker.test_grouping import podmans_pod

WEB = id_of(1)


def action(
    kind: ActionKind, runtime_id: str | None = WEB, members: tuple[Rejoining, ...] = (), grace: float = 10.0
) -> Action:
    return Action("1", kind, "web", "web/member/app", "web app", None, runtime_id, grace, members)


def rejoining(*members: Rejoining) -> Action:
    return action(ActionKind.REJOIN, members=members)


APP, DB = Rejoining("app", id_of(2), starts=False), Rejoining("db", id_of(3), starts=False)


@pytest.fixture
def backend(engine: FakeEngine) -> Iterator[DockerBackend]:
    engine.add(1, "web")
    with closing(DockerBackend(HostRoot(), DockerOptions(host=str(engine.path), timeout=0.5), {})) as backend:
        backend.inventory(NOTHING)
        engine.asked.clear()
        yield backend


@pytest.mark.parametrize(
    ("kind", "asked", "said"),
    [
        (ActionKind.RESTART_MEMBER, "POST /containers/{}/restart", "restarted"),
        (ActionKind.STOP_MEMBER, "POST /containers/{}/stop", "stopped"),
        (ActionKind.KILL_MEMBER, "POST /containers/{}/kill", "killed"),
        (ActionKind.START_MEMBER, "POST /containers/{}/start", "started"),
        (ActionKind.DELETE_PAUSE, "POST /containers/{}/kill", "killed"),
        (ActionKind.STOP_SANDBOX, "POST /containers/{}/stop", "stopped"),
        (ActionKind.REMOVE_SANDBOX, "DELETE /containers/{}", "removed"),
        (ActionKind.START_SANDBOX, "POST /containers/{}/start", "started"),
    ],
)
def test_each_action_is_one_call(
    engine: FakeEngine, backend: DockerBackend, kind: ActionKind, asked: str, said: str
) -> None:
    assert backend.perform(action(kind), None) == f"{said} {WEB[:12]}"
    assert engine.asked == [asked.format(WEB)]


def test_rejoining_restarts_the_members_in_their_order(engine: FakeEngine, backend: DockerBackend) -> None:
    said = backend.perform(rejoining(DB, APP), None)
    assert engine.asked == [f"POST /containers/{id_of(3)}/restart", f"POST /containers/{id_of(2)}/restart"]
    assert said == "restarted db; restarted app"


def test_rejoining_starts_a_member_that_has_ended(engine: FakeEngine, backend: DockerBackend) -> None:
    said = backend.perform(rejoining(replace(APP, starts=True)), None)
    assert (engine.asked, said) == ([f"POST /containers/{id_of(2)}/start"], "started app")


def test_one_member_that_can_not_rejoin_does_not_keep_the_others_from_it(
    engine: FakeEngine, backend: DockerBackend
) -> None:
    engine.answers[f"/containers/{id_of(2)}/restart"] = (500, {"message": "cannot join network"})
    said = backend.perform(rejoining(APP, DB), None)
    assert said == "restarted db; app not: cannot join network"


def test_rejoining_is_refused_when_no_member_could(engine: FakeEngine, backend: DockerBackend) -> None:
    engine.answers[f"/containers/{id_of(2)}/restart"] = (500, {"message": "cannot join network"})
    with pytest.raises(ActionRefused, match="cannot join network"):
        backend.perform(rejoining(APP), None)


def test_a_container_that_is_gone_is_said_to_be(engine: FakeEngine, backend: DockerBackend) -> None:
    engine.answers[f"/containers/{WEB}/restart"] = (404, {"message": f"No such container: {WEB}"})
    with pytest.raises(ActionRefused, match="does not know it any more"):
        backend.perform(action(ActionKind.RESTART_MEMBER), None)


def test_a_refusal_is_told_in_the_engines_words(engine: FakeEngine, backend: DockerBackend) -> None:
    engine.answers[f"/containers/{WEB}/kill"] = (409, {"message": "Container is not running"})
    with pytest.raises(ActionRefused, match="Container is not running"):
        backend.perform(action(ActionKind.KILL_MEMBER), None)


def test_no_answer_in_time_says_that_it_may_still_happen(engine: FakeEngine, backend: DockerBackend) -> None:
    over = threading.Event()
    engine.answers[f"/containers/{WEB}/start"] = hangs(over)
    with pytest.raises(ActionRefused, match="It may still happen"):
        backend.perform(action(ActionKind.START_MEMBER), None)
    over.set()


def test_a_container_that_takes_its_grace_period_is_waited_for(engine: FakeEngine, backend: DockerBackend) -> None:
    over = threading.Event()
    timer = threading.Timer(0.8, over.set)  # longer than the timeout of a question
    timer.start()
    engine.answers[f"/containers/{WEB}/stop"] = lambda handler: (over.wait(5), handler._send(204, None))
    assert backend.perform(action(ActionKind.STOP_MEMBER, grace=2.0), None)


def test_without_an_id_and_without_a_process_nothing_is_done(backend: DockerBackend) -> None:
    with pytest.raises(ActionRefused):
        backend.perform(action(ActionKind.KILL_MEMBER, runtime_id=None), None)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (ActionKind.STOP_SANDBOX, "POST /libpod/pods/{}/stop"),
        (ActionKind.START_SANDBOX, "POST /libpod/pods/{}/start"),
        (ActionKind.REMOVE_SANDBOX, "DELETE /libpod/pods/{}"),
    ],
)
def test_a_pod_of_podman_is_done_to_as_a_whole(podman: FakeEngine, kind: ActionKind, asked: str) -> None:
    podman.add(1, "infra")
    podmans_pod(podman, 1, infra=1)
    with closing(PodmanBackend(HostRoot(), DockerOptions(host=str(podman.path)), {})) as backend:
        backend.inventory(NOTHING)
        podman.asked.clear()
        backend.perform(action(kind, runtime_id=id_of(1000)), None)
    assert asked.format(id_of(1000)) in podman.asked

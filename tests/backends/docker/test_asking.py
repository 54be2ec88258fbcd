"""What an engine is asked, and what not again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from pausetui.backends.docker import asking
from pausetui.backends.docker.asking import RETRY, Asking
from pausetui.backends.docker.client import Client
from pausetui.core.inventory import ContainerState
from pausetui.core.observation import Observation, Process, ProcessId
from tests.backends.docker.engine import FakeContainer, FakeEngine, id_of
from tests.factories import HOST, NODE, NOW

NOTHING = Observation(NOW, NODE)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def process(container: FakeContainer, pid: int = 0) -> Process:
    pid = pid or container.pid
    return Process(ProcessId(pid, pid * 10), "x", cgroup=f"/docker/{container.id}")


def shown(*processes: Process) -> Observation:
    init = Process(ProcessId(1, 1), "init", namespaces=HOST)
    return Observation(NOW, NODE, HOST, {each.pid: each for each in (init, *processes)})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def asks(engine: FakeEngine, clock: Clock) -> Iterator[Asking]:
    with closing(Client(engine.endpoint, 5, {})) as client:
        yield Asking(client, clock)


def test_each_container_is_asked_about_once(engine: FakeEngine, asks: Asking) -> None:
    engine.add(1, "web", pid=100)
    engine.add(2, "app", pid=200)
    asks.look(NOTHING)
    assert engine.inspected() == ["web", "app"]
    asks.look(NOTHING)
    assert engine.asked == ["/containers/json"]


def test_a_new_container_alone_is_asked_about(engine: FakeEngine, asks: Asking) -> None:
    engine.add(1, "web")
    asks.look(NOTHING)
    engine.inspected()
    engine.add(2, "app")
    asks.look(NOTHING)
    assert engine.inspected() == ["app"]


def test_a_container_that_only_grew_older_is_not_asked_about(engine: FakeEngine, asks: Asking) -> None:
    web = engine.add(1, "web", state="exited", status="Exited (137) 3 minutes ago")
    asks.look(NOTHING)
    engine.inspected()
    web.status = "Exited (137) 4 minutes ago"
    asks.look(NOTHING)
    assert engine.inspected() == []


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "exited", "status": "Exited (0) 1 second ago"},
        {"name": "other"},
        {"address": "172.17.0.9"},
        {"status": "Exited (1) 3 minutes ago"},
        {"status": "Up 3 minutes (Paused)"},
    ],
)
def test_a_container_of_which_the_list_says_something_new_is_asked_about(
    engine: FakeEngine, asks: Asking, changed: dict[str, str]
) -> None:
    engine.add(1, "web", address="172.17.0.2")
    asks.look(NOTHING)
    engine.inspected()
    engine.containers[0] = replace(engine.containers[0], **changed)  # type: ignore[arg-type]
    asks.look(NOTHING)
    assert len(engine.inspected()) == 1


def test_a_container_that_ended_and_came_again_between_two_lists_is_asked_about(
    engine: FakeEngine, asks: Asking
) -> None:
    web = engine.add(1, "web", pid=100)
    asks.look(shown(process(web)))
    asks.look(shown(process(web)))
    engine.inspected()
    web.pid = 101
    (seen,) = asks.look(shown(process(web))).containers
    assert engine.inspected() == ["web"]
    assert seen.detail is not None
    assert seen.detail.pid == 101


def test_a_pid_that_another_container_has_by_now_is_no_sign_of_life(engine: FakeEngine, asks: Asking) -> None:
    web = engine.add(1, "web", pid=100)
    asks.look(shown(process(web)))
    asks.look(shown(process(web)))
    engine.inspected()
    asks.look(shown(process(FakeContainer(2, "other"), pid=100)))
    assert engine.inspected() == ["web"]


def test_pids_that_this_machine_never_had_make_nobody_ask_again(engine: FakeEngine, asks: Asking) -> None:
    engine.add(1, "web", pid=100)
    asks.look(shown())
    engine.inspected()
    asks.look(shown())
    assert engine.inspected() == []


def test_a_container_that_an_event_was_about_is_asked_about(engine: FakeEngine, asks: Asking) -> None:
    engine.add(1, "web")
    engine.add(2, "app")
    asks.look(NOTHING)
    engine.inspected()
    asks.told_of(id_of(2))
    asks.look(NOTHING)
    assert engine.inspected() == ["app"]


def test_an_event_while_we_ask_is_not_lost(engine: FakeEngine, asks: Asking) -> None:
    web = engine.add(1, "web")

    def told_meanwhile(handler: Any) -> None:
        asks.told_of(web.id)
        handler._send(200, web.document())

    engine.answers[f"/containers/{web.id}/json"] = told_meanwhile
    asks.look(NOTHING)
    engine.inspected()
    del engine.answers[f"/containers/{web.id}/json"]
    asks.look(NOTHING)
    assert engine.inspected() == ["web"]


def test_a_container_that_is_restarting_is_asked_about_each_time(engine: FakeEngine, asks: Asking) -> None:
    engine.add(1, "loop", state="restarting", restarts=4)
    asks.look(NOTHING)
    engine.inspected()
    asks.look(NOTHING)
    assert engine.inspected() == ["loop"]


def test_a_container_that_is_gone_before_it_is_asked_about_harms_nothing(engine: FakeEngine, asks: Asking) -> None:
    web = engine.add(1, "web")
    engine.answers[f"/containers/{web.id}/json"] = (404, {"message": "No such container"})
    answers = asks.look(NOTHING)
    assert (answers.failed, [each.detail for each in answers.containers]) == ({}, [None])


def test_one_container_that_fails_is_told_beside_the_others_and_asked_about_later(
    engine: FakeEngine, asks: Asking, clock: Clock
) -> None:
    bad, good = engine.add(1, "bad"), engine.add(2, "good")
    engine.answers[f"/containers/{bad.id}/json"] = (500, {"message": "layer does not exist"})
    answers = asks.look(NOTHING)
    assert "layer does not exist" in answers.failed[bad.id]
    assert good.id not in answers.failed
    engine.inspected()
    asks.look(NOTHING)
    assert engine.inspected() == []
    clock.now += RETRY
    del engine.answers[f"/containers/{bad.id}/json"]
    assert asks.look(NOTHING).failed == {}


def test_what_takes_too_long_is_asked_about_in_the_next_look(
    engine: FakeEngine, asks: Asking, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 6):
        engine.add(number, f"c{number}")
    monkeypatch.setattr(asking, "BUDGET_SECONDS", -1.0)
    assert asks.look(NOTHING).postponed == 4
    assert engine.inspected() == ["c1"]
    monkeypatch.setattr(asking, "BUDGET_SECONDS", 10.0)
    assert asks.look(NOTHING).postponed == 0
    assert engine.inspected() == ["c2", "c3", "c4", "c5"]


def test_the_newer_word_on_a_state_counts(engine: FakeEngine, asks: Asking) -> None:
    web = engine.add(1, "web", pid=100)
    engine.answers[f"/containers/{web.id}/json"] = (200, replace(web, state="exited", exit_code=1).document())
    (seen,) = asks.look(NOTHING).containers
    assert seen.state is ContainerState.EXITED


def test_the_name_of_a_container_that_is_gone_is_kept_while_others_refer_to_it(
    engine: FakeEngine, asks: Asking
) -> None:
    web = engine.add(1, "web")
    engine.add(2, "app", network=f"container:{web.id}")
    asks.look(NOTHING)
    engine.containers.remove(web)
    assert asks.look(NOTHING).gone[web.id].name == "web"
    assert asks.look(NOTHING).gone[web.id].name == "web"
    engine.containers.clear()
    assert asks.look(NOTHING).gone == {}


def test_the_version_of_the_api_is_agreed_on_once(engine: FakeEngine, asks: Asking) -> None:
    asks.look(NOTHING)
    engine.asked.clear()
    asks.look(NOTHING)
    assert "/version" not in engine.asked


def test_podman_is_asked_for_its_pods_and_docker_is_not(
    podman: FakeEngine, engine: FakeEngine, asks: Asking
) -> None:
    asks.look(NOTHING)
    assert not any("libpod" in path for path in engine.asked)
    with closing(Client(podman.endpoint, 5, {})) as client:
        Asking(client).look(NOTHING)
    assert "/libpod/pods/json" in podman.asked

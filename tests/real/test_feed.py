"""A running session on the real kernel: it shows deaths at once, survives its runtime, and acts with care."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pausetui.backends.signalling import by_signal
from pausetui.core.actions import Action, ActionKind, Offer
from pausetui.core.inventory import (
    ContainerRecord,
    ContainerState,
    Inventory,
    PodRecord,
    PodState,
    Restorer,
    Role,
    Runtime,
)
from pausetui.core.observation import Observation, ProcessId
from pausetui.core.predict.offers import offer
from pausetui.errors import ActionRefused, CannotLook
from pausetui.kernel.observer import Observer
from pausetui.kernel.signals import CheckedProcess
from pausetui.live.journal import Journal
from pausetui.live.picture import Picture
from pausetui.live.session import LiveSession
from tests.waiting import until

MEMBER = "p/member/sleeper"


class OneMember:
    """A runtime with one pod of one member: a real process. It answers, refuses or hangs as it is told."""

    name = "test"

    def __init__(self, pid: int) -> None:
        started = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
        self.process = ProcessId(pid, started)
        self.away = False
        self.hang = threading.Event()
        self.hang.set()
        self.asked = 0

    def inventory(self, observation: Observation) -> Inventory:
        self.asked += 1
        self.hang.wait(30)
        if self.away:
            raise CannotLook("asking test", "Connection refused", "start it")
        member = ContainerRecord(
            MEMBER, "sleeper", Role.MEMBER, ContainerState.RUNNING, attempt=0, process=self.process
        )
        pod = PodRecord("p", "", "one", "p", PodState.READY, brought_back_by=Restorer.NOBODY, members=(member,))
        return Inventory(self.name, datetime.now(UTC), Runtime("test"), (pod,))

    def hints(self, stop: threading.Event) -> Iterator[None]:
        return iter(())

    def perform(self, action: Action, process: CheckedProcess | None) -> str:
        return by_signal(action, process)

    def close(self) -> None:
        self.hang.set()


class Watched:
    """A session and the pictures it has given."""

    def __init__(self, backend: OneMember, journal: Path, *, read_only: bool = False) -> None:
        self.backend = backend
        self.pictures: list[Picture] = []
        self.session = LiveSession(backend, Observer(), read_only=read_only, journal=Journal(journal))
        self.session.start(self.pictures.append)

    def picture(self, wanted: Callable[[Picture], bool]) -> Picture:
        def found() -> Picture | None:
            return next((picture for picture in reversed(self.pictures) if wanted(picture)), None)

        return until(found, 25, "a picture as wanted")

    def member_state(self, state: ContainerState) -> Picture:
        def in_it(picture: Picture) -> bool:
            found = picture.snapshot.container(MEMBER)
            return found is not None and found[1].state is state

        return self.picture(in_it)

    def kill_offer(self) -> Offer:
        snapshot = self.member_state(ContainerState.RUNNING).snapshot
        made = offer(snapshot, ActionKind.KILL_MEMBER, MEMBER)
        assert isinstance(made, Offer)
        return made


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    code = "import time; time.sleep(600)"
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", code]) as process:
        yield process
        process.kill()


@pytest.fixture
def watched(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> Iterator[Watched]:
    one = Watched(OneMember(sleeper.pid), tmp_path / "journal.jsonl")
    yield one
    one.session.stop()


def test_a_death_is_shown_although_the_runtime_still_says_running(
    watched: Watched, sleeper: subprocess.Popen[bytes]
) -> None:
    watched.member_state(ContainerState.RUNNING)
    sleeper.kill()
    assert watched.member_state(ContainerState.EXITED).snapshot.stale is False


def test_a_death_is_shown_while_the_runtime_hangs(watched: Watched, sleeper: subprocess.Popen[bytes]) -> None:
    watched.member_state(ContainerState.RUNNING)
    watched.backend.hang.clear()
    watched.session.look_now()
    sleeper.kill()
    watched.member_state(ContainerState.EXITED)


def test_a_runtime_that_goes_away_leaves_the_last_picture_marked_stale_with_the_reason(watched: Watched) -> None:
    watched.member_state(ContainerState.RUNNING)
    watched.backend.away = True
    watched.session.look_now()
    picture = watched.picture(lambda one: one.snapshot.stale)
    assert [pod.name for pod in picture.snapshot.pods] == ["one"]
    assert picture.snapshot.problems[0].why == "Connection refused"


def test_a_runtime_that_comes_back_makes_the_picture_live_again(watched: Watched) -> None:
    watched.member_state(ContainerState.RUNNING)
    watched.backend.away = True
    watched.session.look_now()
    watched.picture(lambda one: one.snapshot.stale)
    watched.backend.away = False
    watched.pictures.clear()
    watched.session.look_now()
    picture = watched.picture(lambda one: not one.snapshot.stale and one.snapshot.inventory_at is not None)
    assert "test answers" in [line.text for line in picture.timeline]


def test_a_hung_runtime_does_not_hold_up_the_end(watched: Watched) -> None:
    watched.member_state(ContainerState.RUNNING)
    watched.backend.hang.clear()
    asked = watched.backend.asked
    watched.session.look_now()
    until(lambda: watched.backend.asked > asked, 25)
    watched.session.stop()
    names = [thread.name for thread in threading.enumerate() if thread.name == "pausetui-feed"]
    assert names == []


def test_killing_a_member_is_put_down_to_the_action_with_the_time_since(
    watched: Watched, sleeper: subprocess.Popen[bytes]
) -> None:
    action = watched.session.submit(watched.kill_offer())
    picture = watched.member_state(ContainerState.EXITED)
    event = picture.timeline[-1].event
    assert event.action_id == action.id
    assert event.seconds_after is not None
    assert sleeper.wait(5) == -9


def test_the_outcome_of_an_action_comes_with_a_picture(watched: Watched) -> None:
    action = watched.session.submit(watched.kill_offer())
    picture = watched.picture(lambda one: bool(one.outcomes))
    assert picture.outcomes[0].action == action
    assert picture.outcomes[0].done


def test_intent_outcome_and_what_followed_are_in_the_journal(watched: Watched, tmp_path: Path) -> None:
    watched.session.submit(watched.kill_offer())
    watched.member_state(ContainerState.EXITED)

    def steps() -> set[str]:
        lines = (tmp_path / "journal.jsonl").read_text().splitlines()
        return {json.loads(line)["step"] for line in lines}

    until(lambda: steps() == {"intent", "sent", "observed"})


def test_a_target_that_is_another_process_by_now_is_not_touched(
    watched: Watched, sleeper: subprocess.Popen[bytes]
) -> None:
    made = watched.kill_offer()
    assert made.target is not None
    other = replace(made.target, process=replace(made.target.process, start_ticks=1))
    watched.session.submit(replace(made, target=other))
    picture = watched.picture(lambda one: bool(one.outcomes))
    assert not picture.outcomes[0].done
    assert sleeper.poll() is None


def test_a_read_only_session_refuses_every_action(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    one = Watched(OneMember(sleeper.pid), tmp_path / "journal.jsonl", read_only=True)
    try:
        with pytest.raises(ActionRefused, match="read-only"):
            one.session.submit(one.kill_offer())
    finally:
        one.session.stop()
    assert sleeper.poll() is None

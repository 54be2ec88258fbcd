"""The thread that asks the runtime, and whether its answers are news."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pausetui.backends.base import Backend
from pausetui.core.actions import Action, ActionKind, ActionOutcome, Rejoining
from pausetui.core.inventory import Inventory, PodRecord, PodState
from pausetui.core.observation import Observation
from pausetui.errors import ActionRefused, CannotLook
from pausetui.live.pace import HUNG_AFTER
from pausetui.live.picture import Doing
from pausetui.live.workers import ActionWorker, InventoryWorker
from tests.factories import NODE, NOW, RUNTIME

TOLD = Inventory("lab", NOW, RUNTIME, (PodRecord("web", "default", "web", "web", PodState.READY),))
LATER = replace(TOLD, inventory_at=NOW + timedelta(seconds=10))
OTHER = replace(LATER, pods=())
SILENT = CannotLook("asking the lab", "it does not answer")


class Runtime(Backend):
    """Answers what it is told to, in turn; ``seconds`` later than it was asked, by the clock that it keeps."""

    name = "lab"

    def __init__(self, *answers: Inventory | CannotLook, seconds: float = 0.0) -> None:
        self._answers = iter(answers)
        self._seconds = seconds
        self.now = NOW

    def inventory(self, observation: Observation) -> Inventory:
        self.now += timedelta(seconds=self._seconds)
        answer = next(self._answers)
        if isinstance(answer, CannotLook):
            raise answer
        return answer

    def perform(self, action: Action, process: object) -> str:
        raise NotImplementedError

    def hints(self, stop: threading.Event) -> Iterator[None]:
        return iter(())

    def close(self) -> None:
        pass

    def clock(self) -> datetime:
        return self.now


def news(runtime: Runtime, times: int) -> list[bool]:
    """Whether each of so many answers was told to be news."""
    heard: queue.SimpleQueue[bool] = queue.SimpleQueue()
    worker = InventoryWorker(runtime, runtime.clock, heard.put)
    worker.start()
    told = []
    for _ in range(times):
        assert worker.ask(Observation(NOW, NODE))
        told.append(heard.get(timeout=10))
    worker.stop()
    return told


@pytest.mark.parametrize(
    ("first", "second", "new"),
    [
        (TOLD, LATER, False),
        (TOLD, OTHER, True),
        (TOLD, SILENT, True),
        (SILENT, TOLD, True),
        (SILENT, SILENT, False),
    ],
)
def test_an_answer_that_differs_only_in_its_time_is_no_news(
    first: Inventory | CannotLook, second: Inventory | CannotLook, new: bool
) -> None:
    assert news(Runtime(first, second), 2) == [True, new]


def test_an_answer_that_may_have_been_called_overdue_is_news_whatever_it_says() -> None:
    assert news(Runtime(TOLD, LATER, seconds=HUNG_AFTER), 2) == [True, True]


class Slow(Runtime):
    """Does an action only when it is let; one that fails says so."""

    def __init__(self, *, fails: str = "") -> None:
        super().__init__()
        self.let = threading.Semaphore(0)
        self._fails = fails

    def perform(self, action: Action, process: object) -> str:
        self.let.acquire(timeout=10)
        if action.members and action.members[0].name == self._fails:
            raise ActionRefused(action.subject, "cannot join network")
        return action.under_way


BOTH = (Rejoining("app", "a" * 64, starts=False), Rejoining("db", "b" * 64, starts=True))


def asked(kind: ActionKind, members: tuple[Rejoining, ...] = ()) -> Action:
    return Action("1", kind, "web", "web/member/app", "web app", None, "c" * 64, members=members)


class Acting:
    """A worker, what it said that it was doing as each step began, and what it said came of it."""

    def __init__(self, runtime: Slow) -> None:
        self.runtime = runtime
        self.began: queue.SimpleQueue[Doing | None] = queue.SimpleQueue()
        self.done: queue.SimpleQueue[ActionOutcome] = queue.SimpleQueue()
        self.worker = ActionWorker(runtime, runtime.clock, lambda: self.began.put(self.worker.doing), self.done.put)

    def step(self) -> Doing | None:
        """What is under way, until it is let go on."""
        doing = self.began.get(timeout=10)
        self.runtime.let.release()
        return doing


@pytest.fixture
def acting() -> Iterator[Acting]:
    made = Acting(Slow())
    made.worker.start()
    yield made
    made.worker.stop()


def test_while_several_members_rejoin_it_is_said_which_and_since_when(acting: Acting) -> None:
    acting.worker.perform(asked(ActionKind.REJOIN, BOTH), None)
    assert acting.step() == Doing("restarting app, 1 of 2", NOW)
    assert acting.step() == Doing("starting db, 2 of 2", NOW)
    outcome = acting.done.get(timeout=10)
    assert (outcome.done, outcome.text) == (True, "restarting app; starting db")
    assert acting.worker.doing is None


def test_what_is_done_to_one_is_not_counted(acting: Acting) -> None:
    acting.worker.perform(asked(ActionKind.STOP_MEMBER), None)
    assert acting.step() == Doing("stopping app", NOW)


def test_one_step_that_fails_does_not_keep_the_others_from_it_and_is_told() -> None:
    acting = Acting(Slow(fails="app"))
    acting.worker.start()
    acting.worker.perform(asked(ActionKind.REJOIN, BOTH), None)
    acting.step()
    acting.step()
    outcome = acting.done.get(timeout=10)
    acting.worker.stop()
    assert (outcome.done, outcome.text) == (True, "starting db; web app: cannot join network")


@pytest.mark.parametrize("kind", ActionKind)
def test_every_action_has_words_for_while_it_lasts(kind: ActionKind) -> None:
    assert "ing " in asked(kind).under_way

"""The thread that asks the runtime, and whether its answers are news."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pausetui.backends.base import Backend
from pausetui.core.actions import Action
from pausetui.core.inventory import Inventory, PodRecord, PodState
from pausetui.core.observation import Observation
from pausetui.errors import CannotLook
from pausetui.live.pace import HUNG_AFTER
from pausetui.live.workers import InventoryWorker
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

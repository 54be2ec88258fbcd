"""The threads that may wait: one asks the runtime, one acts, one listens for the runtime's hints.

All are daemons, so that a hung runtime never holds up quitting, and none ever touches a snapshot.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from pausetui.backends.base import Backend
from pausetui.core.actions import Action, ActionOutcome
from pausetui.core.inventory import Inventory
from pausetui.core.observation import Observation, Problem
from pausetui.errors import PausetuiError
from pausetui.kernel.signals import CheckedProcess


@dataclass(frozen=True, slots=True)
class Answer:
    """The newest inventory, or the last one marked stale beside the reason why there is no newer one."""

    inventory: Inventory | None = None
    problem: Problem | None = None
    asked_at: datetime | None = None


class InventoryWorker:
    """Asks the backend, one question at a time. ``ask`` never waits; ``answer`` is the newest there is."""

    def __init__(self, backend: Backend, now: Callable[[], datetime], answered: Callable[[], None]) -> None:
        self._backend = backend
        self._now = now
        self._answered = answered
        self._question: queue.SimpleQueue[Observation | None] = queue.SimpleQueue()
        self._waiting_since: datetime | None = None
        self._answer = Answer()
        self._thread = threading.Thread(target=self._run, name="pausetui-inventory", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    @property
    def busy_since(self) -> datetime | None:
        """Since when a question has been open, or None."""
        return self._waiting_since

    @property
    def answer(self) -> Answer:
        """The newest answer."""
        return self._answer

    def ask(self, observation: Observation) -> bool:
        """Ask for a new inventory, unless a question is open already. Says whether it was asked."""
        if self._waiting_since is not None:
            return False
        self._waiting_since = self._now()
        self._question.put(observation)
        return True

    def stop(self) -> None:
        """Let the thread end when it next can."""
        self._question.put(None)

    def _run(self) -> None:
        while (observation := self._question.get()) is not None:
            self._answer = self._ask(observation)
            self._waiting_since = None
            self._answered()

    def _ask(self, observation: Observation) -> Answer:
        asked_at = self._now()
        try:
            return Answer(self._backend.inventory(observation), asked_at=asked_at)
        except (PausetuiError, OSError) as error:
            last = self._answer.inventory
            stale = replace(last, stale=True) if last else None
            return Answer(stale, _as_problem(self._backend.name, error), asked_at)


def _as_problem(backend: str, error: PausetuiError | OSError) -> Problem:
    subject = f"backend:{backend}"
    if isinstance(error, PausetuiError):
        return Problem(subject, error.what, error.why, error.next_step)
    return Problem(subject, f"asking {backend}", error.strerror or str(error))


class ActionWorker:
    """Carries out actions, one at a time, on processes that were checked just before."""

    def __init__(self, backend: Backend, done: Callable[[ActionOutcome], None]) -> None:
        self._backend = backend
        self._done = done
        self._jobs: queue.SimpleQueue[tuple[Action, CheckedProcess | None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="pausetui-actions", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def perform(self, action: Action, process: CheckedProcess | None) -> None:
        """Carry it out soon, and close the process, if it is for one, after."""
        self._jobs.put((action, process))

    def stop(self) -> None:
        """Let the thread end after what it is doing."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            action, process = job
            with process or nullcontext():
                self._done(self._outcome(action, process))

    def _outcome(self, action: Action, process: CheckedProcess | None) -> ActionOutcome:
        try:
            return ActionOutcome(action, True, self._backend.perform(action, process))
        except (PausetuiError, OSError) as error:
            return ActionOutcome(action, False, str(error))


class HintListener:
    """Listens to the backend's hints, and starts over, slowly, when they end."""

    def __init__(self, backend: Backend, hinted: Callable[[], None]) -> None:
        self._backend = backend
        self._hinted = hinted
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pausetui-hints", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; the backend looks at this event within a second."""
        self._stop.set()

    def _run(self) -> None:
        wait = 1.0
        while not self._stop.is_set():
            heard = False
            try:
                for _ in self._backend.hints(self._stop):
                    heard, wait = True, 1.0
                    self._hinted()
            except (PausetuiError, OSError):
                heard = True  # it has hints, and is away: the inventory says why
            if not heard:
                return
            self._stop.wait(wait)
            wait = min(30.0, wait * 2)

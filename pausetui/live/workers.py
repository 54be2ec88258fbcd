"""The threads that may wait: one asks the runtime, one acts, one listens for the runtime's hints.

All are daemons, so that a hung runtime never holds up quitting, and none ever touches a snapshot.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pausetui.backends.base import Backend
from pausetui.core.actions import Action, ActionOutcome
from pausetui.core.inventory import Inventory
from pausetui.core.observation import Observation, Problem
from pausetui.errors import PausetuiError
from pausetui.kernel.signals import CheckedProcess
from pausetui.live.pace import HUNG_AFTER
from pausetui.live.picture import Doing


@dataclass(frozen=True, slots=True)
class Answer:
    """The newest inventory, or the last one marked stale beside the reason why there is no newer one."""

    inventory: Inventory | None = None
    problem: Problem | None = None

    def says_the_same_as(self, other: Answer) -> bool:
        """Whether nothing is in it but that it was given at another time."""
        own, others = self.inventory, other.inventory
        if own is None or others is None:
            return self == other
        return self.problem == other.problem and replace(own, inventory_at=others.inventory_at) == others


class InventoryWorker:
    """Asks the backend, one question at a time. ``ask`` never waits; ``answer`` is the newest there is.

    Args:
        backend: Whom it asks.
        now: The clock, UTC.
        answered: Called on its thread after each answer, with whether that says anything new.
    """

    def __init__(self, backend: Backend, now: Callable[[], datetime], answered: Callable[[bool], None]) -> None:
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
            before, self._answer = self._answer, self._ask(observation)
            since, self._waiting_since = self._waiting_since, None
            # One that was late may have been said to hang.
            late = since is None or self._now() - since >= timedelta(seconds=HUNG_AFTER)
            self._answered(late or not self._answer.says_the_same_as(before))

    def _ask(self, observation: Observation) -> Answer:
        try:
            return Answer(self._backend.inventory(observation))
        except (PausetuiError, OSError) as error:
            last = self._answer.inventory
            stale = replace(last, stale=True) if last else None
            return Answer(stale, _as_problem(self._backend.name, error))


def _as_problem(backend: str, error: PausetuiError | OSError) -> Problem:
    subject = f"backend:{backend}"
    if isinstance(error, PausetuiError):
        return Problem(subject, error.what, error.why, error.next_step)
    return Problem(subject, f"asking {backend}", error.strerror or str(error))


class ActionWorker:
    """Carries out actions, one at a time, on processes that were checked just before.

    Args:
        backend: Who does it.
        now: The clock, UTC.
        began: Called on its thread as each step begins; ``doing`` says which.
        done: Called on its thread when all of it is done, or was refused.
    """

    def __init__(
        self,
        backend: Backend,
        now: Callable[[], datetime],
        began: Callable[[], None],
        done: Callable[[ActionOutcome], None],
    ) -> None:
        self._backend = backend
        self._now = now
        self._began = began
        self._done = done
        self._doing: Doing | None = None
        self._jobs: queue.SimpleQueue[tuple[Action, CheckedProcess | None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="pausetui-actions", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    @property
    def doing(self) -> Doing | None:
        """The step that is being carried out."""
        return self._doing

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
                outcome = self._outcome(action, process)
                self._doing = None
                self._done(outcome)

    def _outcome(self, action: Action, process: CheckedProcess | None) -> ActionOutcome:
        """Do each step, also after one that failed; something was done if one was."""
        done, failed = [], []
        steps = action.steps
        for number, step in enumerate(steps, 1):
            counted = f", {number} of {len(steps)}" if len(steps) > 1 else ""
            self._doing = Doing(f"{step.under_way}{counted}", self._now())
            self._began()
            try:
                done.append(self._backend.perform(step, process))
            except (PausetuiError, OSError) as error:
                failed.append(str(error))
        return ActionOutcome(action, bool(done), "; ".join((*done, *failed)))


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

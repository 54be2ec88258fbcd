"""One container over all its attempts: when it is started again, and what is told about it."""

from __future__ import annotations

import os
import signal
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from pausetui.core.inventory import ContainerRecord, ContainerState, PastAttempt, Role
from pausetui.core.keys import container_key
from pausetui.core.observation import ProcessId

LONGEST_WAIT = 30.0
"""Seconds at most before a container that keeps ending is started again (kubelet: 300)."""
WELL_AFTER = 60.0
"""Seconds a container must run for what was before to be forgotten (kubelet: 600)."""
KEPT = 20
"""How many past attempts of a container are remembered."""
KEPT_SANDBOXES = 5
"""How many sandboxes of a pod are remembered, the present one among them."""


def wait_before_restart(ends_in_a_row: int) -> float:
    """Seconds to wait after so many ends in a row: none the first time, then 1, 2, 4 … ``LONGEST_WAIT``."""
    if ends_in_a_row <= 1:
        return 0.0
    return min(LONGEST_WAIT, 2.0 ** min(ends_in_a_row - 2, 10))


@dataclass(frozen=True, slots=True)
class Started:
    """A process that was started.

    Attributes:
        pid: As the lab's own pid namespace counts.
        process: As the host counts, with its start time.
    """

    pid: int
    process: ProcessId


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended, from the status that wait(2) gave."""

    exit_code: int
    reason: str

    @classmethod
    def from_status(cls, status: int) -> Ending:
        """The exit code as containers count it (128 + signal), and a word for it."""
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            return cls(128 - code, "Killed" if -code == signal.SIGKILL else "Error")
        return cls(code, "Completed" if code == 0 else "Error")


@dataclass(slots=True)
class Life:
    """One container over all its attempts. Changed by the lab's supervisor alone.

    Attributes:
        due: The monotonic second from which it may be started again.
        ready: It has said that it does its work; stays until its sandbox is remade.
        completed: It is an init container and has ended well.
    """

    pod_key: str
    name: str
    role: Role
    image: str
    mounts: tuple[str, ...] = ()
    attempt: int = -1
    started: Started | None = None
    due: float = 0.0
    ready: bool = False
    completed: bool = False
    _ends_in_a_row: int = 0
    _since: float = 0.0
    _runtime_id: str | None = None
    _sandbox_id: str | None = None
    _last: ProcessId | None = None
    _started_at: datetime | None = None
    _finished_at: datetime | None = None
    _ending: Ending | None = None
    _trouble: str = ""
    _previous: deque[PastAttempt] = field(default_factory=lambda: deque(maxlen=KEPT))

    @property
    def key(self) -> str:
        """Its row's key."""
        return container_key(self.pod_key, self.role, self.name)

    def begin(self, started: Started, sandbox_id: str | None, at: datetime, now: float) -> None:
        """It was started."""
        if self._ending is not None:
            self._previous.appendleft(self._past())
        self.attempt += 1
        self.started = started
        self._last = started.process
        self._runtime_id = os.urandom(6).hex()
        self._sandbox_id = sandbox_id
        self._started_at, self._finished_at, self._ending = at, None, None
        self._since, self._trouble = now, ""

    def end(self, ending: Ending, at: datetime, now: float) -> None:
        """Its process has ended."""
        self.started = None
        self._ending, self._finished_at = ending, at
        self._ends_in_a_row = 1 if now - self._since >= WELL_AFTER else self._ends_in_a_row + 1
        self.due = now + wait_before_restart(self._ends_in_a_row)
        if self.role is Role.INIT and ending.exit_code == 0:
            self.completed = True

    def start_failed(self, why: str, now: float) -> None:
        """It could not be started: as good as having ended at once."""
        self._trouble = why
        self._ends_in_a_row += 1
        self.due = now + max(1.0, wait_before_restart(self._ends_in_a_row))

    def with_the_sandbox(self, now: float) -> None:
        """Its sandbox is remade: it starts from scratch, and that it was ended with the old one is no fault."""
        self.due, self.ready, self.completed = now, False, False
        self._ends_in_a_row = max(0, self._ends_in_a_row - 1)

    def waits(self, now: float) -> bool:
        """Whether it has ended and is held back before its next start."""
        return self.started is None and self.attempt >= 0 and not self.completed and self.due > now

    def lacks(self) -> str:
        """Why it does not do its work, in words."""
        if self._trouble:
            return f"could not be started: {self._trouble}"
        if self.started is not None:
            return "is starting"
        if self._ending is not None:
            return f"has ended with exit code {self._ending.exit_code}"
        return "is not started yet"

    def record(self) -> ContainerRecord:
        """What is told about it."""
        return ContainerRecord(
            key=self.key,
            name=self.name,
            role=self.role,
            state=self._state(),
            attempt=max(self.attempt, 0),
            restarts=max(self.attempt, 0),
            runtime_id=self._runtime_id,
            sandbox_id=self._sandbox_id,
            image=self.image,
            process=self.started.process if self.started else None,
            started_at=self._started_at,
            finished_at=self._finished_at,
            exit_code=self._ending.exit_code if self._ending else None,
            reason=self._trouble or (self._ending.reason if self._ending else None),
            previous=tuple(self._previous),
            mounts=self.mounts,
        )

    def _state(self) -> ContainerState:
        if self.started is not None:
            return ContainerState.RUNNING
        return ContainerState.CREATED if self.attempt < 0 else ContainerState.EXITED

    def _past(self) -> PastAttempt:
        return PastAttempt(
            attempt=self.attempt,
            runtime_id=self._runtime_id,
            pid=self._last.pid if self._last else None,
            started_at=self._started_at,
            finished_at=self._finished_at,
            exit_code=self._ending.exit_code if self._ending else None,
            reason=self._ending.reason if self._ending else None,
        )

"""A pod with a pause container: what has to be done next so that it is as its specification says."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from pausetui.core.inventory import PodRecord, PodState, Restorer, Role, Sandbox
from pausetui.errors import PausetuiError
from pausetui.lab.addresses import Addresses
from pausetui.lab.keeping import Keeper, Tools, earliest
from pausetui.lab.life import KEPT_SANDBOXES, Life, Started
from pausetui.lab.scenarios import NAMESPACE, PodSpec

NOTICE_SECONDS = 0.3
"""How long a pod whose pause has died is left as it is: kubelet, too, needs a moment to notice."""
GRACE_SECONDS = 1.0
"""How long its members then have to end by themselves (kubelet: 30)."""


class LabPod(Keeper):
    """A pod with a pause container. When that ends, all members are ended and the pod is made again."""

    def __init__(self, spec: PodSpec, tools: Tools, addresses: Addresses) -> None:
        super().__init__(spec, tools, addresses)
        self._pause = Life(spec.uid, "pause", Role.PAUSE, "lab/pause")
        self._sandboxes: deque[Sandbox] = deque(maxlen=KEPT_SANDBOXES)
        self._probe: Started | None = None
        self._open = False
        self._died_at = 0.0
        self._asked_at: float | None = None

    def lives(self) -> Iterator[Life]:
        """All its containers, the pause first."""
        yield self._pause
        yield from super().lives()

    def step(self) -> float | None:
        """Do what can be done now.

        Returns:
            The monotonic second at which to ask again, or None: when something has ended.
        """
        if self._pause.started is not None:
            return self._keep_members(self._pause.started)
        if self._open:
            again = self._take_down()
            if self._open:
                return again
        if self._tools.now() < self._due:
            return self._due
        return self._make()

    def ended(self, pid: int, status: int) -> bool:
        """A child of the supervisor has ended. Whether it was one of this pod's."""
        if self._probe is not None and self._probe.pid == pid:
            self._probe = None
            return True
        return super().ended(pid, status)

    def waiting(self) -> tuple[str, ...]:
        """What it still lacks, in words; () once everything does its work."""
        if self._pause.started is None and not self._trouble:
            return (f"{self.spec.title}: its sandbox is not made yet",)
        return super().waiting()

    def record(self) -> PodRecord:
        """What is told about it."""
        return PodRecord(
            key=self.spec.uid,
            namespace=NAMESPACE,
            name=self.spec.name,
            uid=self.spec.uid,
            state=PodState.READY if self._pause.started is not None else PodState.NOTREADY,
            attempt=max(self._pause.attempt, 0),
            host_network=False,
            brought_back_by=Restorer.LAB,
            runtime_addresses=(self._address,) if self._address else (),
            sandboxes=tuple(self._sandboxes),
            pause=self._pause.record(),
            members=tuple(life.record() for life in super().lives()),
            note=self._note(),
        )

    def _make(self) -> float | None:
        tools = self._tools
        try:
            started = tools.start_pause(self.spec)
        except OSError as error:
            self._failed(error)
            return self._due
        sandbox = Sandbox(os.urandom(6).hex(), self._pause.attempt + 1, PodState.READY, tools.wall())
        self._pause.begin(started, sandbox.id, tools.wall(), tools.now())
        self._sandboxes.appendleft(sandbox)
        self._open = True
        try:
            self._address = self._addresses.take()
            tools.connect(self.spec, started, self._address)
            if self.spec.probe is not None:
                self._probe = tools.start_probe(self.spec, self._address)
        except (OSError, PausetuiError) as error:
            self._failed(error)
            tools.signal(started, signal.SIGKILL)
            return None
        self._worked()
        for life in super().lives():
            life.with_the_sandbox(tools.now())
        return self._keep_members(started)

    def _keep_members(self, holder: Started) -> float | None:
        if self._failures:
            return None  # it could not be connected and is on its way out
        for life in self._inits:
            if not life.completed:
                return self._keep(life, holder, self._sandboxes[0].id)
        return earliest(*(self._keep(life, holder, self._sandboxes[0].id) for life in self._members))

    def _has_ended(self, life: Life) -> None:
        if life is not self._pause:
            return
        self._died_at, self._asked_at = self._tools.now(), None
        self._sandboxes[0] = replace(self._sandboxes[0], state=PodState.NOTREADY)
        if self._probe is not None:
            self._tools.signal(self._probe, signal.SIGKILL)

    def _take_down(self) -> float | None:
        """End what is left of the old sandbox; ``_open`` is False once nothing is."""
        now = self._tools.now()
        left = [life.started for life in super().lives() if life.started is not None]
        if not left:
            self._open = False
            self._release_address()
            return None
        if now < self._died_at + NOTICE_SECONDS:
            return self._died_at + NOTICE_SECONDS
        if self._asked_at is None:
            self._asked_at = now
            self._signal_all(left, signal.SIGTERM)
        if now < self._asked_at + GRACE_SECONDS:
            return self._asked_at + GRACE_SECONDS
        self._signal_all(left, signal.SIGKILL)
        return None

    def _signal_all(self, left: list[Started], number: int) -> None:
        for started in left:
            self._tools.signal(started, number)

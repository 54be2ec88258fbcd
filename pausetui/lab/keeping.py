"""What every pod of the lab has: containers that are kept running, an address, and something to tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from pausetui.core.inventory import Role
from pausetui.lab.addresses import Addresses
from pausetui.lab.life import Ending, Life, Started, wait_before_restart
from pausetui.lab.scenarios import MemberSpec, PodSpec


class Tools(Protocol):
    """What a pod is made with: the machine, or a stand-in for it in tests. Starting may raise OSError."""

    def now(self) -> float:
        """Monotonic seconds."""

    def wall(self) -> datetime:
        """The time of day, UTC."""

    def mounts(self, member: MemberSpec) -> tuple[str, ...]:
        """The volumes that a member has, as "name:path"."""

    def start_pause(self, pod: PodSpec) -> Started:
        """Start a pause process in new namespaces."""

    def start_member(self, pod: PodSpec, member: MemberSpec, holder: Started | None) -> Started:
        """Start a member in the namespaces of a holder, or in new ones."""

    def start_probe(self, pod: PodSpec, address: str) -> Started:
        """Start asking the pod for a page from outside."""

    def connect(self, pod: PodSpec, holder: Started, address: str) -> str:
        """Give the holder's network namespace an address; the name of the link on the bridge."""

    def disconnect(self, link: str) -> None:
        """Take that link away."""

    def signal(self, started: Started, number: int) -> None:
        """Send a signal to a process that was started and has not been reported as ended."""


class Keeper:
    """The common part of the pods. Level-triggered, as kubelet is: ``step`` looks at what there is, does what
    can be done now, and says when to be asked again.
    """

    def __init__(self, spec: PodSpec, tools: Tools, addresses: Addresses) -> None:
        self.spec = spec
        self._tools = tools
        self._addresses = addresses
        self._specs = {member.name: member for member in spec.members}
        self._inits = [self._life(member) for member in spec.members if member.init]
        self._members = [self._life(member) for member in spec.members if not member.init]
        self._address: str | None = None
        self._failures = 0
        self._due = 0.0
        self._trouble = ""

    def lives(self) -> Iterator[Life]:
        """All its containers."""
        yield from self._inits
        yield from self._members

    def ended(self, pid: int, status: int) -> bool:
        """A child of the supervisor has ended. Whether it was one of this pod's."""
        life = self._running_as(pid)
        if life is None:
            return False
        life.end(Ending.from_status(status), self._tools.wall(), self._tools.now())
        self._has_ended(life)
        return True

    def does_its_work(self, pid: int) -> None:
        """A container has said that it does its work."""
        life = self._running_as(pid)
        if life is not None:
            life.ready = True

    def waiting(self) -> tuple[str, ...]:
        """What it still lacks, in words; () once everything does its work."""
        if self._trouble:
            return (f"{self.spec.title}: {self._trouble}",)
        lacking = [life for life in self._inits if not life.completed] or [
            life for life in self._members if not life.ready
        ]
        return tuple(f"{self.spec.title}: {life.role} {life.name} {life.lacks()}" for life in lacking)

    def _has_ended(self, life: Life) -> None:
        raise NotImplementedError

    def _running_as(self, pid: int) -> Life | None:
        return next((life for life in self.lives() if life.started is not None and life.started.pid == pid), None)

    def _life(self, member: MemberSpec) -> Life:
        role = Role.INIT if member.init else Role.MEMBER
        return Life(self.spec.uid, member.name, role, member.image, self._tools.mounts(member))

    def _keep(self, life: Life, holder: Started | None, sandbox_id: str | None) -> float | None:
        """Have a container run; the second from which that can be tried again, None if it runs."""
        if life.started is not None:
            return None
        tools = self._tools
        if tools.now() < life.due:
            return life.due
        try:
            started = tools.start_member(self.spec, self._specs[life.name], holder)
        except OSError as error:
            life.start_failed(_why(error), tools.now())
            return life.due
        life.begin(started, sandbox_id, tools.wall(), tools.now())
        return None

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        self._trouble = _why(error)
        self._due = self._tools.now() + max(1.0, wait_before_restart(self._failures))

    def _worked(self) -> None:
        self._failures, self._trouble = 0, ""

    def _release_address(self) -> None:
        if self._address is not None:
            self._addresses.release(self._address)
            self._address = None

    def _note(self) -> str:
        if self._trouble:
            return self._trouble
        now = self._tools.now()
        held_back = [life.name for life in self.lives() if life.waits(now)]
        return f"{', '.join(held_back)}: held back before the next start" if held_back else self.spec.about


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({error.filename})" if error.filename else error.strerror
    return str(error)


def earliest(*times: float | None) -> float | None:
    """The earliest of those that are set."""
    return min((time for time in times if time is not None), default=None)

"""A machine for the supervisor's tests: nothing runs, time stands until it is moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from signal import SIGKILL, Signals

from pausetui.core.inventory import ContainerRecord, PodRecord
from pausetui.core.observation import ProcessId
from pausetui.lab.kubelet import Kubelet
from pausetui.lab.life import Started
from pausetui.lab.scenarios import MemberSpec, PodSpec
from tests.factories import NOW


@dataclass
class Machine:
    """Stands in for ``lab.machine.Machine``; signals end at once what they would end."""

    seconds: float = 0.0
    stubborn: set[str] = field(default_factory=set)
    refuse: dict[str, Exception] = field(default_factory=dict)
    running: dict[int, str] = field(default_factory=dict)
    joined: dict[int, Started | None] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    _pids: int = 1
    _ended: list[tuple[int, int]] = field(default_factory=list)

    def now(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def mounts(self, member: MemberSpec) -> tuple[str, ...]:
        return ("shared:/mnt",) if member.volume else ()

    def start_pause(self, pod: PodSpec) -> Started:
        return self._start(f"{pod.name}/pause", None)

    def start_member(self, pod: PodSpec, member: MemberSpec, holder: Started | None) -> Started:
        return self._start(f"{pod.name}/{member.name}", holder)

    def start_probe(self, pod: PodSpec, address: str) -> Started:
        return self._start(f"{pod.name}/probe {address}", None)

    def connect(self, pod: PodSpec, holder: Started, address: str) -> str:
        if "connect" in self.refuse:
            raise self.refuse["connect"]
        self.done.append(f"connect {pod.name} {address}")
        return f"veth-{holder.pid}"

    def disconnect(self, link: str) -> None:
        self.done.append(f"disconnect {link}")

    def signal(self, started: Started, number: int) -> None:
        name = self.running[started.pid]
        self.done.append(f"{Signals(number).name} {name}")
        if number == SIGKILL:
            self._end(started.pid, number)
        elif name not in self.stubborn:
            self._end(started.pid, 0)

    def end(self, name: str, status: int = int(SIGKILL)) -> None:
        """End a process as if somebody had killed it, or with another status of wait(2)."""
        self._end(self.pid(name), status)

    def pid(self, name: str) -> int:
        return next(pid for pid, found in self.running.items() if found == name)

    def ended(self) -> list[tuple[int, int]]:
        """What has ended since the last call, as waitpid would say."""
        ended, self._ended = self._ended, []
        return ended

    def _end(self, pid: int, status: int) -> None:
        if self.running.pop(pid, None) is not None:
            self._ended.append((pid, status))

    def _start(self, name: str, holder: Started | None) -> Started:
        if name in self.refuse:
            raise self.refuse[name]
        self._pids += 1
        self.running[self._pids] = name
        self.joined[self._pids] = holder
        self.done.append(f"start {name}")
        return Started(self._pids, ProcessId(1000 + self._pids, self._pids))


class Supervised:
    """A supervisor on such a machine, driven as ``lab.init`` drives the real one."""

    def __init__(self, *specs: PodSpec) -> None:
        self.machine = Machine()
        self.kubelet = Kubelet(specs, self.machine)
        self.again = self.settle()

    def settle(self) -> float | None:
        """Let it do all that can be done without waiting; when it wants to be asked again."""
        while True:
            for pid, status in self.machine.ended():
                self.kubelet.ended(pid, status)
            again = self.kubelet.step()
            if not self.machine._ended:
                return again

    def end(self, name: str, status: int = int(SIGKILL)) -> None:
        """Something ends, and the supervisor hears of it."""
        self.machine.end(name, status)
        self.again = self.settle()

    def wait(self, seconds: float) -> None:
        """Time passes; the supervisor is asked whenever it wanted to be."""
        until = self.machine.seconds + seconds
        while self.again is not None and self.again <= until:
            self.machine.seconds = max(self.machine.seconds, self.again)
            self.again = self.settle()
        self.machine.seconds = until

    def pod(self, name: str) -> PodRecord:
        return next(pod for pod in self.kubelet.records() if pod.name == name)

    def member(self, pod: str, name: str) -> ContainerRecord:
        return next(member for member in self.pod(pod).members if member.name == name)

    def works(self, *names: str) -> None:
        """These members say that they do their work."""
        for name in names:
            self.kubelet.does_its_work(self.machine.pid(name))

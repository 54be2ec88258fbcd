"""What the proc backend concludes from real processes in real namespaces."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pausetui.backends.lab import LabBackend
from pausetui.backends.proc import ProcBackend
from pausetui.core.inventory import ContainerRecord, ContainerState, PodRecord
from pausetui.core.join import join
from pausetui.core.observation import ProcessId
from pausetui.core.snapshot import Pod
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from pausetui.lab import owner
from pausetui.lab.scenarios import DEFAULT
from tests.real.handmade import HandmadePod
from tests.waiting import until

pytestmark = pytest.mark.real

IMPOSTOR = """
import socket
open("/proc/self/comm", "w").write("pause")
sockets = [socket.socket() for _ in range(3)]
while True:
    pass
"""


@pytest.fixture
def pod(tmp_path: Path) -> Iterator[HandmadePod]:
    with HandmadePod(tmp_path) as pod:
        yield pod


@pytest.fixture
def observer() -> Iterator[Observer]:
    with closing(Observer(HostRoot())) as observer:
        yield observer


class Eyes:
    """The proc backend on what the kernel shows now."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self.backend = ProcBackend(HostRoot())

    def pods(self) -> tuple[PodRecord, ...]:
        return self.backend.inventory(self.observer.observe()).pods

    def pod_with(self, pid: int) -> PodRecord | None:
        return next((each for each in self.pods() if pid in mains(each)), None)

    def pod_when(self, pid: int, condition: Callable[[PodRecord], bool]) -> PodRecord:
        def found() -> PodRecord | None:
            each = self.pod_with(pid)
            return each if each is not None and condition(each) else None

        return until(found, what=f"a pod with pid {pid} to be seen so")

    def joined(self, pid: int) -> Pod:
        observation = self.observer.observe()
        snapshot = join(self.backend.inventory(observation), observation, datetime.now(UTC))
        return next(
            each
            for each in snapshot.pods
            if any(one.process and one.process.pid == pid for one in each.containers())
        )


@pytest.fixture
def eyes(observer: Observer) -> Eyes:
    return Eyes(observer)


def mains(pod: PodRecord) -> set[int]:
    records = (pod.pause, *pod.members) if pod.pause else pod.members
    return {record.process.pid for record in records if record.process is not None}


def members(pod: PodRecord) -> dict[str, int]:
    return {record.name: record.process.pid for record in pod.members if record.process is not None}


def has_pause(pod: PodRecord) -> bool:
    return pod.pause is not None


def test_pause_and_members_are_told_apart(pod: HandmadePod, eyes: Eyes) -> None:
    pause = pod.first(hostname="by-hand")
    nginx, sidecar = pod.member(pause, "nginx"), pod.member(pause, "sidecar")
    found = eyes.pod_when(pause, has_pause)
    assert found.pause is not None
    assert found.pause.process is not None
    assert found.pause.process.pid == pause
    assert members(found) == {"nginx": nginx, "sidecar": sidecar}
    assert (found.key, found.name) == ("hostname:by-hand", "by-hand")


def test_a_pause_by_another_name_is_known_by_what_it_does(pod: HandmadePod, eyes: Eyes) -> None:
    holder = pod.first("holder")
    pod.member(holder, "nginx")
    found = eyes.pod_when(holder, has_pause)
    assert found.pause is not None
    assert found.pause.name == "holder"


def test_a_busy_process_with_sockets_is_no_pause_though_called_one(pod: HandmadePod, eyes: Eyes) -> None:
    argv = ["unshare", "--net", "--ipc", "--uts", sys.executable, "-c", IMPOSTOR]
    impostor = pod.run(argv, "pause")
    pod.member(impostor, "nginx")
    sockets_seen = eyes.pod_when(impostor, lambda each: "pause" in members(each) and len(each.members) == 2)
    assert sockets_seen.pause is None
    assert "no pause container" in sockets_seen.note


def test_pause_may_have_children_where_it_is_process_1_of_all(pod: HandmadePod, eyes: Eyes) -> None:
    pause = pod.first_with_pids()
    app = pod.member(pause, "app", pid="shared")
    found = eyes.pod_when(pause, has_pause)
    assert found.pause is not None
    assert "it is process 1 of the pid namespace that the members share" in found.pause.evidence
    assert members(found) == {"app": app}


def test_a_shell_that_joined_from_the_host_is_a_sharer_and_no_member(pod: HandmadePod, eyes: Eyes) -> None:
    pause = pod.first()
    nginx = pod.member(pause, "nginx")
    shell = pod.run(["nsenter", "-t", str(pause), "-n", "sleep", "infinity"], "sleep")
    found = eyes.pod_when(pause, has_pause)
    assert members(found) == {"nginx": nginx}
    assert shell in {sharer.id.pid for sharer in eyes.joined(pause).sharers}


def test_an_empty_network_with_one_process_is_no_pod(pod: HandmadePod, eyes: Eyes) -> None:
    pid = pod.first("bash", own=("net",))
    assert pid in eyes.observer.observe().processes
    assert eyes.pod_with(pid) is None


def test_members_whose_pause_has_ended_are_still_the_same_pod(pod: HandmadePod, eyes: Eyes) -> None:
    pause = pod.first(hostname="headless")
    nginx = pod.member(pause, "nginx")
    before = eyes.pod_when(pause, has_pause)
    pod.end(pause)
    after = eyes.pod_when(nginx, lambda each: not has_pause(each))
    assert after.key == before.key
    assert members(after) == {"nginx": nginx}


def test_a_member_that_is_started_again_is_the_same_row(pod: HandmadePod, eyes: Eyes) -> None:
    pause = pod.first(hostname="restarts")
    first = pod.member(pause, "nginx")
    before = eyes.pod_when(first, has_pause)
    pod.end(first)
    second = pod.member(pause, "nginx")
    after = eyes.pod_when(second, has_pause)
    assert [each.key for each in after.members] == [each.key for each in before.members]


def test_a_hostile_hostname_reaches_nobody(pod: HandmadePod, eyes: Eyes) -> None:
    script = "printf 'web\\033[31m' > /proc/sys/kernel/hostname; exec sleep infinity"
    holder = pod.run(["unshare", "--net", "--ipc", "--uts", "sh", "-c", script], "sleep")
    found = eyes.pod_when(holder, lambda _: True)
    assert found.name == "web\\x1b[31m"


# -- the lab, without asking it ---------------------------------------------------------------------------------


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[LabBackend]:
    monkeypatch.setenv("PAUSETUI_LAB", "seen-by-proc")
    with owner.start(DEFAULT) as running, closing(LabBackend(HostRoot())) as backend:
        running.wait_ready()
        yield backend


def processes(records: tuple[ContainerRecord | None, ...]) -> set[ProcessId | None]:
    return {each.process for each in records if each is not None and each.state is ContainerState.RUNNING}


def test_the_labs_pods_are_found_without_asking_the_lab(lab: LabBackend, eyes: Eyes) -> None:
    def agree() -> bool:
        observation = eyes.observer.observe()
        told = lab.inventory(observation).pods
        inside = {process for pod in told for process in processes((pod.pause, *pod.members))}
        concluded = [
            pod for pod in eyes.backend.inventory(observation).pods if processes((pod.pause, *pod.members)) & inside
        ]
        return {_shape(pod) for pod in told} == {_shape(pod) for pod in concluded}

    until(agree, what="proc and the lab to say the same of each pod: its name, its pause, its members")


def _shape(pod: PodRecord) -> tuple[str, frozenset[ProcessId | None], frozenset[ProcessId | None]]:
    return pod.name, frozenset(processes((pod.pause,))), frozenset(processes(pod.members))


def test_the_labs_own_init_is_in_no_pod(lab: LabBackend, eyes: Eyes) -> None:
    observation = eyes.observer.observe()
    (web,) = (pod for pod in lab.inventory(observation).pods if pod.name == "web")
    assert web.pause is not None
    assert web.pause.process is not None
    init = observation.processes[observation.processes[web.pause.process.pid].parent]
    lab_net = init.namespaces.net
    assert lab_net is not None
    in_lab_net = {pid for pid, each in observation.processes.items() if each.namespaces.net == lab_net}
    assert init.pid in in_lab_net
    assert not any(mains(pod) & in_lab_net for pod in eyes.pods())

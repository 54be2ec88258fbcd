"""Memory, CPU, state and start time, held against psutil, which reads them on its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest

from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import Process, Vitals
from pausetui.kernel.observer import Observer
from tests.real.spawn import python, sleeping
from tests.waiting import until

pytestmark = pytest.mark.real

STATES = {
    psutil.STATUS_SLEEPING: "S",
    psutil.STATUS_STOPPED: "T",
    psutil.STATUS_RUNNING: "R",
    psutil.STATUS_DISK_SLEEP: "D",
}


@pytest.fixture
def observer() -> Iterator[Observer]:
    with closing(Observer()) as made:
        yield made


def seen(observer: Observer, pid: int) -> tuple[Process, Vitals]:
    observation = observer.observe()
    process = observation.processes[pid]
    return process, observation.vitals[process.id]


def test_memory_state_and_start_time_are_those_of_psutil(observer: Observer) -> None:
    with sleeping(NamespaceKind.UTS) as started:
        theirs = psutil.Process(started.pid)
        until(lambda: theirs.status() == psutil.STATUS_SLEEPING)
        process, vitals = seen(observer, started.pid)
        assert vitals.rss_bytes == theirs.memory_info().rss
        assert vitals.state == STATES[theirs.status()]
        assert process.started_at is not None
        # psutil adds whole seconds of boot time.
        assert abs(process.started_at.timestamp() - theirs.create_time()) < 1.1


def test_a_stopped_process_is_seen_to_be_stopped(observer: Observer) -> None:
    with sleeping(NamespaceKind.UTS) as started:
        started.send_signal(signal.SIGSTOP)
        theirs = psutil.Process(started.pid)
        until(lambda: theirs.status() == psutil.STATUS_STOPPED)
        assert seen(observer, started.pid)[1].state == "T"


def test_a_busy_process_is_busy_from_its_second_sample_on(observer: Observer) -> None:
    with sleeping(NamespaceKind.UTS, argv=python("while True: pass")) as started:
        assert seen(observer, started.pid)[1].cpu_percent is None
        percent = until(lambda: seen(observer, started.pid)[1].cpu_percent)
    assert 5 < percent < 110


def test_open_sockets_are_counted(observer: Observer) -> None:
    code = """
import ctypes, signal, socket
ctypes.CDLL(None).unshare(0x04000000)
kept = [socket.socket() for _ in range(3)]
print(flush=True)
signal.pause()
"""
    with sleeping(argv=python(code)) as started:
        assert started.stdout is not None
        started.stdout.readline()
        assert seen(observer, started.pid)[1].sockets == 3


def test_only_processes_that_may_be_in_a_pod_are_sampled(observer: Observer) -> None:
    with sleeping() as plain, sleeping(NamespaceKind.UTS) as pod:
        observation = observer.observe()
        assert observation.processes[plain.pid].id not in observation.vitals
        assert observation.processes[pod.pid].id in observation.vitals


def test_a_process_that_wakes_after_a_rest_is_seen_to_be_busy(observer: Observer) -> None:
    code = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
signal.sigwait({signal.SIGUSR1})
while True:
    pass
"""
    with sleeping(NamespaceKind.UTS, argv=python(code)) as started:
        until(lambda: seen(observer, started.pid)[1].cpu_percent == 0.0, what="it has not run between two samples")
        started.send_signal(signal.SIGUSR1)
        until(lambda: (seen(observer, started.pid)[1].cpu_percent or 0.0) > 5, seconds=20, what="it to be busy")

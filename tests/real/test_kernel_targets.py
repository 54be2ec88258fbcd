"""A signal reaches the process that was meant, or nobody."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from pausetui.core.actions import Target
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import ProcessId
from pausetui.errors import ActionRefused
from pausetui.kernel.observer import Observer
from tests.real.spawn import python, sleeping
from tests.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture
def observer() -> Iterator[Observer]:
    with closing(Observer()) as made:
        yield made


def target_of(observer: Observer, pid: int) -> Target:
    process = observer.observe().processes[pid]
    return Target(process.id, process.namespaces.net)


def test_the_process_that_was_meant_is_ended(observer: Observer) -> None:
    with sleeping(NamespaceKind.NET) as process:
        with observer.open_target(target_of(observer, process.pid)) as opened:
            assert opened.name == "sleep"
            opened.send(signal.SIGKILL)
            assert opened.ended_within(5)
        assert process.wait() == -signal.SIGKILL


def test_another_start_time_is_another_process(observer: Observer) -> None:
    with sleeping(NamespaceKind.NET) as process:
        target = target_of(observer, process.pid)
        wrong = replace(target, process=ProcessId(process.pid, target.process.start_ticks + 1))
        with pytest.raises(ActionRefused, match=r"another process now \(sleep\)"):
            observer.open_target(wrong)
        assert process.poll() is None


def test_one_that_has_ended_is_refused(observer: Observer) -> None:
    with sleeping(NamespaceKind.NET) as process:
        target = target_of(observer, process.pid)
    with pytest.raises(ActionRefused, match="ended by itself"):
        observer.open_target(target)


def test_a_zombie_is_refused(observer: Observer) -> None:
    with sleeping(NamespaceKind.NET) as process:
        target = replace(target_of(observer, process.pid), net=None)
        process.kill()
        until(lambda: observer.observe().processes[process.pid].zombie)
        with pytest.raises(ActionRefused, match="ended by itself"):
            observer.open_target(target)


@pytest.mark.parametrize("identity", ["ns_id", "cookie", "generation"])
def test_another_network_namespace_is_refused_though_the_process_is_the_same(identity: str) -> None:
    code = """
import ctypes, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
unshare = ctypes.CDLL(None).unshare
for _ in range(2):
    unshare(0x40000000)
    print(flush=True)
    signal.sigwait({signal.SIGUSR1})
"""
    with closing(Observer(identity=identity)) as observer, sleeping(argv=python(code)) as process:
        assert process.stdout is not None
        process.stdout.readline()
        target = target_of(observer, process.pid)
        observer.open_target(target).close()
        process.send_signal(signal.SIGUSR1)
        process.stdout.readline()
        with pytest.raises(ActionRefused, match="another network namespace"):
            observer.open_target(target)


@pytest.mark.parametrize("pid", [1, 0, -1])
def test_pid_1_is_never_opened(observer: Observer, pid: int) -> None:
    with pytest.raises(ActionRefused, match="init process"):
        observer.open_target(Target(ProcessId(pid, 0)))


def test_neither_we_nor_our_parents_are_opened(observer: Observer) -> None:
    for pid in (os.getpid(), os.getppid()):
        with pytest.raises(ActionRefused, match="pausetui itself"):
            observer.open_target(target_of(observer, pid))


def test_a_refusal_leaves_no_descriptor_open(observer: Observer) -> None:
    with sleeping(NamespaceKind.NET) as process:
        target = target_of(observer, process.pid)
        wrong = replace(target, process=ProcessId(process.pid, 1))
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(10):
            with pytest.raises(ActionRefused):
                observer.open_target(wrong)
        assert len(os.listdir("/proc/self/fd")) == before

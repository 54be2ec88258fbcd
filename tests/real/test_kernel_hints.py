"""What wakes us, and what leaves us asleep."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import closing

import pytest

from pausetui.core.namespaces import NamespaceKind
from pausetui.kernel.observer import Observer
from tests.real.spawn import output_of, python, sleeping
from tests.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture
def observer() -> Iterator[Observer]:
    with closing(Observer()) as made:
        yield made


def woken(observer: Observer, seconds: float = 10) -> bool:
    return bool(select.select([observer.fileno()], [], [], seconds)[0])


def test_the_end_of_a_process_in_a_pod_wakes_us(observer: Observer) -> None:
    with sleeping(NamespaceKind.UTS) as process:
        observer.observe()
        process.kill()
        until(lambda: woken(observer, 1) and observer.drain() and observer.observe().processes[process.pid].zombie)


def test_a_program_that_starts_in_a_pod_wakes_us(observer: Observer) -> None:
    observer.observe()
    assert observer.births_are_hinted
    with sleeping(NamespaceKind.UTS) as process:
        until(lambda: woken(observer, 1) and observer.drain() and process.pid in observer.observe().processes)


ALONE = """
import json, os, select, subprocess, sys, time
from pausetui.kernel.observer import Observer
observer = Observer()
observer.observe()
def woken():
    return bool(select.select([observer.fileno()], [], [], 0.5)[0])
def drained():
    while woken():
        observer.drain()
"""


def test_without_the_connector_we_say_that_births_are_not_hinted() -> None:
    assert output_of(["unshare", "-n", *python(ALONE + "print(observer.births_are_hinted)")]).strip() == "False"


def test_a_mount_wakes_us_once() -> None:
    code = """
drained()
subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
print(woken(), observer.drain(), woken(), observer.drain())
"""
    # A network namespace of its own: without the connector nothing else that happens on the machine is told.
    assert output_of(["unshare", "-nm", *python(ALONE + code)]).split() == ["True", "True", "False", "False"]


def test_a_host_process_that_ends_wakes_nobody() -> None:
    code = """
plain = subprocess.Popen(["sleep", "infinity"])
observer.observe()
drained()
plain.kill()
plain.wait()
print(woken(), plain.pid in observer.observe().processes)
"""
    assert output_of(["unshare", "-nm", "--mount-proc", "-pf", *python(ALONE + code)]).split() == ["False", "False"]


def test_a_hint_of_a_death_is_quiet_once_it_was_drained() -> None:
    code = """
pod = subprocess.Popen(["unshare", "-u", "sleep", "infinity"])
while open(f"/proc/{pod.pid}/comm").read() != "sleep\\n":
    time.sleep(0.01)
observer.observe()
drained()
pod.kill()
print(woken(), observer.drain(), woken(), observer.drain())
pod.wait()
"""
    answers = output_of(["unshare", "-nm", "--mount-proc", "-pf", *python(ALONE + code)]).split()
    assert answers == ["True", "True", "False", "False"]


def test_what_we_start_ourselves_wakes_nobody_though_we_are_in_a_container() -> None:
    code = """
import os, subprocess
from pausetui.kernel.deaths import DeathWatch
from pausetui.kernel.hints import Hints
from pausetui.kernel.processes import ProcFolder
from tests.waiting import until
proc = ProcFolder("/proc")
hints = Hints(proc, DeathWatch(enabled=True), ours=True)
hints.tell_host(frozenset(label for label in proc.labels(os.getppid()) if label))
ours = subprocess.Popen(["sleep", "infinity"])
pods = subprocess.Popen(["unshare", "-u", "sleep", "infinity"])
started = set()
until(lambda: started.update(hints.take().started) or pods.pid in started)
print(ours.pid in started)
for each in (ours, pods):
    each.kill()
    each.wait()
hints.close()
"""
    assert output_of(["unshare", "-m", *python(code)]).strip() == "False"

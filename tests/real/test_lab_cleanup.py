"""However a lab ends, nothing of it is left: no process, namespace, link, mount, socket or file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pausetui.lab import client, owner
from pausetui.lab.names import socket_name
from tests.real import labs
from tests.real.labs import Footprint, pausetui
from tests.waiting import until

pytestmark = pytest.mark.real

SCENARIOS = ("web", "sidecar", "shared-pid", "mesh", "no-pause")
_OWNER = """
import signal, sys
from pausetui.lab import owner
lab = owner.start(sys.argv[1:])
lab.wait_ready()
print(lab.pid, flush=True)
signal.pause()
"""
_FORK = """
import os, time
if os.fork() == 0:
    print(os.getpid(), flush=True)
    time.sleep(60)
"""
_OWNER_WITH_A_FORK = _OWNER.replace("signal.pause()", _FORK + "signal.pause()")


@pytest.fixture(autouse=True)
def _the_machine_is_as_before() -> Iterator[None]:
    before = labs.host()
    with labs.named_lab():
        yield
    until(lambda: labs.host() == before, what=f"the machine as it was: {before}")


@contextmanager
def _owner(program: str = _OWNER) -> Iterator[tuple[subprocess.Popen[str], Footprint]]:
    command = [sys.executable, "-c", program, *SCENARIOS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=labs.ROOT) as process:
        assert process.stdout is not None
        yield process, Footprint(int(process.stdout.readline()), socket_name())
        process.kill()


def _up() -> Footprint:
    done = pausetui("lab", "up", *SCENARIOS)
    assert done.returncode == 0, done.stderr
    return Footprint(client.status().pid, socket_name())


def test_a_footprint_is_seen_while_the_lab_is_up() -> None:
    with labs.lab(*SCENARIOS) as lab:
        footprint = Footprint(lab.pid, socket_name())
        assert len(footprint.processes) > 15
        assert len(footprint.namespaces) > 30
        assert len(footprint.left()) == len(footprint.processes) + len(footprint.namespaces) + 1
    footprint.assert_gone()


def test_lab_down_leaves_nothing_by_the_time_it_returns() -> None:
    footprint = _up()
    down = pausetui("lab", "down")
    assert down.returncode == 0, down.stderr
    assert footprint.left() == []


def test_a_lab_can_be_up_again_at_once() -> None:
    for _ in range(3):
        _up()
        assert pausetui("lab", "down").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_to_the_detached_supervisor_leaves_nothing(number: signal.Signals) -> None:
    footprint = _up()
    os.kill(client.status().pid, number)
    footprint.assert_gone()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_to_the_owner_leaves_nothing(number: signal.Signals) -> None:
    with _owner() as (process, footprint):
        process.send_signal(number)
        footprint.assert_gone()


def test_sigkill_of_the_labs_pid_1_leaves_nothing() -> None:
    with _owner() as (process, footprint):
        os.kill(labs.children(footprint.processes[0].pid)[0], signal.SIGKILL)
        until(lambda: footprint.left() == [f"process {footprint.processes[0]}"] or not footprint.left())
        process.kill()
        footprint.assert_gone()


def test_an_owner_that_has_forked_leaves_nothing_though_its_child_lives_on() -> None:
    with _owner(_OWNER_WITH_A_FORK) as (process, footprint):
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
        footprint.assert_gone()
        os.kill(child, signal.SIGKILL)


def test_a_lab_started_by_a_thread_outlives_the_thread_and_ends_with_the_process() -> None:
    started: list[owner.RunningLab] = []
    thread = threading.Thread(target=lambda: started.append(owner.start(["web"])))
    thread.start()
    thread.join()
    (lab,) = started
    lab.wait_ready()
    footprint = Footprint(lab.pid, socket_name())
    assert all(labs.alive(process) for process in footprint.processes)
    lab.close()
    assert footprint.left() == []


def test_closing_twice_is_as_good_as_once() -> None:
    lab = owner.start(["web"])
    lab.close()
    lab.close()


def test_ctrl_c_while_the_pods_come_up_leaves_nothing() -> None:
    command = [sys.executable, "-m", "pausetui", "lab", "up", *SCENARIOS]
    with subprocess.Popen(command, cwd=labs.ROOT, stderr=subprocess.DEVNULL) as process:
        until(lambda: client.is_running())
        process.send_signal(signal.SIGINT)
        process.wait(10)
    if process.returncode == 0:  # it was faster than the signal
        client.down()
    until(lambda: not client.is_running())


def test_the_supervisor_keeps_no_terminal_and_no_folder() -> None:
    _up()
    pid = client.status().pid
    assert labs.stat_fields(pid)[4] == "0", "it has a controlling terminal"
    assert os.readlink(f"/proc/{pid}/cwd") == "/"
    assert {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in (0, 1)} == {"/dev/null"}
    client.down()

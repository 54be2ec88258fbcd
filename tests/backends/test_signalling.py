from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from pausetui.backends.signalling import by_signal
from pausetui.core.actions import Action, ActionKind, Target
from pausetui.core.observation import ProcessId
from pausetui.errors import ActionRefused
from pausetui.kernel.signals import CheckedProcess

STUBBORN = "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); signal.pause()"


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


@pytest.fixture
def stubborn() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def carry_out(kind: ActionKind, process: subprocess.Popen[bytes], grace_seconds: float = 10) -> str:
    identity = ProcessId(process.pid, 1)
    action = Action("1", kind, "pod", "container", "lab/web web", Target(identity), None, grace_seconds)
    with CheckedProcess(identity, "web", os.pidfd_open(process.pid)) as checked:
        return by_signal(action, checked)


def test_restarting_asks_the_process_to_end(sleeper: subprocess.Popen[bytes]) -> None:
    assert carry_out(ActionKind.RESTART_MEMBER, sleeper) == f"sent SIGTERM to pid {sleeper.pid} (web)"
    assert sleeper.wait() == -signal.SIGTERM


def test_restarting_kills_a_process_that_does_not_end(stubborn: subprocess.Popen[bytes]) -> None:
    said = carry_out(ActionKind.RESTART_MEMBER, stubborn, grace_seconds=0)
    assert said == f"sent SIGTERM to pid {stubborn.pid} (web), and SIGKILL after 0 s"
    assert stubborn.wait() == -signal.SIGKILL


@pytest.mark.parametrize("kind", [ActionKind.KILL_MEMBER, ActionKind.DELETE_PAUSE])
def test_killing_and_deleting_end_it_at_once(kind: ActionKind, stubborn: subprocess.Popen[bytes]) -> None:
    assert carry_out(kind, stubborn) == f"sent SIGKILL to pid {stubborn.pid} (web)"
    assert stubborn.wait() == -signal.SIGKILL


def test_without_a_process_nothing_is_sent() -> None:
    with pytest.raises(ActionRefused, match="no process is known"):
        by_signal(Action("1", ActionKind.KILL_MEMBER, "pod", "container", "lab/web web", None), None)


@pytest.mark.parametrize("kind", list(ActionKind))
def test_what_has_ended_is_refused(kind: ActionKind) -> None:
    process = subprocess.Popen(["true"])
    pidfd = os.pidfd_open(process.pid)
    process.wait()
    action = Action("1", kind, "pod", "container", "lab/web web", Target(ProcessId(process.pid, 1)))
    with CheckedProcess(ProcessId(process.pid, 1), "web", pidfd) as checked, pytest.raises(ActionRefused):
        by_signal(action, checked)

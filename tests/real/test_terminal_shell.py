"""Going inside and coming back, in a real terminal: the screen is live again, whatever the shell did."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pausetui.lab.names import VARIABLE
from tests.real import labs
from tests.real.labs import Lab
from tests.real.ptys import Pty
from tests.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with labs.lab("web") as lab:
        yield lab


@pytest.fixture
def screen(lab: Lab) -> Iterator[Pty]:
    command = [sys.executable, "-m", "pausetui", "--backend", "lab"]
    with Pty(command, size=(120, 40), environment={"SHELL": "/bin/sh", VARIABLE: os.environ[VARIABLE]}) as terminal:
        terminal.wait_for("sidecar")
        yield terminal


def test_a_shell_in_the_pods_network_sees_it_with_this_machines_tools(screen: Pty, lab: Lab) -> None:
    screen.press_and_settle("e")
    screen.wait_for("leads back to pausetui")
    screen.press("readlink /proc/self/ns/net | tr -d '[]' | sed s/^/is:/\r")
    screen.wait_for("is:net:" + os.readlink(f"/proc/{lab.pause('web').pid}/ns/net")[5:-1])
    screen.press("exit\r")
    screen.wait_for("back from the shell in the network of lab/web (exit 0)")


def test_a_shell_in_a_member_has_its_pid_namespace(screen: Pty, lab: Lab) -> None:
    screen.press_and_settle("jj")
    screen.press_and_settle("s")
    screen.wait_for("leads back to pausetui")
    screen.press("echo is:$(readlink /proc/$$/ns/pid | tr -cd 0-9)\r")
    pid = lab.process("web", "web").pid
    expected = "".join(filter(str.isdigit, os.readlink(f"/proc/{pid}/ns/pid")))
    screen.wait_for(f"is:{expected}")
    screen.press("exit\r")
    screen.wait_for("back from the shell in web of lab/web")


def test_afterwards_the_picture_is_live(screen: Pty, lab: Lab) -> None:
    screen.press_and_settle("e")
    screen.wait_for("leads back to pausetui")
    screen.press("exit\r")
    screen.wait_for("back from the shell")
    before = lab.process("web", "sidecar")
    os.kill(before.pid, signal.SIGKILL)
    until(lambda: lab.process("web", "sidecar") != before)
    screen.wait_for(f"pid {before.pid} → {lab.process('web', 'sidecar').pid}")


def test_ctrl_c_is_for_the_program_in_front(screen: Pty) -> None:
    screen.press_and_settle("e")
    screen.wait_for("leads back to pausetui")
    screen.press("sleep 1000; echo interrupted:$?\r")
    screen.press_and_settle("\x03")
    screen.press("echo still:here\r")
    screen.wait_for("still:here")
    screen.press("exit\r")
    screen.wait_for("back from the shell")


def test_where_the_program_is_missing_the_screen_is_back_and_says_so(lab: Lab, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pausetui", "--backend", "lab"]
    with Pty(
        command, size=(120, 40), environment={"PATH": str(tmp_path), VARIABLE: os.environ[VARIABLE]}
    ) as terminal:
        terminal.wait_for("sidecar")
        terminal.press_and_settle("e")
        terminal.wait_for("(nsenter: No such file or directory)")
        terminal.press("q")
        assert terminal.ended() == 0
        assert terminal.is_restored


def test_a_shell_that_ends_at_once_with_an_error_can_be_read(lab: Lab, tmp_path: Path) -> None:
    shell = tmp_path / "shell"
    shell.write_text("#!/bin/sh\necho there is none here >&2\nexit 7\n")
    shell.chmod(0o755)
    command = [sys.executable, "-m", "pausetui", "--backend", "lab"]
    around = {"SHELL": str(shell), VARIABLE: os.environ[VARIABLE]}
    with Pty(command, size=(120, 40), environment=around) as terminal:
        terminal.wait_for("sidecar")
        terminal.press_and_settle("e")
        terminal.wait_for("Enter leads back")
        terminal.press("\r")
        terminal.wait_for("(exit 7)")

"""However the screen ends, the terminal is as it was, and nothing is left running."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.real.plays import SECRET
from tests.real.ptys import on_stage

pytestmark = pytest.mark.real
SHOWN = "default/web"


@pytest.mark.parametrize("key", ["q", "\x03", "\x11"], ids=["q", "ctrl+c", "ctrl+q"])
def test_a_key_that_quits_restores_the_terminal_and_ends_with_0(key: str) -> None:
    with on_stage("plain") as terminal:
        terminal.wait_for(SHOWN)
        terminal.press(key)
        assert terminal.ended() == 0
        assert terminal.is_restored


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_restores_the_terminal_and_is_told_in_the_exit_code(number: signal.Signals) -> None:
    with on_stage("plain") as terminal:
        terminal.wait_for(SHOWN)
        assert not terminal.is_restored
        terminal.process.send_signal(number)
        assert terminal.ended() == 128 + number
        assert terminal.is_restored


def test_a_signal_ends_it_in_the_middle_of_a_confirmation_too() -> None:
    with on_stage("plain") as terminal:
        terminal.wait_for(SHOWN)
        terminal.press("\x04")
        terminal.wait_for("Delete the pause container")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.ended() == 143
        assert terminal.is_restored


@pytest.mark.parametrize("ignoring", [(), (signal.SIGHUP,)], ids=["as usual", "with SIGHUP ignored"])
def test_it_ends_when_its_terminal_is_gone(ignoring: tuple[signal.Signals, ...]) -> None:
    with on_stage("plain", ignoring=ignoring) as terminal:
        terminal.wait_for(SHOWN)
        terminal.hang_up()
        assert terminal.process.wait(10) == 129


def test_it_does_not_spin_while_it_finds_out_that_its_terminal_is_gone() -> None:
    with on_stage("flood", ignoring=(signal.SIGHUP,)) as terminal:
        terminal.wait_for(SHOWN)
        terminal.hang_up()
        _, status, used = os.wait4(terminal.process.pid, 0)
        terminal.process.returncode = os.waitstatus_to_exitcode(status)
        assert terminal.process.returncode == 129
        assert used.ru_utime < 20


def test_a_terminal_that_takes_nothing_more_does_not_keep_it() -> None:
    with on_stage("flood") as terminal:
        terminal.wait_for(SHOWN)
        terminal.stall()
        time.sleep(1)  # there is no condition to await: the writer's queue fills up inside the program
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(10) == 143


def test_a_bug_is_reported_without_any_variable_and_ends_with_70() -> None:
    with on_stage("bug") as terminal:
        terminal.wait_for(SHOWN)
        terminal.press("\x12")
        assert terminal.ended() == 70
        assert terminal.is_restored
        report = terminal.text[terminal.text.rfind("\x1b[?1049l") :]
        assert "ZeroDivisionError" in report
        assert "this is a bug of ours" in report
        assert SECRET not in terminal.text
        assert "locals" not in report

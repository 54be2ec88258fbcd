"""Going inside and coming back, in a real terminal: the screen is live again, whatever the shell did."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pausetui.core.observation import ProcessId
from pausetui.lab.names import VARIABLE
from tests.real import labs
from tests.real.labs import Lab
from tests.real.ptys import Pty, on_stage
from tests.waiting import until

pytestmark = pytest.mark.real

INSIDE = "leads back to pausetui"
BACK = "back from the shell in"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with labs.lab("web") as lab:
        yield lab


def pausetui(**environment: str) -> Pty:
    """The screen on the lab that is named in our environment."""
    around = {"SHELL": "/bin/sh", VARIABLE: os.environ[VARIABLE], **environment}
    return Pty([sys.executable, "-m", "pausetui", "--backend", "lab"], size=(120, 40), environment=around)


@pytest.fixture
def screen(lab: Lab) -> Iterator[Pty]:
    with pausetui() as terminal:
        terminal.wait_for("sidecar")
        yield terminal


def enter(screen: Pty, *keys: str) -> int:
    """Press the keys that lead inside; the pid of the shell."""
    for each in keys:
        screen.press_and_settle(each)
    screen.wait_for(INSIDE)
    return until(lambda: shell_of(screen), what="a shell in front")


def shell_of(screen: Pty) -> int | None:
    """The last in the line of processes below pausetui, once it is a shell and in front of the terminal."""
    below = [one.pid for one in labs.descendants(screen.process.pid)[1:]]
    if not below or Path(f"/proc/{below[-1]}/comm").read_text().strip() not in ("sh", "dash"):
        return None
    group, _, _, in_front = labs.stat_fields(below[-1])[2:6]
    return below[-1] if group == in_front and labs.stat_fields(below[-1])[0] == "S" else None


def leave(screen: Pty) -> None:
    screen.press("exit\r")
    is_back(screen)


def ended(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return labs.stat_fields(pid)[0] in "ZX"
    return True


def is_back(screen: Pty) -> None:
    """Wait for the screen; where the shell was so quick that pausetui waits until that was read, have read it."""
    until(lambda: BACK in screen.display or "Enter leads back" in screen.display, 20, "the way back")
    if BACK not in screen.display:
        screen.press("\r")
    screen.wait_for(BACK)


def another(lab: Lab, name: str, before: ProcessId) -> ProcessId:
    """The process that a member has after this one."""

    def found() -> ProcessId | None:
        process = lab.member("web", name).process
        return process if process != before else None

    return until(found, 20, f"{name} to be started again")


def ended_in_order(screen: Pty) -> bool:
    """Whether the screen was back before the end, and the terminal is as it was: nothing had to be cut off."""
    return screen.text.rfind("\x1b[?1049h") > screen.text.rfind(INSIDE) and screen.is_restored


def quits(screen: Pty) -> None:
    """It reads keys again, and leaves the terminal as it was."""
    screen.press("q")
    assert screen.ended() == 0
    assert screen.is_restored


def test_a_shell_in_the_pods_network_sees_it_with_this_machines_tools(screen: Pty, lab: Lab) -> None:
    enter(screen, "e")
    screen.press("readlink /proc/self/ns/net | tr -d '[]' | sed s/^/is:/\r")
    screen.wait_for("is:net:" + os.readlink(f"/proc/{lab.pause('web').pid}/ns/net")[5:-1])
    screen.press('echo "in:$debian_chroot"\r')
    screen.wait_for("in:the network of lab/web")
    leave(screen)
    screen.wait_for("back from the shell in the network of lab/web (exit 0)")


def test_a_shell_in_a_member_has_its_pid_namespace(screen: Pty, lab: Lab) -> None:
    enter(screen, "jj", "s")
    screen.press("echo is:$(readlink /proc/$$/ns/pid | tr -cd 0-9)\r")
    pid = lab.process("web", "web").pid
    expected = "".join(filter(str.isdigit, os.readlink(f"/proc/{pid}/ns/pid")))
    screen.wait_for(f"is:{expected}")
    leave(screen)
    screen.wait_for("back from the shell in web of lab/web")
    quits(screen)


def test_afterwards_the_picture_is_live(screen: Pty, lab: Lab) -> None:
    enter(screen, "e")
    leave(screen)
    before = lab.process("web", "sidecar")
    os.kill(before.pid, signal.SIGKILL)
    screen.wait_for(f"pid {before.pid} → {another(lab, 'sidecar', before).pid}")


def test_what_happened_meanwhile_is_shown_afterwards(screen: Pty, lab: Lab) -> None:
    enter(screen, "e")
    before = lab.process("web", "sidecar")
    os.kill(before.pid, signal.SIGKILL)
    again = another(lab, "sidecar", before)
    leave(screen)
    screen.wait_for(f"pid {before.pid} → {again.pid}")


def test_ctrl_c_is_for_the_program_in_front(screen: Pty) -> None:
    enter(screen, "e")
    screen.press("sleep 1000; echo interrupted:$?\r")
    screen.press_and_settle("\x03")
    screen.press("echo still:here\r")
    screen.wait_for("still:here")
    leave(screen)


def test_ctrl_z_stops_the_program_in_front_and_its_shell_has_the_job(screen: Pty) -> None:
    enter(screen, "e")
    screen.press_and_settle("sleep 1234\r")
    screen.press("\x1a")
    screen.wait_for("Stopped")
    screen.press("kill %1; fg; echo job:over\r")
    screen.wait_for("job:over")
    leave(screen)
    quits(screen)


def test_a_shell_that_stops_itself_goes_on(screen: Pty) -> None:
    enter(screen, "e")
    screen.press("kill -STOP $$; echo going:on\r")
    until(lambda: screen.display.count("going:on") == 2, 10, "the echo of the command, and what it says")
    leave(screen)
    quits(screen)


@pytest.mark.parametrize("size", [(80, 24), (150, 50)], ids=["smaller", "larger"])
def test_a_terminal_that_is_resized_inside_is_filled_afterwards(screen: Pty, size: tuple[int, int]) -> None:
    enter(screen, "e")
    screen.resize(*size)
    screen.press("stty size | sed s/^/is:/\r")
    screen.wait_for(f"is:{size[1]} {size[0]}")
    leave(screen)
    until(lambda: len(screen.display.splitlines()[-1]) > 30, what="a last line on the last line")
    assert max(map(len, screen.display.splitlines())) > size[0] - 8


@pytest.mark.parametrize("keys", [("e",), ("jj", "s")], ids=["in the network", "in a member"])
def test_a_shell_that_is_killed_in_a_raw_terminal_leaves_no_raw_terminal(
    screen: Pty, keys: tuple[str, ...]
) -> None:
    shell = enter(screen, *keys)
    screen.press("stty raw -echo; echo is:raw\r")
    until(lambda: screen.display.count("is:raw") == 2, 10, "the echo of the command, and what it says")
    os.kill(shell, signal.SIGKILL)
    is_back(screen)
    screen.wait_for("(ended by SIGKILL)")
    quits(screen)


def test_a_shell_in_a_member_ends_with_its_member_and_the_screen_is_back(screen: Pty, lab: Lab) -> None:
    shell = enter(screen, "jj", "s")
    web = lab.process("web", "web")
    os.kill(web.pid, signal.SIGKILL)
    until(lambda: ended(shell), what="the end of the shell")
    is_back(screen)
    screen.wait_for(f"pid {web.pid} → {another(lab, 'web', web).pid}")
    quits(screen)


def test_a_shell_in_a_pod_that_is_made_again_stays_in_the_old_network_and_the_screen_shows_the_new(
    screen: Pty, lab: Lab
) -> None:
    shell = enter(screen, "e")
    old, attempt = os.readlink(f"/proc/{shell}/ns/net"), lab.pod("web").attempt or 0
    os.kill(lab.pause("web").pid, signal.SIGKILL)
    until(lambda: lab.pod("web").attempt == attempt + 1 and len(lab.pod("web").members) == 2)
    assert os.readlink(f"/proc/{shell}/ns/net") == old
    leave(screen)
    screen.wait_for(f"new sandbox attempt {attempt + 1}")
    quits(screen)


@pytest.mark.parametrize("keys", [("e",), ("jj", "s")], ids=["in the network", "in a member"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_ends_the_shell_too_and_restores_the_terminal(
    screen: Pty, number: signal.Signals, keys: tuple[str, ...]
) -> None:
    shell = enter(screen, *keys)
    screen.process.send_signal(number)
    assert screen.ended() == 128 + number
    assert ended(shell)
    assert ended_in_order(screen)


@pytest.mark.parametrize("keys", [("e",), ("jj", "s")], ids=["in the network", "in a member"])
def test_what_minds_no_hanging_up_is_killed(screen: Pty, keys: tuple[str, ...]) -> None:
    shell = enter(screen, *keys)
    screen.press("trap '' HUP; echo is:deaf; while :; do sleep 1000; done\r")
    until(lambda: screen.display.count("is:deaf") == 2, 10, "the echo of the command, and what it says")
    below = until(lambda: labs.descendants(shell)[1:])
    screen.process.send_signal(signal.SIGTERM)
    assert screen.ended() == 143
    assert ended(shell)
    assert not any(map(labs.alive, below))
    assert ended_in_order(screen)


def test_a_signal_to_end_does_not_wait_for_enter(lab: Lab, tmp_path: Path) -> None:
    with pausetui(SHELL=failing_shell(tmp_path)) as terminal:
        terminal.wait_for("sidecar")
        terminal.press_and_settle("e")
        terminal.wait_for("Enter leads back")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.ended() == 143
        assert ended_in_order(terminal)


def test_when_the_terminal_is_gone_while_inside_nothing_is_left(screen: Pty) -> None:
    shell = enter(screen, "e")
    screen.hang_up()
    assert screen.process.wait(15) == 129
    until(lambda: ended(shell), what="the end of the shell")


def test_an_error_that_nobody_thought_of_leaves_no_dead_terminal() -> None:
    with on_stage("no-shell") as terminal:
        terminal.wait_for("default/web")
        terminal.press("e")
        assert terminal.ended() == 70
        assert terminal.is_restored
        assert "ZeroDivisionError" in terminal.text


def test_where_the_program_is_missing_the_screen_is_back_and_says_so(lab: Lab, tmp_path: Path) -> None:
    with pausetui(PATH=str(tmp_path)) as terminal:
        terminal.wait_for("sidecar")
        terminal.press_and_settle("e")
        terminal.wait_for("(nsenter: No such file or directory)")
        terminal.press("q")
        assert terminal.ended() == 0
        assert terminal.is_restored


def failing_shell(folder: Path) -> str:
    shell = folder / "shell"
    shell.write_text("#!/bin/sh\necho there is none here >&2\nexit 7\n")
    shell.chmod(0o755)
    return str(shell)


def test_a_shell_that_ends_at_once_with_an_error_can_be_read(lab: Lab, tmp_path: Path) -> None:
    with pausetui(SHELL=failing_shell(tmp_path)) as terminal:
        terminal.wait_for("sidecar")
        terminal.press_and_settle("e")
        terminal.wait_for("Enter leads back")
        terminal.press("\r")
        terminal.wait_for("(exit 7)")

"""The pause program that we make, on the processor of this machine and, emulated, on the other."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from pausetui.lab import linux
from pausetui.lab.elf import MACHINES, pause_elf
from tests.real import labs
from tests.waiting import until

pytestmark = pytest.mark.real

ENDING = (signal.SIGTERM, signal.SIGINT)


@pytest.fixture
def pause(tmp_path: Path) -> Path:
    return _written(tmp_path, linux.machine())


def _written(folder: Path, machine: str) -> Path:
    path = folder / "pause"
    path.write_bytes(pause_elf(machine))
    path.chmod(0o755)
    return path


@contextmanager
def _as_pid_1(command: list[str]) -> Iterator[int]:
    """Run a command as pid 1 of a pid namespace; its pid outside."""
    pid = linux.clone(linux.NEWPID)
    if pid == 0:
        try:
            os.execv(command[0], command)
        finally:
            os._exit(127)
    try:
        yield pid
    finally:
        with suppress(ChildProcessError):  # the test may have waited for it
            if os.waitpid(pid, os.WNOHANG)[0] == 0:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _sleeps(pid: int, name: str = "pause") -> bool:
    return Path(f"/proc/{pid}/comm").read_text().strip() == name and labs.stat_fields(pid)[0] == "S"


@pytest.mark.parametrize("number", ENDING)
def test_it_ends_well_when_asked(pause: Path, number: signal.Signals) -> None:
    with subprocess.Popen([str(pause)]) as process:
        until(lambda: _sleeps(process.pid))
        process.send_signal(number)
        assert process.wait(5) == 0


@pytest.mark.parametrize("number", ENDING)
def test_it_ends_well_when_asked_as_pid_1(pause: Path, number: signal.Signals) -> None:
    with _as_pid_1([str(pause)]) as pid:
        until(lambda: _sleeps(pid))
        os.kill(pid, number)
        ended, status = os.waitpid(pid, 0)
    assert (ended, os.waitstatus_to_exitcode(status)) == (pid, 0)


def test_it_minds_no_other_signal_as_pid_1(pause: Path) -> None:
    with _as_pid_1([str(pause)]) as pid:
        until(lambda: _sleeps(pid))
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD, signal.SIGWINCH):
            os.kill(pid, number)
        until(lambda: _sleeps(pid))


def test_as_pid_1_it_leaves_no_zombies(pause: Path) -> None:
    with _as_pid_1([str(pause)]) as pid:
        until(lambda: _sleeps(pid))
        labs.inside(pid, "p", "sh", "-c", "for i in 1 2 3 4 5; do (sleep 0.05 &) ; done")
        until(lambda: len(labs.children(pid)) == 0, what="all orphans are gone")


def test_it_takes_at_most_a_megabyte(pause: Path) -> None:
    with subprocess.Popen([str(pause)]) as process:
        until(lambda: _sleeps(process.pid))
        pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
        process.kill()
    assert pages * os.sysconf("SC_PAGESIZE") <= 1024 * 1024


def test_it_is_not_run_with_an_executable_stack(pause: Path) -> None:
    with subprocess.Popen([str(pause)]) as process:
        until(lambda: _sleeps(process.pid))
        mappings = Path(f"/proc/{process.pid}/maps").read_text().splitlines()
        process.kill()
    (stack,) = [line for line in mappings if "[stack]" in line]
    assert "x" not in stack.split()[1]
    assert not any("w" in line.split()[1] and "x" in line.split()[1] for line in mappings)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("number", ENDING)
def test_it_ends_well_when_asked_under_an_emulator(tmp_path: Path, machine: str, number: signal.Signals) -> None:
    emulator = shutil.which(f"qemu-{machine}")
    assert emulator, f"qemu-{machine} is not there: apt-get install qemu-user"
    with subprocess.Popen([emulator, str(_written(tmp_path, machine))]) as process:
        until(lambda: _handles(process.pid, number), what="the emulated program has set its handlers")
        process.send_signal(number)
        assert process.wait(10) == 0


@pytest.mark.parametrize("machine", MACHINES)
def test_it_reaps_under_an_emulator(tmp_path: Path, machine: str) -> None:
    emulator = shutil.which(f"qemu-{machine}")
    assert emulator, f"qemu-{machine} is not there: apt-get install qemu-user"
    with _as_pid_1([emulator, str(_written(tmp_path, machine))]) as pid:
        until(lambda: _ignores(pid, signal.SIGCHLD), what="the emulated program ignores SIGCHLD")
        labs.inside(pid, "p", "sh", "-c", "for i in 1 2 3; do (sleep 0.05 &) ; done")
        until(lambda: len(labs.children(pid)) == 0, what="all orphans are gone")


def _mask(pid: int, name: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith(name))


def _handles(pid: int, number: signal.Signals) -> bool:
    return bool(_mask(pid, "SigCgt") >> (number - 1) & 1) and _ignores(pid, signal.SIGCHLD)


def _ignores(pid: int, number: signal.Signals) -> bool:
    return bool(_mask(pid, "SigIgn") >> (number - 1) & 1)

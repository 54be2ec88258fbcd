"""The check that the tests leave nothing behind, checked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.leftovers import LEFT_BEHIND

DETACHED = "import subprocess; subprocess.Popen(['sleep', '60'], start_new_session=True)"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.leftovers", *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_exit_code_of_a_command_that_leaves_nothing_is_handed_on() -> None:
    assert run("sh", "-c", "exit 7").returncode == 7


def test_a_detached_process_that_outlives_its_parent_is_found_and_ended() -> None:
    result = run(sys.executable, "-c", DETACHED)
    pid = int(result.stdout.split()[3])
    assert (result.returncode, result.stdout) == (LEFT_BEHIND, f"left behind: process {pid} sleep 60\n")
    assert not Path("/proc", str(pid)).exists()


def test_a_command_ended_by_a_signal_fails() -> None:
    assert run("sh", "-c", "kill -TERM $$").returncode == 128 + 15

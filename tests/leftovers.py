"""Run a command, and fail if it leaves anything behind.

``python -m tests.leftovers COMMAND…`` becomes the reaper of everything that the command starts: a process that
outlives its parents, whichever way it detached, becomes a child of this one. When the command has ended nothing
may be left: no process (and with none, no abstract socket and no namespace that only processes hold), no mount, no
link.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

GRACE = 3.0
"""Seconds in which what was told to end may still be ending."""
LEFT_BEHIND = 3
"""Exit code when the command passed and left something."""
PR_SET_CHILD_SUBREAPER = 36


def main(command: Sequence[str]) -> int:
    """Run ``command``; its exit code, or LEFT_BEHIND."""
    adopt_orphans()
    signal.signal(signal.SIGINT, lambda *_: None)  # ctrl+c is the command's; what it leaves is still looked for
    before = set(things())
    code = reap_until_ended(subprocess.Popen(command))
    left = wait_for_nothing(before)
    for each in left:
        print(f"left behind: {each}", flush=True)
    end_children()
    return code or (LEFT_BEHIND if left else 0)


def adopt_orphans() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def reap_until_ended(process: subprocess.Popen[bytes]) -> int:
    """Wait for ``process``, and for every orphan that ends meanwhile."""
    while True:
        pid, status = os.wait()
        if pid == process.pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode if process.returncode >= 0 else 128 - process.returncode


def wait_for_nothing(before: set[str]) -> list[str]:
    """What is left that was not there before, after the time it may take to go."""
    deadline = time.monotonic() + GRACE
    while True:
        reap()
        left = [*(named(pid) for pid in children()), *sorted(set(things()) - before)]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)


def reap() -> None:
    while children():
        pid, _ = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return


def children() -> list[int]:
    """The processes whose parent is this one."""
    return [int(pid) for pid in Path("/proc/self/task", str(os.getpid()), "children").read_text().split()]


def named(pid: int) -> str:
    try:
        words = Path("/proc", str(pid), "cmdline").read_bytes().split(b"\0")
    except OSError:
        words = []
    return f"process {pid} {' '.join(word.decode(errors='replace') for word in words[:8]).strip()}"


def things() -> Iterator[str]:
    """What else could stay: mounts, and links of the host's network."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        yield "mount " + line.split()[4]
    for link in Path("/sys/class/net").iterdir():
        yield "link " + link.name


def end_children() -> None:
    """End what is left; what that orphans comes to us as well."""
    while pids := children():
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

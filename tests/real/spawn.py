"""Processes in namespaces of their own, that are gone when the test is, whatever becomes of the test."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pausetui.core.namespaces import NamespaceKind

CLONE = {
    NamespaceKind.TIME: 0x00000080,
    NamespaceKind.MNT: 0x00020000,
    NamespaceKind.CGROUP: 0x02000000,
    NamespaceKind.UTS: 0x04000000,
    NamespaceKind.IPC: 0x08000000,
    NamespaceKind.USER: 0x10000000,
    NamespaceKind.PID: 0x20000000,
    NamespaceKind.NET: 0x40000000,
}
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
REPOSITORY = Path(__file__).parents[2]
NOBODY = 65534


def start(
    kinds: Sequence[NamespaceKind] = (), argv: Sequence[str] = ("sleep", "infinity")
) -> subprocess.Popen[bytes]:
    """A process in fresh namespaces of these kinds, already in them; it dies with the test's main thread."""
    flags = sum(CLONE[kind] for kind in kinds)

    def prepare() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if flags and _libc.unshare(flags):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=prepare)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End it and reap it. A second call does nothing."""
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


@contextlib.contextmanager
def sleeping(
    *kinds: NamespaceKind, argv: Sequence[str] = ("sleep", "infinity")
) -> Iterator[subprocess.Popen[bytes]]:
    """A sleeping process in fresh namespaces of these kinds."""
    process = start(kinds, argv)
    try:
        yield process
    finally:
        stop(process)


def python(code: str, *arguments: str) -> list[str]:
    """The command that runs a piece of Python with this checkout."""
    return [sys.executable, "-c", code, *arguments]


def in_netns(pid: int, *command: str) -> None:
    """Run a command in the network namespace of a process."""
    subprocess.run(
        ["nsenter", "-n", "-t", str(pid), *command], check=True, capture_output=True, cwd=REPOSITORY, timeout=30
    )


def output_of(command: Sequence[str]) -> str:
    """What a command prints, run from this checkout.

    Raises:
        AssertionError: It failed; with what it said.
    """
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout

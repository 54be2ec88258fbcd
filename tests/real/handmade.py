"""Pods made with nothing but ``unshare`` and ``nsenter``, gone for sure when the block ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType

from tests.waiting import until


class HandmadePod:
    """A pod: a first process that makes the namespaces, and containers that join them."""

    def __init__(self, folder: Path) -> None:
        """Programs with names of their own are put into ``folder``."""
        self._folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> HandmadePod:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def first(self, name: str = "pause", *, hostname: str = "", own: Sequence[str] = ("net", "ipc", "uts")) -> int:
        """Start the process that makes the namespaces; its pid."""
        flags = [f"--{kind}" for kind in own]
        set_name = f"echo {hostname} > /proc/sys/kernel/hostname; " if hostname else ""
        script = f"{set_name}exec {self._program(name)} infinity"
        return self._start(["unshare", *flags, "sh", "-c", script], name)

    def first_with_pids(self, name: str = "pause") -> int:
        """The same with a pid namespace, of which it is process 1; its pid."""
        argv = ["unshare", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child"]
        return self._start([*argv, self._program(name), "infinity"], name)

    def member(self, holder: int, name: str, *, pid: str = "own") -> int:
        """Start a container that joins the holder's net, ipc and uts; its main process's pid.

        Its pid namespace is its "own" or the holder's ("shared").
        """
        join = ["nsenter", "-t", str(holder), "-n", "-i", "-u"]
        own = [*join, "unshare", "--mount", "--pid", "--fork", "--kill-child"]
        shared = [*join, "-p", "unshare", "--mount"]
        return self._start([*(own if pid == "own" else shared), self._program(name), "infinity"], name)

    def run(self, argv: Sequence[str], name: str) -> int:
        """Start anything; the pid of the process of this name that comes of it."""
        return self._start(argv, name)

    def end(self, pid: int) -> None:
        """End one process of this pod, and wait until it is gone."""
        os.kill(pid, signal.SIGKILL)
        until(lambda: _is_gone(pid), what=f"the end of pid {pid}")

    def _program(self, name: str) -> str:
        path = self._folder / name
        if not path.exists():
            shutil.copy("/bin/sleep", path)
        return str(path)

    def _start(self, argv: Sequence[str], name: str) -> int:
        started = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self._stack.callback(_end_all, started)
        return until(lambda: _called(started.pid, name), what=f"{name} to run")


def _end_all(started: subprocess.Popen[bytes]) -> None:
    children = _descendants(started.pid)
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    started.kill()
    started.wait()
    for pid in children:
        until(lambda pid=pid: _is_gone(pid), what=f"the end of pid {pid}")  # type: ignore[misc]


def _called(pid: int, name: str) -> int | None:
    return next((each for each in (pid, *_descendants(pid)) if _comm(each) == name), None)


def _descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [found for child in map(int, children) for found in (child, *_descendants(child))]


def _comm(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True

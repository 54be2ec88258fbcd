"""A machine of our own for a container engine: its mounts, its network, its processes, all gone with the block.

What is started in it uses its usual paths: /run, /var/lib and /var/log are empty there and /etc is a copy on
write. Its network is its own, too, with bridges and ``ip_forward`` and all. Pids are the machine's, so pausetui
sees what it would see on a real machine. ``cri_supervisor`` holds it, and ends it also if the test is killed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import until

ROOT = Path(__file__).parents[2]
CGROUPS = Path("/sys/fs/cgroup")
_NAMES_AN_ENGINE = ("XDG_RUNTIME_DIR", "CONTAINER_HOST", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "HOME")


class PrivateNode:
    """The machine.

    Attributes:
        folder: What it shares with ours: sockets and logs.
        pid: The process that holds its namespaces.
        root: Its files.
    """

    def __init__(self, folder: Path, supervisor: subprocess.Popen[str]) -> None:
        self.folder = folder
        self.pid = supervisor.pid
        self.root = Path(f"/proc/{self.pid}/root")
        self._supervisor = supervisor

    def start(self, *argv: str, log: str) -> int:
        """Start a program in it; its pid. It ends with the node at the latest."""
        assert self._supervisor.stdin is not None
        assert self._supervisor.stdout is not None
        own_network = ["nsenter", f"--net=/proc/{self.pid}/ns/net", "--"]
        order = {"argv": [*own_network, *argv], "log": str(self.folder / log)}
        self._supervisor.stdin.write(json.dumps(order) + "\n")
        self._supervisor.stdin.flush()
        return int(self._supervisor.stdout.readline())

    def run(self, *argv: str, check: bool = True) -> str:
        """Run a command in it to its end; what it printed on stdout.

        Raises:
            AssertionError: It failed, with what it said.
        """
        enter = ["nsenter", "-t", str(self.pid), "-m", "-n", "--"]
        done = subprocess.run([*enter, *argv], env=environment(), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 or not check, f"{argv}: {done.stderr}"
        return done.stdout.strip()

    def pausetui(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run pausetui in it as root, to its end; no engine is named but by ``variables``."""
        enter = ("nsenter", "-t", str(self.pid), "-m", "-n", "--")
        around = {name: text for name, text in environment().items() if name not in _NAMES_AN_ENGINE}
        return subprocess.run(
            [*enter, sys.executable, "-m", "pausetui", *arguments],
            env={**around, **variables},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def log(self, name: str) -> str:
        """What a program has said so far."""
        return (self.folder / name).read_text(errors="replace")

    def owns_cgroup(self, path: str) -> None:
        """Have this cgroup, and what is in it, removed with the node."""
        with open(self.folder / "cgroups", "a") as listed:
            listed.write(f"{path}\n")


def environment() -> dict[str, str]:
    """Ours, with the folders in which an administrator's programs are."""
    return {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}


@contextmanager
def private_node(programs: Sequence[str]) -> Iterator[PrivateNode]:
    """A node with nothing in it. ``programs`` is what has to be installed on this machine."""
    missing = [program for program in programs if shutil.which(program, path=environment()["PATH"]) is None]
    assert not missing, f"{', '.join(missing)} missing: scripts/test installs them"
    folder = Path(tempfile.mkdtemp(prefix="node-"))
    supervisor = subprocess.Popen(
        ["unshare", "--mount", "--net", sys.executable, "-m", "tests.real.cri_supervisor", str(folder)],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert supervisor.stdin is not None
    assert supervisor.stdout is not None
    try:
        assert supervisor.stdout.readline() == "ready\n"
        yield PrivateNode(folder, supervisor)
    finally:
        supervisor.stdin.close()
        supervisor.wait(60)
        supervisor.stdout.close()


def end(pid: int, number: signal.Signals = signal.SIGTERM) -> None:
    """End a process and wait until it has."""
    os.kill(pid, number)
    until(lambda: not Path(f"/proc/{pid}").exists(), what=f"the end of {pid}", seconds=30)


@contextmanager
def hung(*pids: int) -> Iterator[None]:
    """While the block lasts these are stopped: they accept calls and answer none."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

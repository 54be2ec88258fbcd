"""A node of our own: Debian's containerd with its CRI and CNI, in a mount namespace of its own.

    with containerd() as bed:
        web = bed.node.run(cri_scenarios.web())
        bed.crictl("pods", "-o", "json")

Pids are the machine's, and its network is the node's: a pod of the host's network is in it. The pods' bridge
and veths are not; they are in a network namespace of their own, ``bed.inside(…, behind_bridge=True)``. What
needs the node's files (/run/netns, /etc/crictl.yaml, /var/lib/kubelet, the usual socket) looks below
``bed.root``, or runs there: ``bed.inside("crictl", "pods")``. Nothing is written to the machine but cgroups
below /kubepods and a temporary folder. All of it ends with the block, also if the test is killed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cri_api import CONTAINER_RUNNING, SANDBOX_READY

from tests.crictl_standin.calls import Call, calls_in
from tests.crictl_standin.install import install
from tests.crictl_standin.runtime import connect
from tests.crictl_standin.versions import VERSIONS
from tests.real.cri_client import Node
from tests.real.cri_config import containerd_config, set_up_network
from tests.real.cri_images import archives
from tests.real.cri_kubelet import Orders
from tests.real.cri_specs import PodSpec
from tests.waiting import until

ROOT = Path(__file__).parents[2]
SOCKET = "/run/containerd/containerd.sock"
PROGRAMS = ("containerd", "ctr", "runc", "gcc", "busybox", "unshare", "nsenter")
CRICTLS = (*VERSIONS, *(["real"] if shutil.which("crictl") else []))
"""The versions of crictl that can be called here."""


class Bed:
    """A node that is up.

    Attributes:
        folder: What is shared with the machine: the socket, the log of calls, the folder with ``crictl``.
        pid: The process that holds the node's namespaces.
        node: Makes and ends pods.
        containerd_pid: The pid of containerd.
    """

    def __init__(self, folder: Path, supervisor: subprocess.Popen[str]) -> None:
        self.folder = folder
        self.pid = supervisor.pid
        self.socket = folder / "containerd.sock"
        self.root = Path(f"/proc/{self.pid}/root")
        self.bin = folder / "bin"
        self.calls_log = folder / "calls.jsonl"
        self.cgroups = folder / "cgroups"
        self.node = Node(self.socket, self.root, self.cgroups)
        self.containerd_pid = 0
        self.plugins = folder / "cni"
        self._supervisor = supervisor
        self.calls_log.touch()
        self.bin.mkdir()
        install(self.bin, self.calls_log)

    @property
    def endpoint(self) -> str:
        """What crictl takes as ``-r``, and works in and outside the node."""
        return f"unix://{self.socket}"

    def environment(self, version: str = "1.36.0") -> dict[str, str]:
        """The environment in which ``crictl`` is our stand-in, of this version, and knows the endpoint.

        "real" is the machine's own crictl; see ``CRICTLS``.
        """
        path = _path() if version == "real" else f"{self.bin}:{_path()}"
        chosen = {} if version == "real" else {"CRICTL_STANDIN_VERSION": version}
        return {**os.environ, "PATH": path, "CONTAINER_RUNTIME_ENDPOINT": self.endpoint, **chosen}

    def crictl(self, *arguments: str, version: str = "1.36.0") -> subprocess.CompletedProcess[str]:
        """Call it."""
        program = shutil.which("crictl", path=self.environment(version)["PATH"])
        assert program is not None
        return self._run([program, *arguments], version)

    def inside(
        self, *command: str, version: str = "1.36.0", behind_bridge: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run a command where the node's files are; ``behind_bridge`` also where the pods' bridge and veths are."""
        enter = ["nsenter", "-t", str(self.pid), "-m", *(["-n"] if behind_bridge else []), f"-w{ROOT}", "--"]
        return self._run([*enter, *command], version)

    def calls(self) -> list[Call]:
        """The calls of crictl until now, in the order in which they began."""
        return calls_in(self.calls_log)

    def start(self, *argv: str, log: str) -> int:
        """Start a program in the node; its pid. It ends with the node at the latest."""
        assert self._supervisor.stdin is not None
        assert self._supervisor.stdout is not None
        self._supervisor.stdin.write(json.dumps({"argv": argv, "log": str(self.folder / log)}) + "\n")
        self._supervisor.stdin.flush()
        return int(self._supervisor.stdout.readline())

    def start_containerd(self, *, cri: bool = True) -> None:
        """Start containerd, which finds what it knew before, and wait until it answers."""
        config = self.folder / "containerd.toml"
        config.write_text(containerd_config(self.socket, self.plugins, cri=cri))
        self.containerd_pid = self.start("containerd", "-c", str(config), log="containerd.log")
        until(self.node.answers if cri else self._listens, seconds=30, what=f"{self.socket} to answer")

    def stop_containerd(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End containerd alone; its shims, and so all containers, go on."""
        os.kill(self.containerd_pid, number)
        until(lambda: not Path(f"/proc/{self.containerd_pid}").exists(), what="containerd's end")

    @contextmanager
    def hung(self, pid: int | None = None) -> Iterator[None]:
        """While the block lasts containerd, or another process, is stopped: it accepts calls and answers none."""
        pid = self.containerd_pid if pid is None else pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def shim(self, sandbox: str) -> int:
        """The pid of the containerd-shim of a sandbox."""
        status = Path(f"/proc/{self.node.sandbox_pid(sandbox)}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:")))

    @contextmanager
    def kubelet(self, *pods: PodSpec, backoff: float = 10.0, relist: float = 1.0) -> Iterator[int]:
        """Somebody who keeps these pods alive, and is gone with the block; the pods stay. The pid.

        ``backoff`` and ``relist`` in seconds; a real kubelet has the defaults.
        """
        orders = self.folder / "pods.json"
        orders.write_text(Orders(pods, backoff, relist).to_json())
        program = [sys.executable, "-m", "tests.real.cri_kubelet", str(self.socket), str(self.cgroups), str(orders)]
        pid = self.start(*program, log="kubelet.log")
        try:
            until(lambda: Path(f"/proc/{pid}/comm").read_text() == "kubelet\n", what="kubelet to be called so")
            until(lambda: self.are_up(*pods), seconds=30 + len(pods), what="all pods to run")
            yield pid
        finally:
            os.kill(pid, signal.SIGKILL)
            until(lambda: not Path(f"/proc/{pid}").exists(), what="kubelet's end")

    def are_up(self, *pods: PodSpec) -> bool:
        """Whether each of these pods has a sandbox that is ready and all its members running."""
        ready = {each.metadata.uid: each.id for each in self.node.sandboxes() if each.state == SANDBOX_READY}
        running = {
            (each.pod_sandbox_id, each.metadata.name)
            for each in self.node.containers()
            if each.state == CONTAINER_RUNNING
        }
        wanted = {(ready.get(spec.uid), member.name) for spec in pods for member in spec.members if not member.init}
        return wanted <= running

    def _listens(self) -> bool:
        try:
            connect(str(self.socket), 1)
        except OSError:
            return False
        return True

    def _run(self, command: list[str], version: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environment(version),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@contextmanager
def containerd() -> Iterator[Bed]:
    """A node whose containerd answers and has the images, and no pod."""
    missing = [program for program in PROGRAMS if shutil.which(program, path=_path()) is None]
    assert not missing, f"{', '.join(missing)} missing: scripts/test installs them"
    folder = Path(tempfile.mkdtemp(prefix="node-"))
    supervisor = subprocess.Popen(
        ["unshare", "--mount", "--net", sys.executable, "-m", "tests.real.cri_supervisor", str(folder)],
        cwd=ROOT,
        env={**os.environ, "PATH": _path()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert supervisor.stdin is not None
    assert supervisor.stdout is not None
    try:
        assert supervisor.stdout.readline() == "ready\n"
        bed = Bed(folder, supervisor)
        set_up_network(bed.plugins, bed.root, bed.pid)
        (bed.root / SOCKET.lstrip("/")).symlink_to(bed.socket)
        bed.start_containerd()
        for archive in archives(folder):
            ctr = ["ctr", "-a", str(bed.socket), "-n", "k8s.io", "images", "import", str(archive)]
            subprocess.run(ctr, check=True, capture_output=True, timeout=60)
        try:
            yield bed
        finally:
            bed.node.close()
    finally:
        supervisor.stdin.close()
        supervisor.wait(60)
        supervisor.stdout.close()


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"

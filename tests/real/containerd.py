"""A node of our own: Debian's containerd with its CRI and CNI, in a mount and a network namespace of its own.

    with containerd() as bed:
        web = bed.node.run(cri_scenarios.web())
        bed.crictl("pods", "-o", "json")

Pids are the machine's; what needs the node's files (/run/netns, /etc/crictl.yaml, /var/lib/kubelet, the usual
socket) looks below ``bed.root``, or runs there: ``bed.inside("pausetui", "snapshot")``. Nothing is written to the
machine but cgroups below /kubepods and a temporary folder. It all ends with the block, also if the test is killed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.crictl_standin.calls import Call, calls_in
from tests.crictl_standin.install import install
from tests.real.cri_client import Node
from tests.real.cri_images import PAUSE, archives
from tests.waiting import until

ROOT = Path(__file__).parents[2]
SOCKET = "/run/containerd/containerd.sock"
PROGRAMS = ("containerd", "ctr", "runc", "gcc", "busybox", "unshare", "nsenter")
CNI_PLUGINS = Path("/usr/lib/cni")

_CONFIG = """
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = [{disabled}]
[grpc]
  address = "{socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{plugins}"
    conf_dir = "/etc/cni/net.d"
"""
_BRIDGE = {
    "cniVersion": "0.4.0",
    "name": "node",
    "plugins": [
        {
            "type": "bridge",
            "bridge": "cni0",
            "isGateway": True,
            "ipMasq": False,
            "ipam": {
                "type": "host-local",
                "ranges": [[{"subnet": "10.244.0.0/16"}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        }
    ],
}


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
        self.containerd_log = folder / "containerd.log"
        self.cgroups = folder / "cgroups"
        self.node = Node(self.socket, self.root, self.cgroups)
        self.containerd_pid = 0
        self._supervisor = supervisor
        self.calls_log.touch()
        self.bin.mkdir()
        install(self.bin, self.calls_log)

    @property
    def endpoint(self) -> str:
        """What crictl takes as ``-r``, and works in and outside the node."""
        return f"unix://{self.socket}"

    def environment(self, version: str = "1.36.0") -> dict[str, str]:
        """The environment in which ``crictl`` is our stand-in, of this version, and knows the endpoint."""
        return {
            **os.environ,
            "PATH": f"{self.bin}:{os.environ['PATH']}:/usr/sbin:/sbin",
            "CRICTL_STANDIN_VERSION": version,
            "CONTAINER_RUNTIME_ENDPOINT": self.endpoint,
        }

    def crictl(self, *arguments: str, version: str = "1.36.0") -> subprocess.CompletedProcess[str]:
        """Call the stand-in."""
        return self._run([str(self.bin / "crictl"), *arguments], version)

    def inside(self, *command: str, version: str = "1.36.0") -> subprocess.CompletedProcess[str]:
        """Run a command in the node's mount and network namespaces."""
        enter = ["nsenter", "-t", str(self.pid), "-m", "-n", f"-w{ROOT}", "--"]
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
        disabled = "" if cri else '"io.containerd.grpc.v1.cri"'
        config.write_text(_CONFIG.format(disabled=disabled, socket=self.socket, pause=PAUSE, plugins=CNI_PLUGINS))
        self.containerd_pid = self.start("containerd", "-c", str(config), log=self.containerd_log.name)
        if cri:
            until(self.node.answers, seconds=30, what=f"containerd to answer: {self.containerd_log.read_text()}")
        else:
            until(self.socket.exists, what="containerd's socket")

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
        network = bed.root / "etc/cni/net.d/10-node.conflist"
        network.parent.mkdir(parents=True, exist_ok=True)
        network.write_text(json.dumps(_BRIDGE))
        (bed.root / SOCKET.lstrip("/")).symlink_to(bed.socket)
        bed.start_containerd()
        for archive in archives(folder):
            ctr = ["ctr", "-a", str(bed.socket), "-n", "k8s.io", "images", "import", str(archive)]
            subprocess.run(ctr, check=True, capture_output=True, timeout=60)
        yield bed
        bed.node.close()
    finally:
        supervisor.stdin.close()
        supervisor.wait(60)
        supervisor.stdout.close()


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"

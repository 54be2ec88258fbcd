"""A dockerd of our own on a node of its own.

    with docker() as bed:
        pause = bed.pause("web")
        bed.member("app", pause)

Its containers are in the machine's pids, its network is the node's: 172.31.0.0/24 behind docker0, without rules of
a firewall. The socket can be reached from both: ``bed.socket``, and ``/run/docker.sock`` below ``bed.node.root``.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.real.cri_images import BUSYBOX, PAUSE, archives
from tests.real.private_node import PrivateNode, end, environment, private_node
from tests.waiting import until

PROGRAMS = ("dockerd", "docker", "containerd", "runc", "gcc", "busybox", "unshare", "nsenter")
SLEEP = ("sleep", "1000000")
QUICK = ("sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1000000 & wait; done")
"""A program that ends at once when it is asked to."""


class DockerBed:
    """A dockerd that answers and has the images.

    Attributes:
        node: The machine it is on.
        socket: Where it listens.
        pid: Of dockerd.
    """

    def __init__(self, node: PrivateNode) -> None:
        self.node = node
        self.socket = node.folder / "docker.sock"
        self.pid = 0
        self._cgroup = f"/{node.folder.name}"
        node.owns_cgroup(self._cgroup)

    @property
    def endpoint(self) -> str:
        """What ``DOCKER_HOST`` takes."""
        return f"unix://{self.socket}"

    def start(self, **more: object) -> None:
        """Start it, with whatever it knew before, and wait until it answers.

        Args:
            more: More of its configuration ("live-restore").
        """
        config = self.node.folder / "daemon.json"
        config.write_text(json.dumps({**self._config(), **more}))
        self.pid = self.node.start("dockerd", "--config-file", str(config), log="dockerd.log")
        until(self.answers, seconds=30, what="dockerd to answer")

    def _config(self) -> dict[str, object]:
        return {
            "hosts": [self.endpoint, "unix:///run/docker.sock"],
            "bip": "172.31.0.1/24",
            "iptables": False,
            "ip-masq": False,
            "cgroup-parent": self._cgroup,
            "exec-opts": ["native.cgroupdriver=cgroupfs"],
            "storage-driver": "overlay2",
            "log-driver": "none",
            "shutdown-timeout": 2,
        }

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it: with SIGTERM it ends its containers first, unless it was started with live-restore."""
        end(self.pid, number)

    def answers(self) -> bool:
        """Whether it does."""
        return self._run("version").returncode == 0

    def __call__(self, *words: str) -> str:
        """``docker WORDS``; what it prints.

        Raises:
            AssertionError: It failed, with what it said.
        """
        done = self._run(*words)
        assert done.returncode == 0, f"docker {' '.join(words)}: {done.stderr}"
        return done.stdout.strip()

    def inspect(self, name: str, what: str) -> str:
        """One thing of a container, by a Go template: ``inspect("web", "{{.State.Pid}}")``."""
        return self("inspect", "-f", what, name)

    def container_pid(self, name: str) -> int:
        """The pid of a container's main process; 0 if it doesn't run."""
        return int(self.inspect(name, "{{.State.Pid}}"))

    def pause(self, name: str, *options: str) -> str:
        """Run a pause container; its id."""
        return self("run", "-d", "--name", name, "--ipc", "shareable", *options, PAUSE)

    def member(self, name: str, of: str, *options: str, command: tuple[str, ...] = QUICK) -> str:
        """Run a container in the network and ipc of another; its id."""
        joined = ("--network", f"container:{of}", "--ipc", f"container:{of}")
        return self.plain(name, *joined, *options, command=command)

    def pod(self, name: str, *members: str) -> str:
        """Run a pause of this name and these members in its network, each idle; the pause's id."""
        id_ = self.pause(name)
        for member in members:
            self.member(member, id_)
        return id_

    def plain(self, name: str, *options: str, command: tuple[str, ...] = QUICK) -> str:
        """Run a container; its id."""
        return self("run", "-d", "--name", name, *options, BUSYBOX, *command)

    def clear(self) -> None:
        """Remove every container."""
        ids = self("ps", "-aq").split()
        if ids:
            self("rm", "-f", *ids)

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["docker", "-H", self.endpoint, *words]
        return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def docker() -> Iterator[DockerBed]:
    """A node whose dockerd answers and has the images, and no container."""
    with private_node(PROGRAMS) as node:
        bed = DockerBed(node)
        bed.start()
        images = node.folder / "images"
        images.mkdir()
        for archive in archives(images):
            bed("load", "-i", str(archive))
        yield bed

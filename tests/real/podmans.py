"""A Podman of our own, with its Docker socket, on a node of its own.

    with podman() as bed:
        bed("pod", "create", "--name", "web")

Its containers are in the machine's pids, its network is the node's. Commands go through the service, so what they
start is the node's, too.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.real.cri_images import BUSYBOX, archives
from tests.real.dockers import QUICK
from tests.real.private_node import PrivateNode, end, environment, private_node
from tests.waiting import until

PROGRAMS = ("podman", "runc", "conmon", "catatonit", "gcc", "busybox", "unshare", "nsenter")
CONFIGURATION = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
runtime = "runc"
"""
"""Limits as they may be raised to anywhere; locks in a file and not in the machine's /dev/shm."""


class PodmanBed:
    """A Podman whose service answers and which has the image.

    Attributes:
        node: The machine it is on.
        socket: Where it listens.
        pid: Of the service.
    """

    def __init__(self, node: PrivateNode) -> None:
        self.node = node
        self.socket = node.folder / "podman.sock"
        self.pid = 0
        (node.root / "etc/containers").mkdir(exist_ok=True)
        (node.root / "etc/containers/containers.conf").write_text(CONFIGURATION)
        node.owns_cgroup("/libpod_parent")

    @property
    def endpoint(self) -> str:
        """What ``CONTAINER_HOST`` takes."""
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start the service, and wait until it answers."""
        self.pid = self._serve("podman", "system", "service", "--time=0", self.endpoint)
        until(lambda: self._run("version").returncode == 0, seconds=30, what="podman to answer")

    def _serve(self, *argv: str) -> int:
        return self.node.start(*argv, log="podman.log")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the service; all containers go on."""
        end(self.pid, number)
        self.socket.unlink(missing_ok=True)

    def __call__(self, *words: str) -> str:
        """``podman WORDS``; what it prints.

        Raises:
            AssertionError: It failed, with what it said.
        """
        done = self._run(*words)
        assert done.returncode == 0, f"podman {' '.join(words)}: {done.stderr}"
        return done.stdout.strip()

    def container_pid(self, name: str) -> int:
        """The pid of a container's main process; 0 if it doesn't run."""
        return int(self("inspect", "-f", "{{.State.Pid}}", name))

    def pod(self, name: str, *members: str) -> str:
        """Run a pod with an infra container and these members, each idle; its id."""
        id_ = self("pod", "create", "--name", name)
        for member in members:
            self.member(member, id_)
        return id_

    def member(self, name: str, pod: str, *options: str) -> str:
        """Run a member of a pod; its id."""
        return self.plain(name, "--pod", pod, *options)

    def plain(self, name: str, *options: str) -> str:
        """Run a container; its id."""
        return self("run", "-d", "--name", name, *options, BUSYBOX, *QUICK)

    def clear(self) -> None:
        """Remove every pod and container."""
        self("pod", "rm", "-f", "-a", "-t", "0")
        self("rm", "-f", "-a", "-t", "0")

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["podman", "--remote", "--url", self.endpoint, *words]
        return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def podman() -> Iterator[PodmanBed]:
    """A node whose Podman answers and has the image, and no container."""
    with private_node(PROGRAMS) as node:
        bed = PodmanBed(node)
        bed.start()
        load_images(bed)
        yield bed


def load_images(bed: PodmanBed) -> None:
    """Make the images, and have it know them."""
    images = bed.node.folder / "images"
    images.mkdir()
    for archive in archives(images):
        bed("load", "-i", str(archive))


def netns(bed: PodmanBed, name: str) -> Path:
    """A named network namespace on the node; where it is mounted there."""
    bed.node.run("ip", "netns", "add", name)
    return Path("/run/netns", name)

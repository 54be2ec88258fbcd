"""A Podman of somebody who is not root, with its Docker socket, on a node of its own.

    with rootless_podman() as bed:
        bed.pod("web", "app")

The user is known on the node alone: its /etc is a copy on write. What the user's containers are made of is below
the node's folder and in its /run, and ends with it. The containers have users of their own (subuids); their network
is slirp4netns's, through a /dev/net/tun that the node has for everybody.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.real.nobody import python_for_anybody, with_textual
from tests.real.podmans import CONFIGURATION, PROGRAMS, PodmanBed, load_images
from tests.real.private_node import PrivateNode, environment, private_node

NAME, UID = "alice", 1500
SUBIDS = (200_000, 65_536)
"""The first of the ids that her containers may use, and how many."""
_STORAGE = """
[storage]
driver = "vfs"
"""


class RootlessPodmanBed(PodmanBed):
    """A Podman of alice's, whose service answers at the usual place of a user's.

    Attributes:
        runtime_dir: Her XDG_RUNTIME_DIR, a path of the node's.
    """

    def __init__(self, node: PrivateNode) -> None:
        self.node = node
        self.pid = 0
        self.runtime_dir = f"/run/user/{UID}"
        self._home = node.folder / "home"
        self._make_user()
        shared = self._own(node.folder / "run")
        (node.root / self.runtime_dir.lstrip("/")).mkdir(parents=True)
        node.run("mount", "--bind", str(shared), self.runtime_dir)
        self.socket = shared / "podman/podman.sock"
        self._own(self.socket.parent)

    def become(self) -> tuple[str, ...]:
        """The beginning of a command line that root runs as her, on the node."""
        told = (f"{name}={value}" for name, value in self.environ().items())
        ids = (f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--inh-caps=-all")
        return ("setpriv", *ids, "env", "-i", "-C", str(self._home), *told)

    def environ(self) -> Mapping[str, str]:
        """What her login sets: all that she has."""
        own = {"HOME": str(self._home), "USER": NAME, "XDG_RUNTIME_DIR": self.runtime_dir}
        return {**own, "PATH": environment()["PATH"], "LANG": "C.UTF-8"}

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run a command as her, on the node, to its end."""
        command = ("nsenter", "-t", str(self.node.pid), "-m", "-n", "--", *self.become(), *argv)
        return subprocess.run(
            command, env=environment(), capture_output=True, text=True, timeout=60, check=False, cwd="/"
        )

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python as her, on the node, with the program and its tests at hand."""
        paths = (f"PYTHONPATH={with_textual()}", "PYTHONDONTWRITEBYTECODE=1")
        return self.run(*paths, python_for_anybody(), *arguments)

    def pausetui(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pausetui as her, on the node, to its end."""
        return self.python("-m", "pausetui", *arguments)

    def _serve(self, *argv: str) -> int:
        *command, _ = argv
        usual = f"unix://{self.runtime_dir}/podman/podman.sock"
        return self.node.start(*self.become(), *command, usual, log="podman.log")

    def _make_user(self) -> None:
        etc = self.node.root / "etc"
        first, count = SUBIDS
        for name, line in (
            ("passwd", f"{NAME}:x:{UID}:{UID}::{self._home}:/bin/sh"),
            ("group", f"{NAME}:x:{UID}:"),
            ("subuid", f"{NAME}:{first}:{count}"),
            ("subgid", f"{NAME}:{first}:{count}"),
        ):
            with open(etc / name, "a") as file:
                file.write(f"{line}\n")
        os.chmod(self.node.folder, 0o711)
        config = self._home
        for part in ("", ".config", "containers"):
            config = self._own(config / part)
        for name, text in (("containers.conf", CONFIGURATION), ("storage.conf", _STORAGE)):
            (config / name).write_text(text)
        self.node.run("mknod", "-m", "666", "/run/tun", "c", "10", "200")
        self.node.run("mount", "--bind", "/run/tun", "/dev/net/tun")

    @staticmethod
    def _own(folder: Path) -> Path:
        folder.mkdir(mode=0o700, exist_ok=True)
        os.chown(folder, UID, UID)
        return folder


@contextmanager
def rootless_podman() -> Iterator[RootlessPodmanBed]:
    """A node whose alice has a Podman that answers and has the image, and no container."""
    with private_node((*PROGRAMS, "newuidmap", "slirp4netns", "setpriv")) as node:
        bed = RootlessPodmanBed(node)
        bed.start()
        load_images(bed)
        yield bed

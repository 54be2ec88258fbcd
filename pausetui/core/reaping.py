"""Who reaps the orphans of a pid namespace: its pid 1, if that is made for it. Pure.

A process whose parent ends becomes the child of pid 1 of its pid namespace (pid_namespaces(7); or of a subreaper
on the way, which can't be seen). When it ends, too, it stays a zombie until that has waited for it. The real pause
waits in its handler of SIGCHLD; an ordinary program waits only for children that it knows of, if at all.
"""

from __future__ import annotations

from enum import StrEnum

from pausetui.core.inventory import Role
from pausetui.core.process_tree import Node, PidSpace
from pausetui.core.snapshot import Container, ContainerProcess

PAUSE = "pause"
INITS = frozenset(
    {
        "bash",
        "busybox",
        "catatonit",
        "dash",
        "docker-init",
        "dumb-init",
        "init",
        "my_init",
        "podman-init",
        "runit",
        "s6-svscan",
        "sh",
        "supervisord",
        "systemd",
        "tini",
        "tini-static",
    }
)
"""What waits for any child that it gets, by its name: programs made to be pid 1, and shells."""


class Reaping(StrEnum):
    """Whether pid 1 reaps what is left to it, in words that follow its name."""

    DOES = "reaps orphans"
    PROBABLY = "probably reaps orphans"
    PROBABLY_NOT = "probably does not reap orphans"


def reaping(container: Container, process: ContainerProcess) -> Reaping:
    """Whether this process of a container, as pid 1, reaps orphans: only a pause is sure to."""
    if container.role is Role.PAUSE and process.name == PAUSE and process.id == container.process:
        return Reaping.DOES
    return Reaping.PROBABLY if process.name in INITS else Reaping.PROBABLY_NOT


def who_reaps(space: PidSpace, parent: int) -> str:
    """Whose the zombies are that have this parent, in words: "of nginx (pid 7), which should reap them …"."""
    init, above = space.init, space.node(parent)
    if above is None:
        return f"of {f'pid {parent}' if parent else 'somebody'}, no process of this pod, which should reap them"
    if init is not None and above.process.id == init.process.id:
        return f"left to {called(init)}, pid 1 here, which {told(init)}"
    then = f"; when that ends, {called(init)}, pid 1 here, {told(init)}" if init else ""
    return f"of {called(above)}, which should reap them{then}"


def called(node: Node) -> str:
    """Name and pid."""
    return f"{node.process.name} (pid {node.process.id.pid})"


def told(init: Node) -> str:
    """Whether this pid 1 reaps, in words that follow its name."""
    return "has ended" if init.process.zombie else reaping(init.container, init.process).value

"""How to get inside: a shell in a member, or one of the host's in the pod's network. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pausetui.core.inventory import ContainerState
from pausetui.core.observation import ProcessId
from pausetui.core.snapshot import Container, Pod, Snapshot

EXEC = frozenset({"crictl", "docker", "podman"})
"""The backends whose command line has ``exec -it``."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way in.

    Attributes:
        into: What one gets into ("nginx of default/web").
        argv: The command.
        process: Whose namespaces it enters by pid, to be checked just before; None where the runtime is asked.
    """

    into: str
    argv: tuple[str, ...]
    process: ProcessId | None = None


def into_member(snapshot: Snapshot, pod: Pod, member: Container | None) -> Way | str:
    """A shell in a member, through its runtime where that has a way; else why there is none."""
    if member is None:
        return f"choose a member of {pod.title}: pause has no shell"
    if member.state is not ContainerState.RUNNING:
        return f"{member.name} is not running"
    into = f"{member.name} of {pod.title}"
    if snapshot.backend in EXEC and member.runtime_id is not None:
        return Way(into, (*snapshot.runtime.command, "exec", "-it", member.runtime_id, "sh"))
    if member.process is None or member.cannot_read:
        return f"the process of {member.name} is not known, or not ours"
    nsenter = ("nsenter", "-t", str(member.process.pid), "--all", "--root", "--wd")
    return Way(into, (*nsenter, "sh"), member.process)


def into_network(
    snapshot: Snapshot, pod: Pod, shell: str, *, chosen: Container | None = None, is_root: bool = True
) -> Way | str:
    """A shell of the host in the pod's network, with the host's tools; else why there is none.

    Args:
        snapshot: Which namespaces are the host's, is in there.
        pod: The pod.
        shell: The program to start.
        chosen: The selected container: an orphan is asked about the network that it is left in.
        is_root: Whoever is not enters the pod's user namespace first, which gives the right to enter what is its
            own. Root has that right, and would lose its own there.
    """
    if pod.host_network:
        return f"{pod.title} uses the host's network: you are in it"
    orphan = chosen if chosen is not None and chosen.key in pod.orphans else None
    net = orphan.namespaces.net if orphan else pod.net
    network = f"the network that {orphan.name} is left in" if orphan else f"the network of {pod.title}"
    for container in (orphan,) if orphan else pod.containers():
        if container.process is not None and net is not None and container.namespaces.net == net:
            user = container.namespaces.user
            owned = not is_root and user is not None and user != snapshot.host.user
            first = ("-U", "--preserve-credentials") if owned else ()
            argv = ("nsenter", *first, "-n", "-t", str(container.process.pid), shell)
            return Way(network, argv, container.process)
    return f"no process is known in {network}"

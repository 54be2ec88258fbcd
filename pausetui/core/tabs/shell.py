"""The shell commands that show or do the same as the screen, for the selected row. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from pausetui.core.actions import OF_A_POD, ActionKind
from pausetui.core.doing import SHORT_ID, command_for, left_behind
from pausetui.core.inventory import ContainerState, Role
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.prose import BLANK, Entry, Tone, heading, quiet
from pausetui.core.snapshot import Container, Pod, Snapshot

_NAMED_LAB = re.compile(r"@pausetui-lab-\d+-([a-z0-9-]+)")
"""The endpoint of a lab that PAUSETUI_LAB named."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command, and what it is good for."""

    text: str
    what: str


def entries(snapshot: Snapshot, pod: Pod, container: Container | None) -> tuple[Entry, ...]:
    """Every command for the selected row, each under what it is good for."""
    title = f"Commands for {container.name} of {pod.title}" if container else f"Commands for {pod.title}"
    found = commands(snapshot, pod, container)
    if not found:
        return (heading(title), quiet("No process is known that a command could be given."))
    told = [entry for one in found for entry in (quiet(one.what), Entry(one.text, tone=Tone.COMMAND), BLANK)]
    actions = _actions(snapshot, pod, container)
    asked = _whom_it_asks(snapshot)
    return (heading(title), BLANK, *told, *actions, quiet("Y copies the first of them."), *asked)


def _whom_it_asks(snapshot: Snapshot) -> tuple[Entry, ...]:
    runtime = snapshot.runtime
    if not runtime.endpoint or not runtime.found_by:
        return ()
    return (quiet(f"{snapshot.backend} asks {runtime.endpoint}, {runtime.found_by}."),)


def commands(snapshot: Snapshot, pod: Pod, container: Container | None) -> tuple[Command, ...]:
    """The commands that look, the most useful first."""
    chosen = container or pod.pause or next((one for one in pod.members if one.process), None)
    own = tuple(_of_process(pod, chosen)) if chosen is not None and chosen.process is not None else ()
    return (*own, *_of_runtime(snapshot, pod, container))


def _of_process(pod: Pod, container: Container) -> Iterator[Command]:
    assert container.process is not None
    pid = container.process.pid
    if not pod.host_network:
        yield Command(f"nsenter -n -t {pid} ip addr", "its addresses and interfaces")
        yield Command(f"nsenter -n -t {pid} ss -tulpn", "its listening ports")
    yield Command(f"readlink /proc/{pid}/ns/net", "its network namespace")
    yield Command(f"lsns -p {pid}", "all its namespaces")
    net = container.namespaces.get(NamespaceKind.NET)
    if net is not None:
        yield Command(f"lsns -t net | grep {net.inode}", "how many processes share its network")
    yield Command(f"cat /proc/{pid}/cgroup", "which container it belongs to")


def _of_runtime(snapshot: Snapshot, pod: Pod, container: Container | None) -> Iterator[Command]:
    if snapshot.backend in ("docker", "podman"):
        yield from _of_engine(snapshot.runtime.command, pod, container)
    if snapshot.backend == "crictl":
        yield from _of_crictl(snapshot.runtime.command, pod, container)
    if snapshot.backend == "lab":
        named = _NAMED_LAB.fullmatch(snapshot.runtime.endpoint or "")
        which = f"PAUSETUI_LAB={named[1]} " if named else ""
        yield Command(f"{which}pausetui lab status", "the lab's own word on its pods")


def _of_crictl(crictl: tuple[str, ...], pod: Pod, container: Container | None) -> Iterator[Command]:
    def line(*words: str) -> str:
        return shlex.join((*crictl, *words))

    if container is not None and container.role is not Role.PAUSE and container.runtime_id is not None:
        member = container.runtime_id[:SHORT_ID]
        yield Command(line("inspect", member), "all that the runtime says of it")
        yield Command(line("logs", "--tail", "50", member), "its last lines of output")
        yield Command(line("exec", "-it", member, "sh"), "a shell in it, where its image has one")
    if pod.sandboxes:
        sandbox = pod.sandboxes[0].id[:SHORT_ID]
        yield Command(line("inspectp", sandbox), "the sandbox, and its pause: crictl ps never lists one")
        yield Command(line("ps", "-a", "--pod", sandbox), "its members, also those that ended")
    yield Command(line("pods", "--name", pod.name), "its sandboxes, also earlier ones")


def _of_engine(engine: tuple[str, ...], pod: Pod, container: Container | None) -> Iterator[Command]:
    def line(*words: str) -> str:
        return shlex.join((*engine, *words))

    chosen = container or pod.pause or next(iter(pod.members), None)
    if chosen is None or chosen.runtime_id is None:
        return
    short = chosen.runtime_id[:SHORT_ID]
    yield Command(line("inspect", short), "all that the engine says of it")
    if chosen.role is not Role.PAUSE:
        yield Command(line("logs", "--tail", "50", short), "its last lines of output")
        yield Command(line("exec", "-it", short, "sh"), "a shell in it, where its image has one")
    network = "{{.HostConfig.NetworkMode}} {{.State.Pid}}"
    yield Command(line("inspect", "-f", network, short), "whose network it was told to join, and its pid")
    yield Command(line("stats", "--no-stream", short), "what it uses")
    yield Command(line("ps", "-a"), "all containers, pauses too")


_KEYS = {
    ActionKind.RESTART_MEMBER: "r",
    ActionKind.KILL_MEMBER: "K",
    ActionKind.DELETE_PAUSE: "ctrl+d",
    ActionKind.STOP_SANDBOX: "S",
    ActionKind.REMOVE_SANDBOX: "D",
    ActionKind.STOP_MEMBER: "T",
    ActionKind.START_MEMBER: "a",
    ActionKind.START_SANDBOX: "a",
    ActionKind.REJOIN: "J",
}
_STARTS = (ActionKind.START_MEMBER, ActionKind.START_SANDBOX)


def _actions(snapshot: Snapshot, pod: Pod, container: Container | None) -> Iterator[Entry]:
    chosen = container or pod.pause
    pause_is_meant = chosen is None or chosen.role is Role.PAUSE
    for kind, key in _KEYS.items():
        if kind is ActionKind.REJOIN and not left_behind(pod):
            continue
        started = pod.pause if kind is ActionKind.START_SANDBOX else container
        if kind in _STARTS and (started is None or started.state is ContainerState.RUNNING):
            continue
        if kind not in snapshot.abilities.all or (kind not in OF_A_POD and pause_is_meant):
            continue
        text = command_for(kind, snapshot, pod, pod.pause if kind in OF_A_POD else chosen)
        if text:
            yield quiet(f"what {key} does, without the checks")
            yield Entry(text, tone=Tone.COMMAND)
            yield BLANK

"""The shell commands that show or do the same as the screen, for the selected row. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pausetui.core.inventory import Role
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
    chosen = container or pod.pause
    title = f"Commands for {container.name} of {pod.title}" if container else f"Commands for {pod.title}"
    found = commands(snapshot, pod, container)
    if not found:
        return (heading(title), quiet("No process is known that a command could be given."))
    told = [entry for one in found for entry in (quiet(one.what), Entry(one.text, tone=Tone.COMMAND), BLANK)]
    actions = _actions(chosen) if chosen is not None else ()
    return (heading(title), BLANK, *told, *actions, quiet("Y copies the first of them."))


def commands(snapshot: Snapshot, pod: Pod, container: Container | None) -> tuple[Command, ...]:
    """The commands that look, the most useful first."""
    chosen = container or pod.pause or next((one for one in pod.members if one.process), None)
    own = tuple(_of_process(pod, chosen)) if chosen is not None and chosen.process is not None else ()
    return (*own, *_of_runtime(snapshot))


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


def _of_runtime(snapshot: Snapshot) -> Iterator[Command]:
    if snapshot.backend == "lab":
        named = _NAMED_LAB.fullmatch(snapshot.runtime.endpoint or "")
        which = f"PAUSETUI_LAB={named[1]} " if named else ""
        yield Command(f"{which}pausetui lab status", "the lab's own word on its pods")


def _actions(container: Container) -> Iterator[Entry]:
    if container.process is not None:
        if container.role is Role.PAUSE:
            yield quiet("what ctrl+d does, without the checks")
        else:
            yield quiet("what r and K do, without the checks")
            yield Entry(f"kill -TERM {container.process.pid}", tone=Tone.COMMAND)
        yield Entry(f"kill -KILL {container.process.pid}", tone=Tone.COMMAND)
        yield BLANK

"""What is told of the processes of a pod: by pid namespace, as trees, with who reaps whom. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import ProcessId
from pausetui.core.process_tree import Node, PidSpace, pid_spaces
from pausetui.core.prose import BLANK, Entry, Tone, age, heading, listed, memory, percent, quiet
from pausetui.core.reaping import called, told, who_reaps
from pausetui.core.sharing import letters
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.wording import plural

COLUMNS = ("pid", "in", "state", "memory", "cpu", "age")
IN = "in: its pid in each namespace further in; the last is what it calls itself"
ORPHANS = "Orphans go to pid 1 of their namespace. A pause reaps them; of another its name tells what is probable."
STATES = {"R": "runs", "S": "sleeps", "D": "waits", "T": "stopped", "t": "traced", "I": "idle"}
ZOMBIE = "zombie"
TICKS_A_SECOND = 100
LONGEST = 100 * 365 * 86_400
"""Seconds that no machine is up: a start time so far from another's is none."""
DEEPEST = 6
"""Levels of the tree that are indented; deeper ones stand as far right as this one."""


def entries(snapshot: Snapshot, pod: Pod, container: Container | None) -> tuple[Entry, ...]:
    """The processes of one container, or of all containers of the pod and those that joined it from outside."""
    shown = [
        (space, nodes)
        for space in pid_spaces(pod)
        if (nodes := [one for one in space.nodes if container is None or one.container.key == container.key])
    ]
    rows = {node.process.id: _cells(snapshot, node) for _, nodes in shown for node in nodes}
    widths = [max(map(len, column)) for column in zip(COLUMNS, *rows.values(), strict=True)]
    parts = [entry for space, nodes in shown for entry in _of_space(snapshot, pod, space, nodes, rows, widths)]
    silent = [one for one in ((container,) if container else pod.containers()) if not one.processes]
    return (
        heading(f"Processes of {container.name if container is not None else pod.title}"),
        quiet(IN),
        quiet("name", _aligned(COLUMNS, widths)),
        *parts,
        *((BLANK, *(quiet(f"{one.name}: no process is known") for one in silent)) if silent else ()),
        *(_outsiders(pod) if container is None else ()),
        BLANK,
        quiet(ORPHANS),
    )


def _of_space(
    snapshot: Snapshot,
    pod: Pod,
    space: PidSpace,
    nodes: Sequence[Node],
    rows: Mapping[ProcessId, Sequence[str]],
    widths: Sequence[int],
) -> Iterator[Entry]:
    yield heading(_name(snapshot, pod, space))
    yield Entry(_first(snapshot, space))
    for node in nodes:
        tone = Tone.BAD if node.process.zombie else Tone.PLAIN
        yield Entry(_branch(node) + _name_of(node), _aligned(rows[node.process.id], widths), tone)
    left = Counter(node.process.parent for node in nodes if node.process.zombie)
    for parent, count in left.items():
        yield Entry(who_reaps(space, parent), plural(count, ZOMBIE), Tone.BAD)


def _name(snapshot: Snapshot, pod: Pod, space: PidSpace) -> str:
    namespace = space.namespace
    if namespace is None:
        return "Pid namespace not known"
    if namespace == snapshot.host.pid:
        return "The machine's own pid namespace"
    sharing = [one for one in pod.containers() if one.namespaces.pid == namespace]
    if not sharing:
        return f"Pid namespace {namespace.inode}, further in"
    letter = letters(pod, snapshot.host, NamespaceKind.PID)[sharing[0].key]
    return f"Pid namespace {letter} ({namespace.inode}) of {listed([one.name for one in sharing])}"


def _first(snapshot: Snapshot, space: PidSpace) -> str:
    if space.namespace is None:
        return "Who is pid 1 there can't be told."
    if space.namespace == snapshot.host.pid:
        return "Pid 1 is the machine's init, which reaps orphans."
    if space.init is None:
        return "Its pid 1 is no process of this pod; whether that reaps orphans is not known."
    return f"Pid 1 is {called(space.init)}, which {told(space.init)}."


def _cells(snapshot: Snapshot, node: Node) -> tuple[str, ...]:
    process = node.process
    vitals = snapshot.vitals.get(process.id)
    return (
        str(process.id.pid),
        _inside(node),
        ZOMBIE if process.zombie else STATES.get(vitals.state, vitals.state) if vitals else "?",
        memory(vitals.rss_bytes if vitals else None),
        percent(vitals.cpu_percent if vitals else None),
        age(_started(node), snapshot.taken_at) or "?",
    )


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    return " ".join(
        f"{cell:<{width}}" if name == "state" else f"{cell:>{width}}"
        for name, cell, width in zip(COLUMNS, cells, widths, strict=True)
    )


def _inside(node: Node) -> str:
    """The pids in the namespaces further in; its only one, where there are none."""
    pids = node.process.namespace_pids
    return "/".join(map(str, pids[1:] or pids)) or "?"


def _branch(node: Node) -> str:
    return "  " * (min(node.depth, DEEPEST) - 1) + "\\_ " if node.depth else ""


def _name_of(node: Node) -> str:
    """Its name; its container's behind a main process that is called otherwise; what is special about it."""
    process, container = node.process, node.container
    is_main = process.id == container.process and process.name != container.name
    own = ", ".join(f"own {one.kind}" for one in process.differs if one.kind is not NamespaceKind.PID)
    return " ".join(filter(None, (process.name, f"({container.name})" if is_main else "", own)))


def _started(node: Node) -> datetime | None:
    """When it started: so many ticks after its container's main process."""
    main, since = node.container.process, node.container.started_at
    if main is None or since is None:
        return None
    later = (node.process.id.start_ticks - main.start_ticks) / TICKS_A_SECOND
    return since + timedelta(seconds=later) if abs(later) < LONGEST else None


def _outsiders(pod: Pod) -> Iterator[Entry]:
    if pod.sharers:
        yield BLANK
        yield heading("From outside, in its namespaces")
        for sharer in pod.sharers:
            yield Entry(f"{sharer.name} shares {' '.join(sharer.kinds)}", str(sharer.id.pid))

"""What is told of the processes of a pod: by pid namespace, as trees, with who reaps whom. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pausetui.core.namespaces import NamespaceKind
from pausetui.core.process_tree import Node, PidSpace, pid_spaces
from pausetui.core.prose import BLANK, Entry, Tone, age, heading, listed, memory, percent, quiet
from pausetui.core.reaping import reaping
from pausetui.core.sharing import letters
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.wording import plural

INSIDE = "inside: the pid in each pid namespace further in, the last being what it calls itself"
STATES = {"R": "running", "S": "sleeping", "D": "waiting", "T": "stopped", "t": "traced", "I": "idle"}
ZOMBIE = "zombie"
TICKS_A_SECOND = 100
LONGEST = 100 * 365 * 86_400
"""Seconds that no machine is up: a start time so far from another's is none."""
DEEPEST = 6
"""Levels of the tree that are indented; deeper ones stand as far right as this one."""


def entries(snapshot: Snapshot, pod: Pod, container: Container | None) -> tuple[Entry, ...]:
    """The processes of one container, or of all containers of the pod and those that joined it from outside."""
    spaces = pid_spaces(pod)
    parts = [entry for space in spaces for entry in _Telling(snapshot, pod, space, container).entries()]
    silent = [one for one in ((container,) if container else pod.containers()) if not one.processes]
    return (
        heading(f"Processes of {container.name if container is not None else pod.title}"),
        quiet(INSIDE),
        *parts,
        *((BLANK, *(quiet(f"{one.name}: no process is known") for one in silent)) if silent else ()),
        *(_outsiders(pod) if container is None else ()),
    )


class _Telling:
    """What is told of one pid namespace; of one container's processes in it, if one is given."""

    def __init__(self, snapshot: Snapshot, pod: Pod, space: PidSpace, container: Container | None) -> None:
        self._snapshot = snapshot
        self._pod = pod
        self._space = space
        self._nodes = [node for node in space.nodes if container is None or node.container.key == container.key]
        self._inside = max((len(_inside(node)) for node in self._nodes), default=0)

    def entries(self) -> Iterator[Entry]:
        """Its name, who is pid 1 there, its processes, and who should reap its zombies."""
        if not self._nodes:
            return
        yield BLANK
        yield heading(self._name())
        yield Entry(self._first())
        inside = f"{'inside':>{max(6, self._inside)}}"
        yield quiet(f"{'pid':>7}  {inside}  {'state':<8} {'memory':>9} {'cpu':>6} {'age':>4}  name")
        for node in self._nodes:
            yield self._row(node)
        yield from self._zombies()

    def _name(self) -> str:
        space = self._space.namespace
        if space is None:
            return "Pid namespace not known"
        if space == self._snapshot.host.pid:
            return "The machine's own pid namespace"
        given = letters(self._pod, self._snapshot.host, NamespaceKind.PID)
        sharing = [one for one in self._pod.containers() if one.namespaces.pid == space]
        if not sharing:
            return f"Pid namespace {space.inode}, further in"
        of = listed([one.name for one in sharing])
        return f"Pid namespace {given[sharing[0].key]} ({space.inode}) of {of}"

    def _first(self) -> str:
        space, init = self._space.namespace, self._space.init
        if space is None:
            return "Who is pid 1 there can't be told."
        if space == self._snapshot.host.pid:
            return "Pid 1 is the machine's init, which reaps what is left to it."
        if init is None:
            return "Its pid 1 is no process of this pod: whether that reaps what is left to it is not known."
        return f"Pid 1 is {_called(init)}. It {_told(init)}."

    def _row(self, node: Node) -> Entry:
        process = node.process
        vitals = self._snapshot.vitals.get(process.id)
        state = ZOMBIE if process.zombie else STATES.get(vitals.state, vitals.state) if vitals else "?"
        size = memory(vitals.rss_bytes if vitals else None)
        cpu = percent(vitals.cpu_percent if vitals else None)
        old = age(_started(node), self._snapshot.taken_at) or "?"
        numbers = f"{process.id.pid:>7}  {_inside(node):>{max(6, self._inside)}}"
        text = f"{numbers}  {state:<8} {size:>9} {cpu:>6} {old:>4}  {_branch(node)}{_name_of(node)}"
        own = [f"own {one.kind}" for one in process.differs if one.kind is not NamespaceKind.PID]
        notes = [*own, *(["it waits for SIGCONT"] if state == STATES["T"] else [])]
        return Entry("  ".join((text, *([", ".join(notes)] if notes else []))), tone=_tone(node))

    def _zombies(self) -> Iterator[Entry]:
        left: dict[int, int] = {}
        for node in self._nodes:
            if node.process.zombie:
                left[node.process.parent] = left.get(node.process.parent, 0) + 1
        for parent, count in left.items():
            yield Entry(self._who_reaps(parent), f"{plural(count, ZOMBIE)}", Tone.BAD)

    def _who_reaps(self, parent: int) -> str:
        init = self._space.init
        above = next((node for node in self._space.nodes if node.process.id.pid == parent), None)
        if above is None:
            return f"their parent, pid {parent}, is no process of this pod; it should reap them"
        if init is not None and above.process.id == init.process.id:
            return f"left to {_called(init)}, pid 1 here, which {_told(init)}"
        then = f"when that ends, pid 1 here, {_called(init)}, {_told(init)}" if init else "it has not done so"
        return f"{_called(above)} should reap them; {then}"


def _inside(node: Node) -> str:
    """The pids in the namespaces further in; its only one, where there are none."""
    pids = node.process.namespace_pids
    return "/".join(map(str, pids[1:] or pids)) or "?"


def _branch(node: Node) -> str:
    return "   " * (min(node.depth, DEEPEST) - 1) + "\\_ " if node.depth else ""


def _name_of(node: Node) -> str:
    """Its name, and its container's behind a main process that is called otherwise."""
    process, container = node.process, node.container
    is_main = process.id == container.process and process.name != container.name
    return f"{process.name} ({container.name})" if is_main else process.name


def _called(node: Node) -> str:
    return f"{node.process.name} (pid {node.process.id.pid})"


def _told(init: Node) -> str:
    return "has ended" if init.process.zombie else reaping(init.container, init.process).value


def _tone(node: Node) -> Tone:
    return Tone.BAD if node.process.zombie else Tone.PLAIN


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
            yield Entry(f"{sharer.id.pid:>7}  {sharer.name} shares {' '.join(sharer.kinds)}")

"""Snapshots and changes as text for people: what ``snapshot`` and ``watch`` print, and what is saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from unicodedata import combining, east_asian_width

from pausetui.core.changes import Event, TimelineLine
from pausetui.core.inventory import ContainerState, Role
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import Problem
from pausetui.core.prose import NEEDS_ROOT, age
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.trouble import troubles
from pausetui.core.wording import plural, shown, state_name
from pausetui.text import UNICODE, Glyphs, in_glyphs

HEADER = ("POD", "STATE", "ATTEMPT", "RESTARTS", "AGE", "PID", "IP / NETWORK")
RIGHT = frozenset({"ATTEMPT", "RESTARTS", "AGE", "PID"})
NOTHING = "-"
"""What stands where something is not known or does not apply."""

Cells = tuple[str, ...]


def snapshot_to_text(snapshot: Snapshot, glyphs: Glyphs = UNICODE) -> str:
    """A snapshot as a table of pods and containers, with what is wrong at the end. Ends with a line break."""
    blocks = [[_title(snapshot, glyphs)]]
    if snapshot.pods:
        blocks.append(_table(snapshot, glyphs))
    problems = [f"{glyphs.problem} {_problem(problem)}" for problem in snapshot.problems]
    blocks.append(["Problems:", *problems] if problems else [])
    return in_glyphs("\n\n".join("\n".join(block) for block in blocks if block) + "\n", glyphs)


def event_to_text(event: Event, glyphs: Glyphs = UNICODE) -> str:
    """A change on one line: time (UTC), pod, what happened. Ends with a line break."""
    return _line(event, event.change.text, glyphs) + "\n"


def saved_to_text(snapshot: Snapshot, timeline: Sequence[TimelineLine], glyphs: Glyphs = UNICODE) -> str:
    """A snapshot and the changes that led to it. Ends with a line break."""
    lines = [
        _line(line.event, f"{line.text} ({line.count} times)" if line.count > 1 else line.text, glyphs)
        for line in timeline
    ]
    history = "\n".join(["Timeline:", *lines]) if lines else "Timeline: nothing changed while it was watched."
    return f"{snapshot_to_text(snapshot, glyphs)}\n{history}\n"


def width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def _line(event: Event, text: str, glyphs: Glyphs) -> str:
    moment = f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3] + "Z"
    after = "" if event.seconds_after is None else f"+{event.seconds_after:.1f}s"
    after = "(before you came)" if event.before_you_came else after
    return in_glyphs("  ".join(part for part in (moment, after, event.change.pod, text) if part), glyphs)


def _title(snapshot: Snapshot, glyphs: Glyphs) -> str:
    containers = sum(1 for pod in snapshot.pods for _ in pod.containers())
    runtime = f"{snapshot.runtime.name} {snapshot.runtime.version or ''}".strip()
    if runtime != snapshot.backend and not runtime.startswith(f"{snapshot.backend} "):
        runtime = f"{snapshot.backend} {runtime}".strip()
    count = f"{plural(len(snapshot.pods), 'pod')}, {plural(containers, 'container')}"
    parts = [snapshot.node.hostname, runtime, count if snapshot.pods else "no pods found"]
    parts.append(f"{snapshot.taken_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")
    if snapshot.stale:
        parts.append("STALE: the runtime does not answer")
    if snapshot.read_only_because:
        parts.append(f"READ-ONLY: {snapshot.read_only_because}")
    return f" {glyphs.dot} ".join(parts)


def _table(snapshot: Snapshot, glyphs: Glyphs) -> list[str]:
    rows: list[Cells | str] = [HEADER]
    for pod in snapshot.pods:
        rows.extend(_pod_rows(pod, snapshot, glyphs))
    cells = [row for row in rows if isinstance(row, tuple)]
    widths = [max(width(row[place]) for row in cells) for place in range(len(HEADER))]
    return [row if isinstance(row, str) else _aligned(row, widths) for row in rows]


def _aligned(row: Cells, widths: Sequence[int]) -> str:
    padded = []
    for name, cell, room in zip(HEADER, row, widths, strict=True):
        space = " " * (room - width(cell))
        padded.append(space + cell if name in RIGHT else cell + space)
    return "  ".join(padded).rstrip()


def _pod_rows(pod: Pod, snapshot: Snapshot, glyphs: Glyphs) -> Iterator[Cells | str]:
    containers = list(pod.containers())
    yield (pod.title, state_name(pod.state), _known(pod.attempt), "", _pod_age(pod, snapshot), "", _address(pod))
    for place, container in enumerate(containers, 1):
        branch = glyphs.last if place == len(containers) else glyphs.branch
        yield _container_row(container, snapshot, branch, glyphs)
    for remark in _remarks(pod, snapshot, glyphs):
        yield f"  {remark}"


def _container_row(container: Container, snapshot: Snapshot, branch: str, glyphs: Glyphs) -> Cells:
    mark = glyphs.exited
    if container.state is ContainerState.RUNNING:
        mark = glyphs.pause if container.role is Role.PAUSE else glyphs.running
    role = f" ({container.role})" if container.role in (Role.INIT, Role.EPHEMERAL) else ""
    return (
        f"{branch} {mark} {container.name}{role}",
        _state(container),
        _known(container.attempt),
        _known(container.restarts),
        age(container.started_at, snapshot.taken_at) or NOTHING,
        _known(container.process.pid if container.process else None),
        _network(container),
    )


def _state(container: Container) -> str:
    if container.state is ContainerState.EXITED and container.exit_code is not None:
        return f"exited {container.exit_code}"
    return str(container.state)


def _network(container: Container) -> str:
    if container.cannot_read:
        return NEEDS_ROOT
    net = container.namespaces.net
    return net.label if net is not None else NOTHING


def _address(pod: Pod) -> str:
    if pod.host_network:
        return "host network"
    if pod.addresses is None:
        return NEEDS_ROOT if any(one.cannot_read for one in pod.containers()) else "not known"
    return ", ".join(pod.addresses) or "no address"


def _pod_age(pod: Pod, snapshot: Snapshot) -> str:
    since = pod.sandboxes[0].created_at if pod.sandboxes else None
    if since is None and pod.pause is not None:
        since = pod.pause.started_at
    return age(since, snapshot.taken_at) or NOTHING


def _remarks(pod: Pod, snapshot: Snapshot, glyphs: Glyphs) -> Iterator[str]:
    for trouble in troubles(pod, (), snapshot.taken_at):
        if not trouble.seen_in_columns:
            yield f"{glyphs.problem} {trouble.text}"
    for sharer in pod.sharers:
        kinds = " ".join(sharer.kinds)
        yield f"{glyphs.dot} {sharer.name} (pid {sharer.id.pid}) from outside shares its {kinds}"
    for kind in NamespaceKind:
        paths = [pin.path for pin in pod.pins if pin.kind is kind]
        if paths:
            yield f"{glyphs.dot} {kind} is held by a bind mount, too: {', '.join(paths)}"


def _problem(problem: Problem) -> str:
    text = f"{problem.subject}: {problem.what}: {problem.why}"
    return f"{text} ({problem.next})" if problem.next else text


def _known(value: int | None) -> str:
    return NOTHING if value is None else shown(value)

"""The first line of the screen: where we are, what there is, how fresh it is. Others say what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from rich.cells import cell_len
from rich.style import Style

from pausetui.core.hidden import hides_something
from pausetui.core.prose import NEEDS_ROOT, Entry, Tone, clock
from pausetui.core.snapshot import Snapshot
from pausetui.core.trouble import other_problems
from pausetui.core.wording import plural
from pausetui.live.picture import Picture
from pausetui.text import Glyphs, in_glyphs
from pausetui.widgets.canvas import Canvas
from pausetui.widgets.drawing import BAD, GOOD, NOTICE, PLAIN, STRONG, Piece, cut, strip
from pausetui.widgets.wrapping import wrapped


@dataclass(frozen=True, slots=True)
class Status:
    """What the status line says beside what is in the picture.

    Attributes:
        bad: How many pods have something wrong.
        frozen: The user froze the picture.
        view: What is left out ("filter web", "only wrong"), or "".
        root_command: What shows the rest, or None if we are root.
        namespace: The Kubernetes namespace that alone is shown, or None for all.
        zone: The time zone of times of day; None for the local one.
    """

    bad: int = 0
    frozen: bool = False
    view: str = ""
    root_command: str | None = None
    namespace: str | None = None
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the first line.

    Attributes:
        rank: Where room is short the part with the highest is left out first; one with 0 never is.
        short: What stands for it where the parts that stay don't fit.
    """

    text: str
    style: Style
    rank: int = 0
    short: str = ""


class StatusBar(Canvas):
    """One line, and more if something is hidden or nothing may be changed: that is never cut off."""

    def __init__(self, glyphs: Glyphs, *, id: str = "status") -> None:  # noqa: A002 - Textual's name for it
        super().__init__(glyphs, id=id)
        self._parts: list[Part] = [Part("looking", PLAIN)]
        self._notices: tuple[Entry, ...] = ()

    @property
    def rows(self) -> int:
        """How many lines it needs in this terminal."""
        return 1 + len(lines_below(self._notices, self.app.size.width, self.glyphs))

    def show(self, picture: Picture, status: Status) -> None:
        """Draw the state of the session."""
        self._parts = status_parts(picture, status)
        self._notices = notices(picture.snapshot, status.root_command)
        self.draw()

    def draw(self) -> None:
        """Draw the line or lines."""
        width = self.size.width
        if not width:
            return
        lines = [strip(_merged(fitting(self._parts, width, self.glyphs)), width)]
        lines += [strip([(text, NOTICE)], width) for text in lines_below(self._notices, width, self.glyphs)]
        self.paint(lines)


def status_parts(picture: Picture, status: Status) -> list[Part]:
    """The parts of the first line in their order, each with how early it gives way."""
    snapshot = picture.snapshot
    containers = sum(len(pod.members) + (pod.pause is not None) for pod in snapshot.pods)
    within = [Part(f"namespace {status.namespace}", NOTICE, 3)] if status.namespace is not None else []
    parts = [
        Part(snapshot.node.hostname, STRONG, 5),
        Part(source(snapshot), PLAIN, 4),
        *within,
        Part(f"{plural(len(snapshot.pods), 'pod')} {plural(containers, 'container')}", PLAIN, 6),
    ]
    if status.bad:
        parts.append(Part(f"{status.bad} bad", BAD, 1))
    if problems := len(other_problems(snapshot)):
        parts.append(Part(plural(problems, "problem"), BAD, 2))
    if picture.read_only:
        parts.append(Part("READ-ONLY", NOTICE))
    parts += [Part(remark, PLAIN, 7) for remark in snapshot.remarks]
    if status.view:
        parts.append(Part(status.view, NOTICE, 3))
    if picture.doing is not None:
        since = clock(picture.doing.since, status.zone)
        parts.append(Part(f"{picture.doing.what} since {since}", NOTICE, 1))
    text, style = freshness(snapshot, frozen=status.frozen)
    parts.append(Part(text, style, short="FROZEN" if status.frozen else ""))
    return parts


def fitting(parts: Sequence[Part], width: int, glyphs: Glyphs) -> list[Piece]:
    """What of the first line fits: whole parts, those that matter least left out."""
    shown = list(parts)
    between = f" {glyphs.dot} "
    while _length(shown, between) > width and any(part.rank for part in shown):
        shown.remove(max(shown, key=lambda part: part.rank))
    if _length(shown, between) > width:
        shown = [replace(part, text=part.short or part.text) for part in shown]
    pieces: list[Piece] = [(" ", PLAIN)]
    for number, part in enumerate(shown):
        pieces.append((between if number else "", PLAIN))
        pieces.append((cut(part.text, width, glyphs), part.style))
    return pieces


def _length(parts: Sequence[Part], between: str) -> int:
    return 1 + sum(cell_len(part.text) for part in parts) + len(between) * (len(parts) - 1)


def source(snapshot: Snapshot) -> str:
    """Backend, runtime and version, each named once."""
    runtime = snapshot.runtime
    names = [snapshot.backend] if runtime.name == snapshot.backend else [snapshot.backend, runtime.name]
    return " ".join([*names, *([runtime.version] if runtime.version else [])])


def freshness(snapshot: Snapshot, *, frozen: bool) -> Piece:
    """Whether what is shown is what is."""
    if frozen:
        return "FROZEN (p goes on)", NOTICE
    if snapshot.inventory_at is None:
        return "no answer yet" if snapshot.stale else "looking", NOTICE
    if not snapshot.stale:
        return "live", GOOD
    return f"stale {(snapshot.taken_at - snapshot.inventory_at).total_seconds():.0f}s", BAD


def notices(snapshot: Snapshot, root_command: str | None) -> tuple[Entry, ...]:
    """Why nothing may be changed, what to do about a silent runtime, and the command that shows what is hidden."""
    said = [Entry(f"read-only: {snapshot.read_only_because}")] if snapshot.read_only_because else []
    if snapshot.stale and snapshot.pods:
        silent = (one for one in snapshot.problems if one.subject.startswith("backend:") and one.next)
        said += [Entry(f"{one.what}: {one.why}. {one.next}") for one in silent]
    if root_command and hides_something(snapshot):
        said.append(Entry(root_command, f"{NEEDS_ROOT} to see the rest:", Tone.COMMAND))
    return tuple(said)


def lines_below(said: tuple[Entry, ...], width: int, glyphs: Glyphs) -> tuple[str, ...]:
    """Notices as lines, whole at any width. A command too long to stand behind what it is for begins a line.

    So it can be copied from the screen; nothing stands before or between its parts.
    """
    lines: list[str] = []
    for entry in said:
        beside = in_glyphs(f" {entry.label} {entry.text}" if entry.label else f" {entry.text}", glyphs)
        if cell_len(beside) <= width:
            lines.append(beside)
            continue
        parts = (Entry(entry.label), Entry(entry.text, tone=Tone.COMMAND)) if entry.label else (entry,)
        lines += [text for part in parts for ((text, _),) in wrapped(part, width, glyphs)]
    return tuple(lines)


def _merged(pieces: list[Piece]) -> list[Piece]:
    merged: list[Piece] = []
    for text, style in pieces:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + text, style)
        else:
            merged.append((text, style))
    return merged

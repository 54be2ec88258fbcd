"""One row of the tree as a line for the terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from pausetui.core.inventory import ContainerState, PodState
from pausetui.core.observation import ProcessId, Vitals
from pausetui.core.states import IDLE_STATES
from pausetui.core.wording import state_name
from pausetui.text import Glyphs
from pausetui.widgets.columns import GAP, SMALL, Columns
from pausetui.widgets.drawing import (
    BAD,
    CURSOR,
    CURSOR_ELSEWHERE,
    GOOD,
    NOTICE,
    OF_LOOK,
    PAUSE,
    PLAIN,
    QUIET,
    STRONG,
    Piece,
    cut,
    fitted,
    strip,
)
from pausetui.widgets.row import Look, Row, RowKind

VISIBLE_CPU = 10.0
"""Percent of a core below which a row does not mention it."""
READABLE = 4
"""Fewer cells than this of a longer text say nothing."""
SPACE = " " * GAP
READY = state_name(PodState.READY)


def cpu_note(row: Row, vitals: Mapping[ProcessId, Vitals]) -> str:
    """The CPU share in steps of ten percent, or "" below the threshold."""
    found = vitals.get(row.process) if row.process is not None else None
    if found is None or found.cpu_percent is None or found.cpu_percent < VISIBLE_CPU:
        return ""
    return f"cpu {found.cpu_percent // 10 * 10:.0f}%"


def state_now(row: Row, vitals: Mapping[ProcessId, Vitals]) -> str:
    """The state of a row; of a container that is running and yet does nothing, what its process is."""
    found = vitals.get(row.process) if row.process is not None else None
    if found is None or found.state not in IDLE_STATES:
        return row.state
    running = row.kind is RowKind.CONTAINER and row.state == ContainerState.RUNNING
    return IDLE_STATES[found.state] if running else row.state


def header(columns: Columns, width: int, glyphs: Glyphs) -> Strip:
    """The names of the columns."""
    cells = _padded("    pod", "state", glyphs.restarts, "age", "pid", "address, namespaces", columns, glyphs)
    return strip([("".join(cells), QUIET)], width)


def row_line(row: Row, columns: Columns, width: int, glyphs: Glyphs, note: str, cursor: str) -> Strip:
    """One row. ``cursor``: "" for none, "here", or "elsewhere" if another pane is active."""
    if row.spans:
        pieces: list[Piece] = list(_lead(row, glyphs))
        pieces.append((cut(row.name, width - len(row.lead), glyphs), OF_LOOK[row.look]))
    else:
        pieces = list(_cells(row, columns, width, glyphs, note))
    if cursor:
        return _with_cursor(pieces, width, CURSOR if cursor == "here" else CURSOR_ELSEWHERE)
    return strip(pieces, width)


def _cells(row: Row, columns: Columns, width: int, glyphs: Glyphs, note: str) -> Iterator[Piece]:
    where = _with_more(row.where, f"{row.more} {note}".strip(), _room_for_where(columns, width), glyphs)
    room = columns.name - len(row.lead)
    name, state, *others = _padded(
        _name(row, room, width), _state(row, columns), row.restarts, row.age, row.pid, where, columns, glyphs, room
    )
    yield from _lead(row, glyphs)
    yield name, _name_style(row)
    rest = "".join(others).rstrip()
    if row.look in (Look.GONE, Look.QUIET):
        yield cut(state + rest, width - columns.name, glyphs), QUIET
        return
    yield state, _state_style(row)
    yield cut(rest, width - columns.name - len(state), glyphs), PLAIN if row.kind is RowKind.POD else QUIET


def _room_for_where(columns: Columns, width: int) -> int:
    before = (columns.state, columns.restarts, columns.age, columns.pid)
    return width - columns.name - sum(size + GAP for size in before if size) - GAP


def _with_more(where: str, more: str, room: int, glyphs: Glyphs) -> str:
    """``where``, and of ``more`` what fits; of a few cells nothing could be read."""
    left = room - cell_len(where) - 1
    if not more or left < min(READABLE, cell_len(more)):
        return where
    return f"{where} {cut(more, left, glyphs)}".strip()


def _padded(
    name: str,
    state: str,
    restarts: str,
    age: str,
    pid: str,
    where: str,
    columns: Columns,
    glyphs: Glyphs,
    room: int | None = None,
) -> list[str]:
    cells = [fitted(name, columns.name if room is None else max(1, room), glyphs)]
    for text, size, right in (
        (state, columns.state, False),
        (restarts, columns.restarts, True),
        (age, columns.age, True),
        (pid, columns.pid, True),
    ):
        cells.append(SPACE + fitted(text, size, glyphs, right=right) if size else "")
    cells.append(SPACE + where if columns.where else "")
    return cells


def _lead(row: Row, glyphs: Glyphs) -> Iterator[Piece]:
    if row.kind is RowKind.POD:
        fold, mark = row.lead[:2], row.lead[2:]
        yield fold, OF_LOOK[row.look] if row.look is Look.GONE else PLAIN
        yield mark, BAD
        return
    branches, glyph = row.lead[:-2], row.lead[-2:]
    if row.kind is not RowKind.CONTAINER and glyph[0] != glyphs.problem:
        yield row.lead, QUIET
        return
    yield branches, QUIET
    yield glyph, _glyph_style(glyph[0], row, glyphs)


def _glyph_style(glyph: str, row: Row, glyphs: Glyphs) -> Style:
    if glyph == glyphs.problem or row.look is Look.BAD:
        return BAD
    return {glyphs.pause: PAUSE, glyphs.running: GOOD}.get(glyph, QUIET)


def _name(row: Row, room: int, width: int) -> str:
    """Where there is little room, a pod's name without its namespace, if it does not fit with it."""
    return row.short if row.short and width <= SMALL and cell_len(row.name) > room else row.name


def _state(row: Row, columns: Columns) -> str:
    return row.state.replace("exited ", "exit ") if cell_len(row.state) > columns.state else row.state


def _state_style(row: Row) -> Style:
    if row.state == READY:
        return GOOD
    return BAD if row.look is Look.BAD else NOTICE if row.state in IDLE_STATES.values() else PLAIN


def _name_style(row: Row) -> Style:
    if row.look in (Look.GONE, Look.QUIET):
        return QUIET
    return STRONG if row.kind is RowKind.POD else PLAIN


def _with_cursor(pieces: list[Piece], width: int, style: Style) -> Strip:
    return strip([("".join(text for text, _ in pieces).ljust(width), style)], width)

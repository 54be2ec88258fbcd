"""Text of a given width, and the few styles that everything is drawn with."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from pausetui.core.prose import Tone
from pausetui.text import Glyphs, in_glyphs, shortened
from pausetui.widgets.row import Look

PLAIN = Style()
STRONG = Style(bold=True)
QUIET = Style(dim=True)
GOOD = Style(color="green")
BAD = Style(color="red", bold=True)
PAUSE = Style(color="cyan", bold=True)
COMMAND = Style(color="cyan")
NOTICE = Style(color="yellow", bold=True)
UNDERLINED = Style(underline=True)
CURSOR = Style(reverse=True)
CURSOR_ELSEWHERE = Style(underline=True)

OF_TONE = {
    Tone.PLAIN: PLAIN,
    Tone.HEADING: STRONG,
    Tone.QUIET: QUIET,
    Tone.GOOD: GOOD,
    Tone.BAD: BAD,
    Tone.COMMAND: COMMAND,
    Tone.NOTICE: NOTICE,
}
OF_LOOK = {Look.PLAIN: PLAIN, Look.QUIET: QUIET, Look.BAD: BAD, Look.GONE: QUIET}

Piece = tuple[str, Style]
"""A text and how it is drawn."""


def fitted(text: str, width: int, glyphs: Glyphs, *, right: bool = False) -> str:
    """Text of exactly this many cells: padded, or shortened in its middle."""
    text = in_glyphs(text, glyphs)
    if text.isascii():
        text = shortened(text, width, glyphs.ellipsis)
        return text.rjust(width) if right else text.ljust(width)
    if cell_len(text) > width:
        text = _shortened_by_cells(text, width, glyphs.ellipsis)
    blank = " " * (width - cell_len(text))
    return blank + text if right else text + blank


def _shortened_by_cells(text: str, width: int, ellipsis: str) -> str:
    room = width - cell_len(ellipsis)
    if room < 1:
        return set_cell_size(text, max(0, width))
    head = set_cell_size(text, (room + 1) // 2).rstrip(" ")
    tail = text
    while tail and cell_len(tail) > room - cell_len(head):
        tail = tail[1:]
    return head + ellipsis + tail


def cut(text: str, width: int, glyphs: Glyphs) -> str:
    """Text of at most this many cells, its end cut off."""
    text = in_glyphs(text, glyphs)
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 1)).rstrip(" ") + glyphs.ellipsis if width > 0 else ""


def strip(pieces: Iterable[Piece], width: int) -> Strip:
    """One line of exactly this many cells."""
    return Strip([Segment(text, style) for text, style in pieces if text]).adjust_cell_length(width)


def title(text: str, width: int, glyphs: Glyphs, *, active: bool, right: str = "") -> Strip:
    """The line above a pane: its name, a rule, and what is said at the right end."""
    room = max(0, width - cell_len(right) - 1)
    left = cut(text, room, glyphs)
    rule = glyphs.rule * max(0, width - cell_len(left) - cell_len(right) - 2)
    return strip(
        ((left, STRONG if active else PLAIN), (f" {rule} ", QUIET), (in_glyphs(right, glyphs), QUIET)), width
    )

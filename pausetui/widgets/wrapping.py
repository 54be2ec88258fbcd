"""Entries as lines of a given width: wrapped, with the label in front and the rest hanging under the text. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len, chop_cells, set_cell_size

from pausetui.core.prose import Entry, Tone
from pausetui.text import Glyphs, in_glyphs
from pausetui.widgets.drawing import OF_TONE, QUIET, Piece

WORD = re.compile(" *[^ ]+")
"""A word and the blanks before it, which stay where the line is not broken: they may align columns."""
NARROWEST = 8
"""Cells of text beside a label; where there are fewer, the label gets a line of its own."""


@lru_cache(maxsize=2048)
def wrapped(entry: Entry, width: int, glyphs: Glyphs) -> tuple[tuple[Piece, ...], ...]:
    """The lines of one entry, each at most this wide."""
    style = OF_TONE[entry.tone]
    text, label = in_glyphs(entry.text, glyphs), in_glyphs(entry.label, glyphs)
    indent = cell_len(label) + 2 if label else 0
    if indent and width - indent < NARROWEST:
        head = set_cell_size(label, min(width, cell_len(label)))
        return (((head, QUIET),), *(((line, style),) for line in _words(text, width)))
    lines = (
        _words(text, max(1, width - indent)) if entry.tone is not Tone.COMMAND else _chopped(text, width - indent)
    )
    first: tuple[Piece, ...] = ((f"{label}  ", QUIET), (lines[0], style)) if label else ((lines[0], style),)
    return (first, *(((" " * indent, QUIET), (line, style)) if indent else ((line, style),) for line in lines[1:]))


def _words(text: str, width: int) -> Sequence[str]:
    if cell_len(text) <= width:
        return [text]
    lines: list[str] = []
    line = text[: len(text) - len(text.lstrip(" "))]
    hanging = line
    for spaced in WORD.findall(text.strip(" ")):
        word = spaced.lstrip(" ")
        candidate = line + (spaced if line.strip() else word)
        if cell_len(candidate) <= width:
            line = candidate
            continue
        if line.strip():
            lines.append(line)
        *full, line = _chopped(hanging + word, width)
        lines.extend(full)
    return [*lines, line]


def _chopped(text: str, width: int) -> Sequence[str]:
    return chop_cells(text, max(1, width)) or [""]

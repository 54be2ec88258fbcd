"""A pane of entries with a title, as high as it needs to be: what dialogs are made of."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from pausetui.core.prose import Entry
from pausetui.text import Glyphs
from pausetui.widgets.canvas import Canvas
from pausetui.widgets.drawing import QUIET, Piece, strip, title
from pausetui.widgets.wrapping import wrapped


class Page(Canvas):
    """Entries under a title line, scrolled by lines if they do not fit."""

    def __init__(self, glyphs: Glyphs, name: str, *, id: str = "page") -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs, id=id)
        self._name = name
        self._entries: tuple[Entry, ...] = ()
        self._top = 0

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these entries."""
        self._entries = tuple(entries)
        self.draw()

    def needed(self, width: int) -> int:
        """How many lines it needs at this width, the title line included."""
        return 1 + sum(len(wrapped(entry, max(1, width - 3), self.glyphs)) for entry in self._entries)

    def scroll(self, lines: int) -> None:
        """Scroll down, or up if negative."""
        self._top += lines
        self.draw()

    def reveal(self, first: int, last: int) -> None:
        """Scroll no further than is needed to see these entries; where not all fit, the first of them."""
        width, height = max(1, self.size.width - 3), self.size.height - 1
        ends = list(accumulate(len(wrapped(entry, width, self.glyphs)) for entry in self._entries))
        if height < 1 or not ends:
            return
        top = ends[first - 1] if first else 0
        bottom = ends[min(last, len(ends) - 1)]
        self._top = min(max(self._top, bottom - height), top)
        self.draw()

    def draw(self) -> None:
        """Draw the title and the lines in view."""
        width, height = self.size
        if not width or not height:
            return
        lines = [line for entry in self._entries for line in wrapped(entry, max(1, width - 3), self.glyphs)]
        self._top = max(0, min(self._top, len(lines) - height + 1))
        shown = lines[self._top : self._top + height - 1]
        more = f"{self._top + len(shown)} of {len(lines)} {self.glyphs.below}" if len(lines) > len(shown) else ""
        margin: Piece = ("  ", QUIET)
        head = title(f" {self._name}", width, self.glyphs, active=True, right=more)
        self.paint([head, *(strip((margin, *line), width) for line in shown)])

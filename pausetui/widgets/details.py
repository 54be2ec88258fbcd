"""The pane that tells about the selected row, one tab at a time."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from pausetui.core.prose import Entry
from pausetui.text import Glyphs
from pausetui.widgets.canvas import Canvas
from pausetui.widgets.drawing import PLAIN, QUIET, STRONG, UNDERLINED, Piece, strip
from pausetui.widgets.wrapping import wrapped

HEADER = 1

SHORT = 4
"""How many letters of a tab's name are shown where there is no room for it."""


class Details(Canvas):
    """Tabs in the first line, entries below; scrolled by lines."""

    def __init__(self, glyphs: Glyphs, tabs: Sequence[str], *, id: str = "details") -> None:  # noqa: A002
        super().__init__(glyphs, id=id)
        self.tabs = tuple(tabs)
        self.tab = 0
        self.bordered = True
        self._entries: tuple[Entry, ...] = ()
        self._top = 0
        self._count = 0
        self._subject: object = None
        self._drawn: object = None

    @property
    def page(self) -> int:
        """How many lines are in view."""
        return max(1, self.size.height - HEADER)

    def show(self, entries: Sequence[Entry], subject: object) -> None:
        """Show these entries; goes back to the top if they are about another subject."""
        if subject != self._subject:
            self._top = 0
        self._subject = subject
        self._entries = tuple(entries)
        if self._drawn != self._to_draw():
            self.draw()

    def _to_draw(self) -> object:
        return self._entries, self._subject, self.tab, self.size

    def scroll(self, lines: int) -> None:
        """Scroll down, or up if negative."""
        self._top += lines
        self.draw()

    def roll(self, lines: int) -> None:
        """The mouse wheel scrolls."""
        self.scroll(lines)

    def draw(self) -> None:
        """Draw the tabs and the lines in view."""
        width, page = self.size.width, self.page
        if not width:
            return
        self._drawn = self._to_draw()
        margin = 2 if self.bordered else 1
        edge: Piece = (f"{self.glyphs.trunk} " if self.bordered else " ", QUIET)
        lines = [
            line for entry in self._entries for line in wrapped(entry, max(1, width - margin - 1), self.glyphs)
        ]
        self._count = len(lines)
        self._top = max(0, min(self._top, self._count - page))
        shown = lines[self._top : self._top + page]
        blank = [()] * (page - len(shown))
        self.paint([self._header(width, edge), *(strip((edge, *line), width) for line in (*shown, *blank))])

    def _header(self, width: int, edge: Piece) -> Strip:
        above = self.glyphs.above if self._top else " "
        below = self.glyphs.below if self._top + self.page < self._count else " "
        tabs = self._tabs(width - len(edge[0]) - 3)
        used = sum(len(text) for text, _ in tabs) + len(edge[0])
        rule = self.glyphs.rule * max(0, width - used - 3)
        return strip((edge, *tabs, (f"{rule}{above}{below} ", QUIET)), width)

    def _tabs(self, room: int) -> list[Piece]:
        """Numbers and names; then names alone; then the others' names cut short; then only their numbers."""
        numbered = [f"{number} {name}" for number, name in enumerate(self.tabs, 1)]
        collapsed = [name if place == self.tab else str(place + 1) for place, name in enumerate(numbered)]
        cut = [name if place == self.tab else name[:SHORT] for place, name in enumerate(self.tabs)]
        ways = ((numbered, "  "), (numbered, " "), (self.tabs, " "), (cut, " "), (collapsed, "  "))
        fitting = (way for way in ways if sum(map(len, way[0])) + len(way[1]) * len(self.tabs) <= room)
        names, gap = next(fitting, (collapsed, " "))
        current = STRONG + UNDERLINED if self.active else STRONG
        return [
            piece
            for number, name in enumerate(names)
            for piece in ((name, current if number == self.tab else QUIET), (gap, PLAIN))
        ]

"""The base of every pane: lines of text, of which only those that changed are sent to the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from pausetui.text import Glyphs

WHEEL = 3
"""Lines that one step of the mouse wheel moves."""


class Canvas(Widget):
    """A widget that is given its lines and refreshes those that differ from the ones before.

    Textual's own scrolling views repaint everything whenever their virtual size changes. A canvas has none:
    whoever draws on it chooses which lines are in view.
    """

    def __init__(self, glyphs: Glyphs, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.glyphs = glyphs
        self.active = False
        self._lines: list[Strip] = []
        self._drawn_at: Size | None = None
        self._rendering = False

    @property
    def lines(self) -> Sequence[Strip]:
        """What is drawn now, from the top."""
        return self._lines

    def draw(self) -> None:
        """Draw everything at the present size. Subclasses call ``paint`` in it."""

    def paint(self, lines: Sequence[Strip]) -> None:
        """Show these lines, from the top; what is below them is blank."""
        before, self._lines = self._lines, list(lines)
        rows = max(len(before), len(self._lines))
        changed = [y for y in range(rows) if _line(before, y) != _line(self._lines, y)]
        regions = _regions(changed, self.size.width)
        if regions and not self._rendering:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """One line, as Textual asks for it.

        At a new size everything is drawn here and now, not when the news of the size arrives: the first frame
        would be blank otherwise, and the second one sent for nothing.
        """
        if self.size != self._drawn_at:
            self._drawn_at, self._rendering = self.size, True
            self.draw()
            self._rendering = False
        return self._lines[y] if y < len(self._lines) else Strip.blank(self.size.width)

    def set_active(self, active: bool) -> None:
        """Whether keys go to this pane."""
        self.active = active
        self.draw()

    def roll(self, lines: int) -> None:
        """What the mouse wheel does: so many lines down, or up if negative."""

    def on_mouse_scroll_down(self) -> None:
        """The mouse wheel, if there is one."""
        self.roll(WHEEL)

    def on_mouse_scroll_up(self) -> None:
        """The mouse wheel, the other way."""
        self.roll(-WHEEL)


def _line(lines: Sequence[Strip], y: int) -> Strip | None:
    return lines[y] if y < len(lines) else None


def _regions(changed: Sequence[int], width: int) -> list[Region]:
    regions: list[Region] = []
    for y in changed:
        if regions and regions[-1].bottom == y:
            top = regions.pop()
            regions.append(Region(0, top.y, width, top.height + 1))
        else:
            regions.append(Region(0, y, width, 1))
    return regions

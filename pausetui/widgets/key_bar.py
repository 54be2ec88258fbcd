"""The last line of the screen: the keys that do something, or a notice until the next key."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from pausetui.core.prose import Entry, Tone
from pausetui.text import Glyphs
from pausetui.widgets.canvas import Canvas
from pausetui.widgets.drawing import PLAIN, QUIET, STRONG, Piece, strip
from pausetui.widgets.wrapping import wrapped

MOST_LINES = 3


class KeyBar(Canvas):
    """Keys with what they do, as many as fit."""

    def __init__(self, glyphs: Glyphs, *, id: str = "keys") -> None:  # noqa: A002 - Textual's name for it
        super().__init__(glyphs, id=id)
        self._keys: tuple[tuple[str, str], ...] = ()
        self._notice = ""

    @property
    def notice(self) -> str:
        """What is said instead of the keys, or ""."""
        return self._notice

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show these keys, the most important first."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self.draw()

    def say(self, notice: str) -> None:
        """Show a notice instead; "" for the keys again."""
        if notice != self._notice:
            self._notice = notice
            self.styles.height = max(1, len(self._notice_lines()))
            self.draw()

    def _notice_lines(self) -> Sequence[Sequence[Piece]]:
        """The notice in at most three lines: a path that is cut off would be of no use."""
        return wrapped(Entry(self._notice, tone=Tone.NOTICE), max(1, self.size.width - 2), self.glyphs)[:MOST_LINES]

    def draw(self) -> None:
        """Draw the notice, or the keys that fit."""
        width = self.size.width
        if not width:
            return
        if self._notice:
            self.paint([strip([(" ", PLAIN), *line], width) for line in self._notice_lines()])
            return
        pieces: list[Piece] = [(" ", PLAIN)]
        left = width - 1
        for key, what in self._keys:
            size = cell_len(key) + cell_len(what) + 3
            if size > left:
                break
            left -= size
            pieces += [(key, STRONG), (f" {what}  ", QUIET)]
        self.paint([strip(pieces, width)])

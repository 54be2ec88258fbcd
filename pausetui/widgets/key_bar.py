"""The last line of the screen: the keys that do something, or a notice until the next key."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from pausetui.text import Glyphs
from pausetui.widgets.canvas import Canvas
from pausetui.widgets.drawing import NOTICE, PLAIN, QUIET, STRONG, Piece, cut, strip


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
            self.draw()

    def draw(self) -> None:
        """Draw the notice, or the keys that fit."""
        width = self.size.width
        if not width:
            return
        if self._notice:
            self.paint([strip([(cut(f" {self._notice}", width, self.glyphs), NOTICE)], width)])
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

"""The command palette: every command by name, in a few lines, so that opening it costs little over SSH."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.fuzzy import Matcher
from textual.widgets import Input

from pausetui.core.prose import BLANK, Entry, Tone, quiet
from pausetui.screens.dialog import Dialog
from pausetui.screens.keys import Key
from pausetui.text import Glyphs

MOST = 10


class PaletteScreen(Dialog[Key]):
    """A list of commands that typing narrows. Its answer is the chosen one, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "choose(1)", "down", id="palette-down", show=False),
        Binding("up,ctrl+p", "choose(-1)", "up", id="palette-up", show=False, priority=True),
    ]

    def __init__(self, glyphs: Glyphs, keys: Sequence[Key]) -> None:
        super().__init__(glyphs, "Commands", typing=True)
        self._all = tuple(key for key in keys if key.palette)
        self._found = self._all
        self._place = 0

    def entries(self) -> Sequence[Entry]:
        """The commands found, the chosen one marked."""
        first = max(0, min(self._place - MOST + 1, len(self._found) - MOST))
        shown = self._found[first : first + MOST]
        lines = [self._entry(key, chosen=first + number == self._place) for number, key in enumerate(shown)]
        blank = [BLANK] * (min(MOST, len(self._all)) - len(lines))
        return (*(lines or [quiet("no such command")]), *blank[: None if lines else -1], quiet("type to find one:"))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list to what was typed, best first."""
        event.stop()
        words = event.value.strip()
        matcher = Matcher(words)
        scored = [(matcher.match(f"{key.what} {key.id}"), key) for key in self._all] if words else []
        found = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
        self._found = tuple(key for _, key in found) if words else self._all
        self._place = 0
        self.redraw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Do the chosen one."""
        event.stop()
        self.dismiss(self._found[self._place] if self._found else None)

    def action_choose(self, step: int) -> None:
        """Mark the next or the one before."""
        if self._found:
            self._place = (self._place + step) % len(self._found)
            self.redraw()

    def _entry(self, key: Key, *, chosen: bool) -> Entry:
        mark = self.glyphs.cursor if chosen else " "
        return Entry(key.what, f"{mark} {key.shown.split()[0]:<9}", Tone.HEADING if chosen else Tone.PLAIN)

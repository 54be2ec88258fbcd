"""Where pods are read from, and a way to change it while the program runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from pausetui.core.prose import BLANK, Entry, Tone, quiet
from pausetui.live.picture import Choice
from pausetui.screens.dialog import Dialog
from pausetui.text import Glyphs


class BackendsScreen(Dialog[str]):
    """The backends, the one in use marked. Its answer is the name of the chosen one, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "choose(1)", "down", id="backends-down", show=False),
        Binding("up,k", "choose(-1)", "up", id="backends-up", show=False),
        Binding("enter", "take", "use it", id="backends-take", show=False),
        Binding("q,b", "cancel", "close", id="backends-close", show=False),
    ]

    def __init__(self, glyphs: Glyphs, choices: Sequence[Choice]) -> None:
        super().__init__(glyphs, "Where pods are read from", typing=False)
        self._choices = tuple(choices)
        self._place = next((place for place, one in enumerate(choices) if one.in_use), 0)

    def entries(self) -> Sequence[Entry]:
        """Each with what it was found to have."""
        room = max((len(one.name) for one in self._choices), default=0)
        lines = [self._entry(one, room, chosen=place == self._place) for place, one in enumerate(self._choices)]
        return (BLANK, *lines, BLANK, quiet("Enter uses the marked one. Esc changes nothing."))

    def action_choose(self, step: int) -> None:
        """Mark the next or the one before."""
        self._place = (self._place + step) % len(self._choices)
        self.redraw()

    def action_take(self) -> None:
        """Use the marked one."""
        self.dismiss(self._choices[self._place].name)

    def _entry(self, choice: Choice, room: int, *, chosen: bool) -> Entry:
        mark = self.glyphs.cursor if chosen else " "
        used = " (in use)" if choice.in_use else ""
        return Entry(f"{choice.has}{used}", f"{mark} {choice.name:<{room}}", Tone.HEADING if chosen else Tone.PLAIN)

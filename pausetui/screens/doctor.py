"""The check-up: what is wrong on this machine, what it means and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from pausetui.core.doctor.finding import Finding
from pausetui.core.prose import BLANK, Entry, Tone, quiet
from pausetui.core.wording import plural
from pausetui.screens.dialog import Dialog
from pausetui.text import Glyphs


class DoctorScreen(Dialog[str]):
    """The findings of one moment. Its answer is the subject of the marked one, to go to, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "choose(1)", "down", id="doctor-down", show=False),
        Binding("k,up", "choose(-1)", "up", id="doctor-up", show=False),
        Binding("enter", "take", "go to it", id="doctor-take", show=False),
        Binding("q,c", "cancel", "close", id="doctor-close", show=False),
    ]

    def __init__(self, glyphs: Glyphs, found: Sequence[Finding], pods: int) -> None:
        super().__init__(glyphs, f"Check-up: {plural(len(found), 'finding')}", typing=False)
        self._found = tuple(found)
        self._pods = pods
        self._place = 0

    def entries(self) -> Sequence[Entry]:
        """Each finding in a line, the marked one in full."""
        if not self._found:
            return (BLANK, Entry(f"Nothing found, {plural(self._pods, 'pod')} looked at.", tone=Tone.GOOD), BLANK)
        lines = [entry for place, one in enumerate(self._found) for entry in self._entry(place, one)]
        return (BLANK, *lines, BLANK, quiet("j and k choose, enter goes to it, esc closes."))

    def action_choose(self, step: int) -> None:
        """Open the next or the one before."""
        if self._found:
            self._place = (self._place + step) % len(self._found)
            self.page.scroll(-1000)
            self.page.scroll(max(0, self._place - 3))
            self.redraw()

    def action_take(self) -> None:
        """Go to the marked one."""
        self.dismiss(self._found[self._place].subject if self._found else None)

    def _entry(self, place: int, one: Finding) -> Sequence[Entry]:
        if place != self._place:
            return (Entry(one.title, f"  {one.id}"),)
        return (
            Entry(one.title, f"{self.glyphs.cursor} {one.id}", Tone.HEADING),
            Entry(one.means, "   "),
            *(quiet(sign, "    -") for sign in one.evidence),
            *((Entry(one.do, "    >", Tone.COMMAND),) if one.do else ()),
        )

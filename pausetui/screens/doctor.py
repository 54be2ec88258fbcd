"""The check-up: what is wrong on this machine, what it means and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from typing import ClassVar

from textual.binding import Binding, BindingType

from pausetui.core.doctor.finding import CheckUp, Finding
from pausetui.core.doctor.telling import summary, unseen
from pausetui.core.prose import BLANK, Entry, Tone, clock, quiet
from pausetui.screens.dialog import FAR, Dialog
from pausetui.text import Glyphs

NAME = "Check-up"
LOOKING = "Looking. What is wrong has to last, so it looks again: 2 to 7 seconds."


class DoctorScreen(Dialog[Finding]):
    """The findings of one moment. Its answer is the marked one, to go to, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "choose(1)", "down", id="doctor-down", show=False),
        Binding("k,up", "choose(-1)", "up", id="doctor-up", show=False),
        Binding("g,home", f"choose(-{FAR})", "first", id="doctor-first", show=False),
        Binding("G,end", f"choose({FAR})", "last", id="doctor-last", show=False),
        Binding("enter", "take", "go to it", id="doctor-take", show=False),
        Binding("y", "copy", "copy its command", id="doctor-copy", show=False),
        Binding("r", "again", "look again", id="doctor-again", show=False),
        Binding("q,c", "cancel", "close", id="doctor-close", show=False),
    ]

    def __init__(
        self,
        glyphs: Glyphs,
        begin: Callable[[], None],
        copy: Callable[[str], None],
        *,
        zone: tzinfo | None = None,
    ) -> None:
        """Get ready.

        Args:
            glyphs: What it is drawn with.
            begin: Begins a check-up, after which ``show`` is called.
            copy: Copies a text, and says so.
            zone: The time zone of times of day; None for the local one.
        """
        super().__init__(glyphs, NAME, typing=False)
        self._begin = begin
        self._copy = copy
        self._zone = zone
        self._shown: CheckUp | None = None
        self._why_not = ""
        self._place = 0
        self._looking = False

    def on_mount(self) -> None:
        """Look at once."""
        super().on_mount()
        self.action_again()

    def show(self, found: CheckUp) -> None:
        """Show what came of the check-up; the marked finding stays marked if it is still there."""
        marked = self._marked
        self._shown, self._why_not, self._looking = found, "", False
        places = [(one.id, one.subject) for one in found.findings]
        key = (marked.id, marked.subject) if marked else None
        self._place = places.index(key) if key in places else 0
        self._redraw_marked()

    def fail(self, why: str) -> None:
        """Say why nothing came of it; what was found before stays."""
        self._why_not, self._looking = why, False
        self.redraw()

    def entries(self) -> Sequence[Entry]:
        """How it stands; each finding in a line, the marked one in full; then what could not be seen."""
        return (*self._head(), *self._findings(), *self._unseen(), *self._foot())

    def action_choose(self, step: int) -> None:
        """Open the next or the one before; further than there are is the last or the first."""
        count = len(self._shown.findings) if self._shown else 0
        if count:
            far = abs(step) >= FAR
            self._place = (count - 1 if step > 0 else 0) if far else (self._place + step) % count
            self._redraw_marked()

    def action_take(self) -> None:
        """Go to the marked one."""
        self.dismiss(self._marked)

    def action_copy(self) -> None:
        """Copy the command of the marked one."""
        if self._marked is not None and self._marked.command:
            self._copy(self._marked.command)

    def action_again(self) -> None:
        """Look again."""
        if not self._looking:
            self._looking = True
            self.redraw()
            self._begin()

    @property
    def _marked(self) -> Finding | None:
        found = self._shown.findings if self._shown else ()
        return found[self._place] if self._place < len(found) else None

    def _redraw_marked(self) -> None:
        self.redraw()
        found = self._shown.findings if self._shown else ()
        before = len(self._head()) + self._place
        # The last leads on to what could not be seen; the first to the top.
        last = FAR if self._place + 1 >= len(found) else before + len(self._full(found[self._place])) - 1
        self.page.reveal(0 if not self._place else before, last)

    def _head(self) -> Sequence[Entry]:
        told = [Entry(self._why_not, "could not look", Tone.BAD)] if self._why_not else []
        if self._looking:
            told.append(quiet(LOOKING))
        elif self._shown is not None:
            at = clock(self._shown.at, self._zone)
            tone = Tone.PLAIN if self._shown.findings else Tone.GOOD
            told.append(Entry(f"{summary(self._shown)} That was at {at}.", tone=tone))
        return (BLANK, *told, BLANK)

    def _findings(self) -> Iterator[Entry]:
        found = self._shown.findings if self._shown else ()
        for place, one in enumerate(found):
            yield from self._full(one) if place == self._place else (Entry(one.title, f"  {self._padded(one)}"),)
        if found:
            yield BLANK

    def _full(self, one: Finding) -> Sequence[Entry]:
        return (
            Entry(one.title, f"{self.glyphs.cursor} {self._padded(one)}", Tone.HEADING),
            Entry(one.means, "   "),
            *(quiet(sign, "    -") for sign in one.evidence),
            *((Entry(one.do, "    >"),) if one.do else ()),
            *((Entry(one.command, "    $", Tone.COMMAND),) if one.command else ()),
        )

    def _padded(self, one: Finding) -> str:
        """The id, as wide as the widest."""
        room = max(len(other.id) for other in self._shown.findings) if self._shown else 0
        return f"{one.id:<{room}}"

    def _unseen(self) -> Iterator[Entry]:
        problems = self._shown.problems if self._shown else ()
        yield from (Entry(unseen(problem), "could not see", Tone.BAD) for problem in problems)
        if problems:
            yield BLANK

    def _foot(self) -> Iterator[Entry]:
        keys = ["r looks again", "esc closes"]
        if self._marked is not None:
            copies = ["y copies the command"] if self._marked.command else []
            keys = ["j and k choose", "enter goes to it", *copies, "r looks again"]
        yield quiet(f"{', '.join(keys)}.")

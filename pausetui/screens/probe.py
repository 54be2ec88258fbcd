"""Trying a port of localhost from inside a pod: which one, asked first; then what came of it and whose it was."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from pausetui.core.network import NetworkView
from pausetui.core.probe_telling import Asked, PortChoice, Probed, choices, told
from pausetui.core.prose import BLANK, Entry, Tone, quiet
from pausetui.core.vantage import Vantage
from pausetui.errors import PausetuiError
from pausetui.live.picture import Session
from pausetui.screens.dialog import Dialog
from pausetui.text import Glyphs, harmless

MOST = 8
HIGHEST_PORT = 65535
Answer = TypeVar("Answer")


class ProbeScreen(Dialog[None]):
    """Asks which port, has the session try it on a thread of its own, and tells what came of it.

    Args:
        glyphs: What it is drawn with.
        seen: From where.
        session: Who looks and tries.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "choose(1)", "down", id="probe-down", show=False, priority=True),
        Binding("up,ctrl+p", "choose(-1)", "up", id="probe-up", show=False, priority=True),
        Binding("tab", "toggle_head", "ask for HEAD /", id="probe-head", show=False, priority=True),
    ]

    def __init__(self, glyphs: Glyphs, seen: Vantage, session: Session) -> None:
        super().__init__(glyphs, f"Try a port of localhost from {seen.title}", typing=True)
        self.seen = seen
        self._session = session
        self._choices: tuple[PortChoice, ...] | None = None
        self._place = 0
        self._head = False
        self._trying: Asked | None = None
        self._told: tuple[Entry, ...] = ()
        self._notice = ""
        self.typed.restrict = "[0-9]*"
        self.typed.max_length = 5

    def on_mount(self) -> None:
        """Begin by looking which ports there are."""
        super().on_mount()
        self._behind(lambda: self._session.look_from(self.seen), self._listed)

    def entries(self) -> Sequence[Entry]:
        """What it will do and the ports, or what came of it."""
        notice = (BLANK, Entry(self._notice, tone=Tone.NOTICE)) if self._notice else ()
        if self._trying is not None:
            return (BLANK, Entry(f"{self._trying}…"), *notice)
        if self._told:
            return (BLANK, *self._told, *notice, BLANK, quiet("Enter asks again. Esc closes."))
        way = (
            "sends HEAD / and shows the first line of the answer" if self._head else "closes the connection at once"
        )
        return (
            BLANK,
            Entry(f"It connects from inside that network, and {way}. Whoever listens there can notice."),
            BLANK,
            *self._list(),
            *notice,
            BLANK,
            quiet(
                "Enter connects to the marked port, or to one typed here. Tab: with or without HEAD /. Esc closes."
            ),
        )

    def reconsider(self, now: Vantage | str) -> str:
        """Hold it against the newest picture.

        Returns:
            Why it has to close; "" if it may stay. What came of a connection stays, whatever became of the pod.
        """
        if not isinstance(now, str) and now.net == self.seen.net:
            self.seen = now
            return ""
        why = now if isinstance(now, str) else f"{now.title} is in another network namespace now"
        if self._trying is None and not self._told:
            return why
        if self._notice != why:
            self._notice = why
            self.redraw()
        return ""

    def on_input_changed(self, event: Input.Changed) -> None:
        """A port is typed."""
        event.stop()
        self._notice = ""
        self.redraw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Try the port; after that, ask again."""
        event.stop()
        if self._trying is not None:
            return
        if self._told:
            self._told, self._notice = (), ""
            self._behind(lambda: self._session.look_from(self.seen), self._listed)
        elif (port := self._port()) is None:
            self._notice = f"Type a port from 1 to {HIGHEST_PORT}."
        else:
            asked, seen = Asked(port, self._head), self.seen
            self._trying = asked
            self._behind(lambda: self._session.probe(seen, asked), self._tried)
        self.redraw()

    def action_choose(self, step: int) -> None:
        """Mark the next port or the one before."""
        if self._choices and not self._told:
            self._place = (self._place + step) % len(self._choices)
            self.typed.value = ""
        elif self._told:
            self.page.scroll(step)
        self.redraw()

    def action_toggle_head(self) -> None:
        """Connect only, or ask for ``HEAD /``, too."""
        self._head = not self._head
        self.redraw()

    def _port(self) -> int | None:
        if self.typed.value:
            port = int(self.typed.value)
            return port if 0 < port <= HIGHEST_PORT else None
        return self._choices[self._place].port if self._choices else None

    def _list(self) -> Sequence[Entry]:
        if self._choices is None:
            return (quiet("Looking who listens…"),)
        if not self._choices:
            return (quiet("Nobody listens on a TCP port there. Any port can be typed all the same."),)
        first = max(0, min(self._place - MOST + 1, len(self._choices) - MOST))
        shown = self._choices[first : first + MOST]
        lines = [self._choice(one, marked=first + place == self._place) for place, one in enumerate(shown)]
        more = len(self._choices) - len(shown)
        return (*lines, *([quiet(f"and {more} more")] if more else []))

    def _choice(self, one: PortChoice, *, marked: bool) -> Entry:
        is_marked = marked and not self.typed.value
        mark = self.glyphs.cursor if is_marked else " "
        return Entry(one.who, f"{mark} {one.port:>5}", Tone.HEADING if is_marked else Tone.PLAIN)

    def _listed(self, found: NetworkView | PausetuiError) -> None:
        if isinstance(found, PausetuiError):
            self._choices, self._notice = (), harmless(str(found))
        else:
            self._choices = choices(self.seen, found)
            self._notice = "; ".join(f"{one.what}: {one.why}" for one in found.problems)
        self._place = min(self._place, max(0, len(self._choices) - 1))
        self.redraw()

    def _tried(self, found: Probed | PausetuiError) -> None:
        asked, self._trying = self._trying, None
        if isinstance(found, PausetuiError):
            self._notice = harmless(str(found))
        elif asked is not None:
            self._told = told(self.seen, asked, found)
        self.redraw()

    def _behind(self, work: Callable[[], Answer], then: Callable[[Answer | PausetuiError], None]) -> None:
        """Do what takes time on another thread, and go on here with the answer if this is still open."""
        loop = asyncio.get_running_loop()

        def run() -> None:
            answer: Answer | PausetuiError
            try:
                answer = work()
            except PausetuiError as error:
                answer = error
            with suppress(RuntimeError):  # the loop has ended meanwhile, and with it whoever wanted to know
                loop.call_soon_threadsafe(self.call_later, then, answer)

        threading.Thread(target=run, name="pausetui-probe", daemon=True).start()

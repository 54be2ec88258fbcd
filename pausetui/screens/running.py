"""The program around the screens: pictures in, and every way to end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import tzinfo
from functools import partial

from textual.driver import Driver
from textual.screen import Screen

from pausetui.live.picture import Picture, Session
from pausetui.live.slot import PictureSlot
from pausetui.screens.main import MainScreen
from pausetui.screens.ordered_keys import OrderedKeys
from pausetui.screens.terminal import TerminalDriver
from pausetui.text import UNICODE, Glyphs, harmless

LOST_TERMINAL = 129
"""The exit code of a program that SIGHUP ended."""
BUG = 70


class Running(OrderedKeys):
    """An app that shows the pictures of a session.

    Args:
        session: Where pictures come from.
        glyphs: What everything is drawn with.
        slot: Where the session already leaves its pictures, if it was started before; else it is started here.
        read_only: No key may change anything.
        root_command: What shows what is hidden, or None if we are root.
        lab: Whether the lab can be offered where there are no pods.
        zone: The time zone of times of day; None for the local one.
        namespace: The Kubernetes namespace whose pods alone the pictures hold, or None for all.
    """

    def __init__(
        self,
        session: Session,
        *,
        glyphs: Glyphs = UNICODE,
        slot: PictureSlot | None = None,
        read_only: bool = False,
        root_command: str | None = None,
        lab: bool = False,
        zone: tzinfo | None = None,
        namespace: str | None = None,
        driver_class: type[Driver] | None = TerminalDriver,
    ) -> None:
        super().__init__(driver_class=driver_class, ansi_color=True)
        self.theme = "ansi-dark"
        self.animation_level = "none"
        self.lost_terminal = False
        self.crash: BaseException | None = None
        self.picture: Picture | None = None
        self.on_end: Callable[[int], None] = lambda code: None
        self.on_drawn: Callable[[], None] | None = None
        self._session = session
        self._glyphs = glyphs
        self._started = slot is not None
        self._slot = slot or PictureSlot()
        self._read_only = read_only
        self._namespace = namespace
        self._zone = zone
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hook = threading.excepthook
        self.main = MainScreen(glyphs, zone=zone, root_command=root_command, lab=lab, namespace=namespace)
        self.main.read_only = read_only
        self.main.on_watched = session.look_into
        self.main.on_held = session.look_for_holders

    def get_default_screen(self) -> Screen[object]:
        """The main screen."""
        return self.main  # type: ignore[return-value]  # a screen without a result

    def on_mount(self) -> None:
        """Begin to take pictures."""
        loop = self._loop = asyncio.get_running_loop()

        def wake() -> None:
            try:
                loop.call_soon_threadsafe(self.call_later, self._take_picture)
            except RuntimeError:  # the loop has ended, and with it the need to draw
                self._slot.detach()

        self._hook, threading.excepthook = threading.excepthook, self._thread_failed
        self._slot.attach(wake)
        if not self._started:
            self._session.start(self._slot.put)

    def on_unmount(self) -> None:
        """Take no more pictures."""
        self._slot.detach()
        threading.excepthook = self._hook

    def _thread_failed(self, failure: threading.ExceptHookArgs) -> None:
        """Say that a bug ended a thread; Python would write over the screen."""
        name = failure.thread.name if failure.thread is not None else "a thread"
        why = harmless(f"{failure.exc_type.__name__}: {failure.exc_value}")
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended
                said = f"a bug of pausetui's ended {name}, and what that tells is old: {why}"
                self._loop.call_soon_threadsafe(self.call_later, self.main.say, said)

    def reconsider(self, picture: Picture) -> None:
        """Take back what was asked for, if this picture has nothing to do it with any more."""

    def _take_picture(self) -> None:
        picture = self._slot.take()
        if picture is None:
            return
        if self._read_only and not picture.read_only:
            picture = replace(picture, read_only=True)
        self.picture = picture
        self.main.show(picture)
        for outcome in picture.outcomes:
            self.main.say(outcome.text if outcome.done else f"not done: {outcome.text}")
        self.reconsider(picture)
        if self.on_drawn is not None:
            self.call_after_refresh(self.on_drawn)
            self.on_drawn = None

    def end_with(self, code: int) -> None:
        """End with this exit code; safe on any thread and in a signal handler."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(partial(self.exit, return_code=code))

    def on_terminal_lost(self) -> None:
        """The terminal is gone: end as SIGHUP would have it."""
        self.lost_terminal = True
        self.on_end(LOST_TERMINAL)
        self.end_with(LOST_TERMINAL)

    def _handle_exception(self, error: Exception) -> None:
        self.crash = self.crash or error
        super()._handle_exception(error)
        self._return_code = BUG

    def _fatal_error(self) -> None:
        """Say nothing: Textual would print every local variable. Whoever runs us reports ``crash``."""
        self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        """As ``_fatal_error``, for what Textual prints elsewhere."""
        self._return_code = BUG
        self._close_messages_no_wait()

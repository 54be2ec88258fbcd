"""The screen as a program: what its keys show and take along."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from pausetui.errors import PausetuiError
from pausetui.live.picture import Picture
from pausetui.screens.acting import Acting
from pausetui.screens.keys import Key as KeyBinding
from pausetui.text import harmless

if TYPE_CHECKING:  # a start does without these
    from pausetui.core.doctor.finding import Finding
    from pausetui.screens.doctor import DoctorScreen

OPEN_LAB = "lab"
"""What the app returns when the user asked for the lab."""


class PauseTui(Acting):
    """The screen on a session.

    What is not needed for the first frame (confirmation, help, palette, saving) is imported when it is used.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS_PATH: ClassVar[list[str | PurePath]] = ["screens/main.tcss", "screens/dialog.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c,ctrl+q", "quit", "quit", id="quit-always", show=False, priority=True)
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action exists now: the lab only where it is offered."""
        return self.main.offers_lab if action == "lab" else True

    def action_look_now(self) -> None:
        """Ask runtime and kernel again now."""
        self._session.look_now()
        self.main.say("asked again")

    def action_doctor(self) -> None:
        """Look for what is wrong, and show it."""
        from pausetui.screens.doctor import DoctorScreen

        if self.picture is not None:
            screen = DoctorScreen(self._glyphs, lambda: self._begin_check_up(screen), self._copy, zone=self._zone)
            self.push_screen(screen, self._go_to)

    def _begin_check_up(self, screen: DoctorScreen) -> None:
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._check_up, args=(screen, loop), daemon=True).start()

    def _check_up(self, screen: DoctorScreen, loop: asyncio.AbstractEventLoop) -> None:
        try:
            told = partial(screen.show, self._session.check_up(self._namespace))
        except PausetuiError as error:
            told = partial(screen.fail, harmless(str(error)))
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(self.call_later, self._if_open, screen, told)

    def _if_open(self, screen: DoctorScreen, tell: Callable[[], None]) -> None:
        if screen in self.screen_stack:
            tell()

    def _go_to(self, found: Finding | None) -> None:
        if found is not None and not self.main.pods.select_key(found.subject):
            self.main.say(f"{found.title} is no row here")

    def action_backends(self) -> None:
        """Choose where pods are read from."""
        from pausetui.screens.backends import BackendsScreen

        choices = self._session.choices()
        if choices:
            self.push_screen(BackendsScreen(self._glyphs, choices), self._use)

    def _use(self, name: str | None) -> None:
        if name is not None:
            self._session.use(name)
            self.main.say(f"reading from {name}")

    def action_copy(self) -> None:
        """Copy name and ids of the selected row."""
        if (chosen := self.main.subject) is not None:
            self._copy(chosen.ids)

    def action_copy_command(self) -> None:
        """Copy the first shell command for the selected row."""
        from pausetui.core.tabs.shell import commands

        chosen = self.main.subject
        if self.picture is None or chosen is None or chosen.pod is None:
            return
        found = commands(self.picture.snapshot, chosen.pod, chosen.container)
        if found:
            self._copy(found[0].text)
        else:
            self.main.say("no command: its process is not known")

    def _copy(self, text: str) -> None:
        self.copy_to_clipboard(text)
        self.main.say(f"copied, if the terminal lets us: {text}")

    def action_save(self) -> None:
        """Save what was seen; the files are written on a thread of their own."""
        if self.picture is not None:
            thread = threading.Thread(
                target=self._save, args=(self.picture, asyncio.get_running_loop()), daemon=True
            )
            thread.start()

    def _save(self, picture: Picture, loop: asyncio.AbstractEventLoop) -> None:
        from pausetui.screens import saving

        try:
            files = saving.save(picture)
            said = f"saved {files[0]} and the same as text, {files[1].name}"
        except PausetuiError as error:
            said = harmless(str(error))
        with suppress(RuntimeError):  # the loop has ended meanwhile; the files are there
            loop.call_soon_threadsafe(self.call_later, self.main.say, said)

    def action_palette(self) -> None:
        """Find a command by its name."""
        from pausetui.screens.palette import PaletteScreen

        if self.screen is self.main:
            self.push_screen(PaletteScreen(self._glyphs, self.main.available_keys), self._run_key)

    async def _run_key(self, key: KeyBinding | None) -> None:
        if key is not None:
            await self.run_action(key.action, self.main)

    def action_help(self) -> None:
        """All the keys."""
        from pausetui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self._glyphs, self.main.keys_to_explain))

    def action_lab(self) -> None:
        """End, so that whoever runs us opens the lab."""
        self.exit(OPEN_LAB)

    async def action_quit(self) -> None:
        """End."""
        self.on_end(0)
        self.exit(return_code=0)

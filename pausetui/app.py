"""The screen as a program: pictures in, keys out, and every way to end."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import Screen

from pausetui.core.actions import OF_A_POD, ActionKind, NotPossible, Offer
from pausetui.core.predict import offer
from pausetui.core.shell import commands
from pausetui.errors import ActionRefused, PausetuiError
from pausetui.live.picture import Picture, Session
from pausetui.live.slot import PictureSlot
from pausetui.screens.keys import Key as KeyBinding
from pausetui.screens.main import MainScreen
from pausetui.screens.ordered_keys import OrderedKeys
from pausetui.screens.subject import Subject
from pausetui.screens.terminal import TerminalDriver
from pausetui.text import UNICODE, Glyphs, harmless

if TYPE_CHECKING:
    from pausetui.core.doctor.finding import Finding
    from pausetui.screens.confirm import ConfirmScreen
    from pausetui.screens.doctor import DoctorScreen
    from pausetui.screens.probe import ProbeScreen

OPEN_LAB = "lab"
"""What the app returns when the user asked for the lab."""
LOST_TERMINAL = 129
"""The exit code of a program that SIGHUP ended."""
BUG = 70


class PauseTui(OrderedKeys):
    """The screen on a session.

    What is not needed for the first frame (confirmation, help, palette, saving) is imported when it is used.

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

    ENABLE_COMMAND_PALETTE = False
    CSS_PATH: ClassVar[list[str | PurePath]] = ["screens/main.tcss", "screens/dialog.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c,ctrl+q", "quit", "quit", id="quit-always", show=False, priority=True)
    ]

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
        self._asked: ConfirmScreen | None = None
        self._probing: ProbeScreen | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
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

        self._slot.attach(wake)
        if not self._started:
            self._session.start(self._slot.put)

    def on_unmount(self) -> None:
        """Take no more pictures."""
        self._slot.detach()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action exists now: the lab only where it is offered."""
        return self.main.offers_lab if action == "lab" else True

    # Pictures

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
        self._reconsider(picture)
        self._reconsider_probe(picture)
        if self.on_drawn is not None:
            self.call_after_refresh(self.on_drawn)
            self.on_drawn = None

    def _reconsider(self, picture: Picture) -> None:
        """Close an open confirmation whose subject is gone or became another process."""
        asked = self._asked
        if asked is None:
            return
        if picture.read_only:
            why = "nothing may be changed from here"
        else:
            why = asked.reconsider(offer(picture.snapshot, asked.offer.kind, asked.offer.container_key))
        if why:
            asked.dismiss(None)
            self._asked = None
            self.main.say(f"closed, nothing was done: {why}")

    def _reconsider_probe(self, picture: Picture) -> None:
        """Close the question which port to try, if there is nothing to try it from any more."""
        probing = self._probing
        if probing is None:
            return
        from pausetui.core.probe_telling import vantage

        seen = probing.seen
        now = vantage(picture.snapshot, seen.pod_key, seen.container_key)
        why = "nothing may be tried from here" if picture.read_only else probing.reconsider(now)
        if why:
            self._probing = None
            probing.dismiss(None)
            self.main.say(f"closed, nothing was tried: {why}")

    # Keys

    def action_act(self, kind: str) -> None:
        """Ask whether to do something to the selected row; where nothing may be changed, say so."""
        if self.main.read_only:
            self.main.say("read-only: nothing can be changed from here")
            return
        chosen = self.main.subject
        if self.picture is None or chosen is None or chosen.pod is None:
            self.main.say("not possible: choose a pod, or a row of one, first")
            return
        action = ActionKind(kind)
        subject = chosen.pod.key if action in OF_A_POD else _member_key(chosen) or chosen.pod.key
        offered = offer(self.picture.snapshot, action, subject)
        if isinstance(offered, NotPossible):
            self.main.say(f"not possible: {offered.why}")
        else:
            self._ask(offered)

    def action_start(self) -> None:
        """Ask whether to start the selected member, or else the pod's pause."""
        chosen = self.main.subject
        member = chosen.member if chosen is not None else None
        self.action_act(ActionKind.START_MEMBER if member is not None else ActionKind.START_SANDBOX)

    def _ask(self, offered: Offer) -> None:
        from pausetui.screens.confirm import ConfirmScreen

        self._asked = ConfirmScreen(self._glyphs, offered)
        self.push_screen(self._asked, self._confirmed)

    def _confirmed(self, confirmed: Offer | None) -> None:
        self._asked = None
        if confirmed is None:
            return
        try:
            self._session.submit(confirmed)
        except ActionRefused as error:
            self.main.say(str(error))

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

    def action_enter(self, where: str) -> None:
        """Give the terminal to a shell in the selected member, or in its pod's network."""
        from pausetui.core import entering
        from pausetui.screens.entering import run_in_terminal

        chosen = self.main.subject
        if self.main.read_only:
            self.main.say("read-only: a shell could change anything")
            return
        if self.picture is None or chosen is None or chosen.pod is None or chosen.gone:
            self.main.say("not possible: choose a pod, or a row of one, first")
            return
        if where == "network":
            way = entering.into_network(
                self.picture.snapshot,
                chosen.pod,
                os.environ.get("SHELL", "sh"),
                chosen=chosen.container,
                is_root=os.geteuid() == 0,
            )
        else:
            way = entering.into_member(self.picture.snapshot, chosen.pod, chosen.member)
        if isinstance(way, str):
            self.main.say(f"not possible: {way}")
        elif way.process is not None and not self._session.is_there(way.process):
            self.main.say(f"not possible: pid {way.process.pid} has ended")
        else:
            ended = run_in_terminal(self, way.argv, way.into)
            self._session.look_now()
            self.main.say(f"back from the shell in {way.into} ({ended})")

    def action_probe(self) -> None:
        """Ask which port of localhost to try from inside the selected member or pod."""
        from pausetui.core.probe_telling import vantage
        from pausetui.screens.probe import ProbeScreen

        chosen = self.main.subject
        if self.main.read_only:
            self.main.say("read-only: a connection from inside could be noticed there")
            return
        if self.picture is None or chosen is None or chosen.pod is None or chosen.gone:
            self.main.say("not possible: choose a pod, or a row of one, first")
            return
        container = chosen.container.key if chosen.container is not None else None
        seen = vantage(self.picture.snapshot, chosen.pod.key, container)
        if isinstance(seen, str):
            self.main.say(f"not possible: {seen}")
        else:
            self._probing = ProbeScreen(self._glyphs, seen, self._session)
            self.push_screen(self._probing, self._probed)

    def _probed(self, _: None) -> None:
        self._probing = None

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

    # Ends

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


def _member_key(chosen: Subject) -> str:
    if chosen.member is not None:
        return chosen.member.key
    return chosen.container.key if chosen.container is not None else ""

"""An app on a fake session, at a size, with what it shows as text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.app import App
from textual.pilot import Pilot

from pausetui.app import PauseTui
from pausetui.live.picture import Picture
from pausetui.text import UNICODE, Glyphs
from tests.fakes import FakeSession


class Stage:
    """What a test of a screen works with."""

    def __init__(self, app: PauseTui, session: FakeSession, pilot: Pilot[str]) -> None:
        self.app, self.session, self.pilot = app, session, pilot

    @property
    def text(self) -> str:
        """What is on the terminal."""
        return "\n".join(self.lines)

    @property
    def lines(self) -> list[str]:
        """What is on the terminal, line by line."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def over(self) -> str:
        """The class of the screen on top."""
        return type(self.app.screen).__name__

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*text)

    async def show(self, picture: Picture) -> None:
        self.session.show(picture)
        await self.pilot.pause()


@asynccontextmanager
async def stage(
    *pictures: Picture,
    size: tuple[int, int] = (80, 24),
    glyphs: Glyphs = UNICODE,
    read_only: bool = False,
    root_command: str | None = None,
    lab: bool = False,
    namespace: str | None = None,
    refuse: str = "",
) -> AsyncIterator[Stage]:
    session = FakeSession(*pictures, refuse=refuse)
    app = PauseTui(
        session,
        glyphs=glyphs,
        read_only=read_only,
        root_command=root_command,
        lab=lab,
        namespace=namespace,
        driver_class=None,
    )
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert isinstance(app, App)
        yield Stage(app, session, pilot)

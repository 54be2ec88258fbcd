"""How it looks, as pictures under snapshots/. What it says is tested elsewhere, as text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

from textual.pilot import Pilot

from pausetui.app import PauseTui
from pausetui.live.picture import Picture
from pausetui.text import ASCII, UNICODE, Glyphs
from tests.fakes import FakeSession
from tests.scenes import api, classic, hidden, line, nothing_here, picture, web

Compare = Callable[..., bool]
WIDE, PLAIN = (120, 40), (80, 24)
AFTER_DELETION = (
    line(web(), "sent SIGKILL to pid 1000 (pause)", after=0.0),
    line(web(), "sandbox attempt 0 is NotReady", after=0.1),
    line(web(), "new sandbox attempt 1", after=5.4),
    line(web(), "net 4026532177 → 4026532181 · ipc 4026532178 → 4026532182", after=5.4),
    line(web(), "IP 10.244.1.5 → 10.244.1.8", after=5.4),
    line(api(), "crash restarted, attempt 7 · last exit 1", seconds=30, count=7),
)


def app(
    shown: Picture, *, glyphs: Glyphs = UNICODE, root_command: str | None = None, lab: bool = False
) -> PauseTui:
    return PauseTui(
        FakeSession(shown), glyphs=glyphs, root_command=root_command, lab=lab, zone=UTC, driver_class=None
    )


def pressing(*keys: str) -> Callable[[Pilot[Any]], Any]:
    async def press(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()

    return press


def test_tree_and_details(snap_compare: Compare) -> None:
    assert snap_compare(app(picture(web(), api(), classic())), terminal_size=WIDE, run_before=pressing("j"))


def test_tree_at_80x24(snap_compare: Compare) -> None:
    shown = picture(web(), api(), timeline=AFTER_DELETION)
    assert snap_compare(app(shown), terminal_size=PLAIN, run_before=pressing())


def test_details_at_80x24(snap_compare: Compare) -> None:
    assert snap_compare(app(picture(web(), api())), terminal_size=PLAIN, run_before=pressing("enter"))


def test_confirmation(snap_compare: Compare) -> None:
    assert snap_compare(app(picture(web(), api())), terminal_size=PLAIN, run_before=pressing("ctrl+d", "w", "e"))


def test_timeline_after_a_deleted_pause(snap_compare: Compare) -> None:
    shown = picture(web(), api(), timeline=AFTER_DELETION)
    assert snap_compare(app(shown), terminal_size=WIDE, run_before=pressing())


def test_no_pods(snap_compare: Compare) -> None:
    assert snap_compare(app(nothing_here(), lab=True), terminal_size=PLAIN, run_before=pressing())


def test_ascii(snap_compare: Compare) -> None:
    shown = picture(web(), api(), timeline=AFTER_DELETION)
    assert snap_compare(app(shown, glyphs=ASCII), terminal_size=WIDE, run_before=pressing())


def test_help(snap_compare: Compare) -> None:
    assert snap_compare(app(picture(web(), api())), terminal_size=WIDE, run_before=pressing("question_mark"))


def test_no_rights(snap_compare: Compare) -> None:
    shown = app(picture(hidden(), web()), root_command="sudo /usr/bin/pausetui --backend proc")
    assert snap_compare(shown, terminal_size=PLAIN, run_before=pressing())

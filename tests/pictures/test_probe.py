"""How a port that was tried from inside looks: from a member, and from an orphan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

from textual.pilot import Pilot

from pausetui.app import PauseTui
from pausetui.core.network import Listener, NetworkView, ProbeResult
from pausetui.core.snapshot import Pod
from pausetui.text import ASCII, UNICODE, Glyphs
from tests.factories import pod
from tests.fakes import FakeSession
from tests.scenes import classic, picture
from tests.test_app_pictures import PLAIN, WIDE
from tests.waiting import await_until

Compare = Callable[..., bool]
ACCEPTED = ProbeResult("127.0.0.1", 80, connected=True, milliseconds=0.2, answer="HTTP/1.1 200 OK")
REFUSED = ProbeResult("::1", 80, connected=False, milliseconds=0.1, error="Connection refused")


def app(one: Pod, results: tuple[ProbeResult, ...], *listeners: Listener, glyphs: Glyphs = UNICODE) -> PauseTui:
    session = FakeSession(picture(one))
    assert one.net is not None
    session.view = NetworkView(one.net, 0.0, listeners=listeners)
    session.results = results
    return PauseTui(session, glyphs=glyphs, zone=UTC, driver_class=None)


async def try_it(pilot: Pilot[Any]) -> None:
    await pilot.pause()
    await pilot.press("j", "j", "j", "P", *"80", "tab", "enter")
    await await_until(lambda: "Enter asks again" in _shown(pilot), what="what came of it")


def _shown(pilot: Pilot[Any]) -> str:
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


def test_from_the_sidecar_it_is_the_servers(snap_compare: Compare) -> None:
    shown = app(pod(), (ACCEPTED, REFUSED), Listener("tcp", 4, "0.0.0.0", 80, owners=(1001,)))
    assert snap_compare(shown, terminal_size=WIDE, run_before=try_it)


def test_from_an_orphan_it_is_nobodys(snap_compare: Compare) -> None:
    assert snap_compare(app(classic(), (REFUSED,), glyphs=ASCII), terminal_size=PLAIN, run_before=try_it)

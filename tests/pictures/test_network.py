"""How the network of a pod looks: rates, listeners, a clash, rules, and a runtime that says another address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pausetui.live.inside import Inside
from pausetui.live.picture import Picture
from pausetui.text import ASCII
from tests import networks
from tests.scenes import api, line, picture, web
from tests.test_app_pictures import PLAIN, WIDE, app, pressing

Compare = Callable[..., bool]


def shown() -> Picture:
    """nginx and a sidecar that both listen on port 80, in a pod whose address the runtime has not heard of."""
    pod = replace(web(), runtime_addresses=("10.244.1.2",))
    lines = (
        line(pod, "IP 10.244.1.2 → 10.244.1.5"),
        line(pod, "eth0 is down · default via 10.244.1.1 gone, no way out is left", seconds=5),
        line(pod, "eth0 is up", seconds=9),
        line(pod, "default via 10.244.1.1 added", seconds=9.1),
    )
    view, before = networks.view_of(pod), networks.view_before(pod)
    return replace(picture(pod, api(), timeline=lines), inside=Inside(pod.key, view, before))


def test_network(snap_compare: Compare) -> None:
    assert snap_compare(app(shown()), terminal_size=WIDE, run_before=pressing("3"))


def test_network_at_80x24_in_ascii(snap_compare: Compare) -> None:
    assert snap_compare(app(shown(), glyphs=ASCII), terminal_size=PLAIN, run_before=pressing("3"))


def test_the_end_of_the_network_at_80x24_in_ascii(snap_compare: Compare) -> None:
    keys = ("3", *["pagedown"] * 4)
    assert snap_compare(app(shown(), glyphs=ASCII), terminal_size=PLAIN, run_before=pressing(*keys))

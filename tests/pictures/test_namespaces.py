"""How the tab of namespaces looks: a chosen cell, who and what keeps it alive, and what would be left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pausetui.core.holding import HeldByConnection, HeldByDescriptor, Holding, Named
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import ProcessId
from pausetui.core.snapshot import Unclaimed
from pausetui.live.holding import Held
from pausetui.live.picture import Picture
from pausetui.text import ASCII
from tests.factories import ns
from tests.scenes import picture, web
from tests.test_app_pictures import PLAIN, WIDE, app, pressing

Compare = Callable[..., bool]


def shown() -> Picture:
    net = web().net
    assert net is not None
    open_there = HeldByDescriptor(Named(ProcessId(812, 1), "containerd"), 17)
    ending = HeldByConnection("FIN_WAIT1", "10.244.1.5:80", "10.244.1.1:40312")
    holding = Holding(net, descriptors=(open_there,), connections=(ending,))
    left = Unclaimed(
        ns(NamespaceKind.NET, 777), ("/run/netns/cni-77777777-0000-4000-8000-000000000001",), ("10.244.1.9",)
    )
    return replace(picture(web(), unclaimed=(left,)), held=Held(web().key, {net: holding}))


def test_namespaces(snap_compare: Compare) -> None:
    assert snap_compare(app(shown()), terminal_size=WIDE, run_before=pressing("2"))


def test_namespaces_at_80x24_in_ascii(snap_compare: Compare) -> None:
    keys = ("enter", "2", "right_square_bracket", "right_square_bracket", "right_square_bracket")
    assert snap_compare(app(shown(), glyphs=ASCII), terminal_size=PLAIN, run_before=pressing(*keys))

"""How the tab of processes looks: a shared pid namespace, a zombie, a nested namespace, a visitor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import ProcessId, Vitals
from pausetui.core.snapshot import Pod, Sharer
from pausetui.live.picture import Picture
from pausetui.text import ASCII
from tests.core.test_process_tree import process, with_processes
from tests.factories import pod
from tests.scenes import picture
from tests.test_app_pictures import PLAIN, WIDE, app, pressing

Compare = Callable[..., bool]


def busy() -> Pod:
    more = [
        process(1100, "worker", 1001, 6),
        process(1101, "cgi", 1100, 7),
        process(1102, "convert", 1101, 8, zombie=True),
        process(1103, "logrotate", 1001, 9, zombie=True),
        process(1104, "unshare", 1001, 10),
        process(1105, "sandbox", 1104, 11, 1, nested=True),
        process(1106, "renderer", 1105, 12, 2, nested=True),
    ]
    plain = with_processes(pod(), "nginx", more)
    return replace(plain, sharers=(Sharer(ProcessId(4711, 1), "nsenter", (NamespaceKind.NET,)),))


def shown() -> Picture:
    one = picture(busy())
    states = {1100: "R", 1101: "T", 1102: "Z", 1103: "Z"}
    vitals = {
        each: Vitals(states.get(each.pid, "S"), 0 if each.pid in (1102, 1103) else found.rss_bytes, 0.0)
        for each, found in one.snapshot.vitals.items()
    }
    return replace(one, snapshot=replace(one.snapshot, vitals=vitals))


def test_processes(snap_compare: Compare) -> None:
    assert snap_compare(app(shown()), terminal_size=WIDE, run_before=pressing("4"))


def test_processes_at_80x24_in_ascii(snap_compare: Compare) -> None:
    assert snap_compare(app(shown(), glyphs=ASCII), terminal_size=PLAIN, run_before=pressing("4"))

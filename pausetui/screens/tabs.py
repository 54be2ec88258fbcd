"""What the details say of the selected row: one function a tab. Pure.

The first tab is in the first picture. What the others need is imported when one of them is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from pausetui.core.inventory import Role
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.nobodys import key
from pausetui.core.observation import Problem
from pausetui.core.prose import Entry, Tone, heading, quiet
from pausetui.core.snapshot import Container, Pod, Unclaimed
from pausetui.core.tabs import container_overview, overview
from pausetui.live.picture import Picture
from pausetui.screens.subject import Subject
from pausetui.widgets.row import RowKind

if TYPE_CHECKING:
    from pausetui.core.holding import Holding

TABS = ("Overview", "Namespaces", "Network", "Processes", "Commands", "Explain")
NAMESPACES, NETWORK = TABS.index("Namespaces"), TABS.index("Network")


def entries(
    chosen: Subject, tab: int, picture: Picture, zone: tzinfo | None, kind: NamespaceKind = NamespaceKind.NET
) -> tuple[Entry, ...]:
    """What one tab says about the subject; ``kind`` is that of the chosen namespace."""
    if chosen.problem is not None:
        return _problem(chosen.problem)
    if chosen.nobodys is not None:
        return _nobodys(picture, chosen.nobodys)
    pod = chosen.pod
    if chosen.row.kind is RowKind.GROUP:
        return (heading(chosen.row.name), Entry("Each has a network of its own, and no pause. Space shows them."))
    if pod is None:
        return (quiet("Nothing is known about this any more."),)
    gone = (Entry("This pod is gone. This is how it was last seen.", tone=Tone.BAD),) if chosen.gone else ()
    builders = (_overview, _namespaces, _network, _processes, _commands, _explain)
    return (*gone, *builders[tab](_Shown(picture, pod, chosen.container, zone, kind)))


@dataclass(frozen=True, slots=True)
class _Shown:
    picture: Picture
    pod: Pod
    container: Container | None
    zone: tzinfo | None
    kind: NamespaceKind


def _overview(shown: _Shown) -> tuple[Entry, ...]:
    snapshot, pod, container = shown.picture.snapshot, shown.pod, shown.container
    if container is None or container.role is Role.PAUSE:
        return overview.pod_overview(snapshot, pod, shown.zone)
    return container_overview.container_overview(snapshot, pod, container, shown.zone)


def _namespaces(shown: _Shown) -> tuple[Entry, ...]:
    from pausetui.core.tabs import matrix

    holdings = _holdings(shown.picture, shown.pod.key)
    return matrix.entries(shown.picture.snapshot, shown.pod, shown.container, shown.kind, holdings)


def _nobodys(picture: Picture, one: Unclaimed) -> tuple[Entry, ...]:
    from pausetui.core.tabs import nobodys_list

    return tuple(nobodys_list.entries(picture.snapshot, (one,), _holdings(picture, key(one))))


def _holdings(picture: Picture, key: str) -> Mapping[NamespaceId, Holding]:
    """What was found to keep namespaces alive, if it was looked for on behalf of this one."""
    held = picture.held
    return held.holdings if held is not None and held.key == key else {}


def _network(shown: _Shown) -> tuple[Entry, ...]:
    from pausetui.core.tabs import network_overview

    inside = shown.picture.inside
    if inside is None or inside.pod_key != shown.pod.key or inside.view.net != shown.pod.net:
        return network_overview.entries(shown.picture.snapshot, shown.pod, None)
    return network_overview.entries(shown.picture.snapshot, shown.pod, inside.view, inside.before)


def _processes(shown: _Shown) -> tuple[Entry, ...]:
    from pausetui.core.tabs import processes

    return processes.entries(shown.picture.snapshot, shown.pod, shown.container)


def _commands(shown: _Shown) -> tuple[Entry, ...]:
    from pausetui.core.tabs import shell

    return shell.entries(shown.picture.snapshot, shown.pod, shown.container)


def _explain(shown: _Shown) -> tuple[Entry, ...]:
    from pausetui.core.tabs import explain

    return explain.entries(shown.picture.snapshot, shown.pod, shown.zone)


def _problem(problem: Problem) -> tuple[Entry, ...]:
    following = (Entry(problem.next, "what to do", Tone.COMMAND),) if problem.next else ()
    return (
        heading("Something could not be seen"),
        Entry(problem.what, "what"),
        Entry(problem.why, "why", Tone.BAD),
        *following,
        quiet(problem.subject, "about"),
    )

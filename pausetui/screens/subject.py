"""What the selected row stands for in a picture, and what the details say of it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from pausetui.core import container_overview, explain, matrix, nobodys, overview, processes, shell
from pausetui.core.inventory import Role
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import Problem
from pausetui.core.prose import Entry, Tone, heading, quiet
from pausetui.core.snapshot import Container, Pod, Snapshot, Unclaimed
from pausetui.live.holding import Held
from pausetui.live.inside import Inside
from pausetui.live.picture import Picture
from pausetui.widgets.row import Look, Row, RowKind

TABS = ("Overview", "Namespaces", "Network", "Processes", "Commands", "Explain")
NAMESPACES, NETWORK = TABS.index("Namespaces"), TABS.index("Network")


@dataclass(frozen=True, slots=True)
class Subject:
    """A row and what it stands for.

    Attributes:
        gone: The pod has ended; what is said is how it was last seen.
    """

    row: Row
    pod: Pod | None = None
    container: Container | None = None
    problem: Problem | None = None
    nobodys: Unclaimed | None = None
    gone: bool = False

    @property
    def member(self) -> Container | None:
        """The container that an action on a member would be for: the row's, or the only one of the pod."""
        if self.container is not None and self.container.role is not Role.PAUSE:
            return self.container
        only = self.pod.members if self.pod is not None and self.row.kind is RowKind.POD else ()
        return only[0] if len(only) == 1 else None

    @property
    def ids(self) -> str:
        """Its name and ids in one line, for the clipboard."""
        pod, container = self.pod, self.container
        if pod is None:
            return self.row.name
        parts = [
            pod.title,
            container.name if container else "",
            *(pod.addresses or () if container is None else ()),
        ]
        pid = container.process.pid if container is not None and container.process is not None else None
        own = container.runtime_id if container is not None else pod.uid
        return " ".join(part for part in (*parts, f"pid {pid}" if pid else "", own or "") if part)


def subject(picture: Picture, row: Row) -> Subject:
    """What this row stands for in this picture."""
    if row.kind is RowKind.PROBLEM:
        found = (one for one in picture.snapshot.problems if row.key == f"problem:{one.subject}:{one.what}")
        return Subject(row, problem=next(found, None))
    if row.kind is RowKind.NOBODYS:
        left = (one for one in picture.snapshot.unclaimed if row.key.endswith(f":{one.namespace.token}"))
        return Subject(row, nobodys=next(left, None))
    if row.kind is RowKind.GROUP:
        return Subject(row)
    pod = picture.snapshot.pod(row.pod_key)
    if pod is None or row.look is Look.GONE:
        past = next((one.pod for one in picture.gone if one.pod.key == row.pod_key), None)
        return Subject(row, pod=past, gone=True)
    container = next((one for one in pod.containers() if one.key == row.container_key), None)
    return Subject(row, pod, container)


def entries(
    chosen: Subject, tab: int, picture: Picture, zone: tzinfo | None, kind: NamespaceKind = NamespaceKind.NET
) -> tuple[Entry, ...]:
    """What one tab of the details says about the subject; ``kind`` is that of the chosen namespace."""
    snapshot = picture.snapshot
    if chosen.problem is not None:
        return _problem(chosen.problem)
    if chosen.nobodys is not None:
        return tuple(nobodys.entries((chosen.nobodys,)))
    pod = chosen.pod
    if chosen.row.kind is RowKind.GROUP:
        return (heading(chosen.row.name), Entry("Each has a network of its own, and no pause. Space shows them."))
    if pod is None:
        return (quiet("Nothing is known about this any more."),)
    gone = (Entry("This pod is gone. This is how it was last seen.", tone=Tone.BAD),) if chosen.gone else ()
    builders: tuple[Callable[[], tuple[Entry, ...]], ...] = (
        lambda: _overview(snapshot, pod, chosen.container, zone),
        lambda: _namespaces(snapshot, pod, chosen.container, kind, picture.held),
        lambda: _network(snapshot, pod, picture.inside),
        lambda: processes.entries(snapshot, pod, chosen.container),
        lambda: shell.entries(snapshot, pod, chosen.container),
        lambda: explain.entries(snapshot, pod, zone),
    )
    return (*gone, *builders[tab]())


def _namespaces(
    snapshot: Snapshot, pod: Pod, container: Container | None, kind: NamespaceKind, held: Held | None
) -> tuple[Entry, ...]:
    holdings = held.holdings if held is not None and held.pod_key == pod.key else matrix.NOT_LOOKED
    return matrix.entries(snapshot, pod, container, kind, holdings)


def _network(snapshot: Snapshot, pod: Pod, inside: Inside | None) -> tuple[Entry, ...]:
    from pausetui.core import network_overview

    if inside is None or inside.pod_key != pod.key or inside.view.net != pod.net:
        return network_overview.entries(snapshot, pod, None)
    return network_overview.entries(snapshot, pod, inside.view, inside.before)


def _overview(snapshot: Snapshot, pod: Pod, container: Container | None, zone: tzinfo | None) -> tuple[Entry, ...]:
    if container is None or container.role is Role.PAUSE:
        return overview.pod_overview(snapshot, pod, zone)
    return container_overview.container_overview(snapshot, pod, container, zone)


def _problem(problem: Problem) -> tuple[Entry, ...]:
    following = (Entry(problem.next, "what to do", Tone.COMMAND),) if problem.next else ()
    return (
        heading("Something could not be seen"),
        Entry(problem.what, "what"),
        Entry(problem.why, "why", Tone.BAD),
        *following,
        quiet(problem.subject, "about"),
    )

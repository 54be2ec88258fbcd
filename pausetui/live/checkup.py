"""A check-up of the machine: two looks a moment apart, and a third some seconds later if something was found.

What is wrong for a moment only (a pod that comes or goes, a zombie that is reaped a second later) is nothing wrong.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from pausetui.backends.reservations import FOLDER, reservations
from pausetui.core.doctor.checks import findings
from pausetui.core.doctor.finding import CheckUp, Examined, Reservation
from pausetui.core.doctor.veths import NodeSide
from pausetui.core.hidden import RUN_AS_ROOT, saw_nothing, why_hidden
from pausetui.core.observation import Problem
from pausetui.core.only import only_namespace
from pausetui.core.snapshot import Snapshot
from pausetui.core.wording import plural
from pausetui.errors import NoPermission
from pausetui.kernel.host import HostRoot
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.veths import node_side
from pausetui.live.inside import networks_of

APART_SECONDS = 1.5
"""Between the first two looks."""
LASTS_SECONDS = 5.0
"""Between the second and the third."""


@dataclass(frozen=True, slots=True)
class _Look:
    snapshot: Snapshot
    node: NodeSide | None
    reservations: tuple[Reservation, ...] | None


def check_up(host: HostRoot, look: Callable[[], Snapshot], namespace: str | None = None) -> CheckUp:
    """Look, and look again. Takes two seconds where nothing is wrong, else seven.

    Args:
        host: The machine.
        look: Takes a new snapshot of all of it.
        namespace: The Kubernetes namespace whose pods alone are of interest.

    Raises:
        CannotLook: From ``look``; or without rights nothing could be seen (NoPermission).
    """
    first = _look(host, look)
    time.sleep(APART_SECONDS)
    last = _look(host, look, with_networks=True)
    found = findings(_examined(first, last, namespace))
    if found:
        time.sleep(LASTS_SECONDS)
        last = _look(host, look, with_networks=True)
        before = {(one.id, one.subject) for one in found}
        again = findings(_examined(first, last, namespace))
        found = tuple(one for one in again if (one.id, one.subject) in before)
    shown = only_namespace(last.snapshot, namespace)
    unseen = (*shown.problems, *_unseen(last))
    return CheckUp(shown.taken_at, shown.backend, len(shown.pods), found, unseen)


def _look(host: HostRoot, look: Callable[[], Snapshot], *, with_networks: bool = False) -> _Look:
    reserved = reservations(host)
    snapshot = look()
    if saw_nothing(snapshot):
        raise NoPermission("looking for pods", *why_hidden(snapshot))
    if with_networks:
        snapshot = replace(snapshot, networks=networks_of(host, snapshot))
    return _Look(snapshot, node_side(ProcFolder(host.proc), snapshot.homes), reserved)


def _examined(first: _Look, last: _Look, namespace: str | None) -> Examined:
    return Examined(
        last.snapshot,
        first.snapshot,
        reservations=last.reservations,
        node=last.node,
        node_before=first.node,
        namespace=namespace,
    )


def _unseen(last: _Look) -> Iterator[Problem]:
    """What could not be looked at besides what the snapshot says."""
    if last.reservations is None:
        yield Problem("reservations", f"addresses reserved in {FOLDER}", "it can't be read", RUN_AS_ROOT)
    if last.node is None:
        yield Problem("kernel", "the node's side of the pods' networks", "the kernel did not answer")
    views = [view for view in last.snapshot.networks.values() if view.listeners is None]
    reasons = [problem for view in views for problem in view.problems]
    if views:
        why, next_step = (reasons[0].why, reasons[0].next) if reasons else ("they can't be read", "")
        yield Problem("networks", f"who listens in {plural(len(views), 'pod')}", why, next_step)

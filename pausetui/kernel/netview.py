"""The network inside namespaces, looked at when somebody asks: one short visit each that leaves nothing open.

Where we may not go, ``/proc/PID/net`` is read instead. Nothing is remembered; a namespace that can't be read, or a
part of one, is a ``Problem`` beside the others.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace

from pausetui.core.namespaces import NamespaceId
from pausetui.core.network import Listener, NetworkView
from pausetui.core.observation import Net, Problem
from pausetui.kernel.netns import Opener, Visitor, route_socket
from pausetui.kernel.netview_ask import OURS, Answer, Asker, links_here, links_numbered
from pausetui.kernel.netview_files import view_from_files
from pausetui.kernel.netview_inside import Inside
from pausetui.kernel.netview_links import LinkMessage
from pausetui.kernel.netview_peers import Links, by_index, with_peers
from pausetui.kernel.places import Place, is_of, opener
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.rights import why_refused
from pausetui.kernel.sockets_owners import with_owners

TOGETHER = 25
"""How many namespaces are visited in one go: the visitor's patience is for them all."""


@dataclass(frozen=True, slots=True)
class NetworkPlace:
    """A network namespace to look at, and how to get there.

    Attributes:
        net: Which; by its mark where the namespace itself may not be read.
        pid: A process in it, or None.
        pin: The path of a bind mount of it, used if there is no process, or none any more.
        members: Processes in it that are asked which listening sockets they have open.
    """

    net: Net
    pid: int | None = None
    pin: str | None = None
    members: tuple[int, ...] = ()


def inspect_networks(
    proc: ProcFolder,
    places: Sequence[NetworkPlace],
    *,
    near: Sequence[NetworkPlace] = (),
    now: Callable[[], float] = time.monotonic,
) -> dict[Net, NetworkView]:
    """Look at these network namespaces once.

    Blocks for about a millisecond each; not for the thread of the screen.

    Args:
        proc: The ``/proc`` that the pids are of.
        places: What to look at.
        near: Namespaces in which the other ends of their links may be, besides our own.
        now: The clock of ``NetworkView.read_at``.

    Returns:
        A view for each place. What could not be read is None in it, and a problem.
    """
    visitable = [place for place in places if isinstance(place.net, NamespaceId)]
    around = {place.net: place for place in near if isinstance(place.net, NamespaceId)}
    with closing(Visitor()) as visitor:
        asker = Asker([(net, _opener(proc, place)) for net, place in around.items()], now)
        answers = _visited(proc, visitor, visitable, asker)
        elsewhere = _links_elsewhere(proc, visitor, answers, around)
    return {place.net: _view(proc, place, answers.get(place.net), elsewhere, now) for place in places}


def _visited(
    proc: ProcFolder, visitor: Visitor, places: Sequence[NetworkPlace], asker: Asker
) -> dict[Net, Answer | OSError]:
    answers: dict[Net, Answer | OSError] = {}
    for start in range(0, len(places), TOGETHER):
        some = places[start : start + TOGETHER]
        found = visitor.visit_with([_opener(proc, place) for place in some], Inside, asker.ask)
        answers |= zip((place.net for place in some), found, strict=True)
    return answers


def _links_elsewhere(
    proc: ProcFolder,
    visitor: Visitor,
    answers: Mapping[Net, Answer | OSError],
    around: Mapping[NamespaceId, NetworkPlace],
) -> dict[NamespaceId | None, Links]:
    """The links of those namespaces that other ends are in. One that can't be read is left out."""
    told = {net: by_index(answer.links or ()) for net, answer in answers.items() if isinstance(answer, Answer)}
    asked = [answer for answer in answers.values() if isinstance(answer, Answer)]
    wanted = {net for answer in asked for net in answer.ends.values()}
    links: dict[NamespaceId | None, Links] = {net: told[net] for net in wanted if net in told}
    unread = [net for net in wanted if net is not OURS and net not in told]
    found = visitor.visit([_opener(proc, around[net]) for net in unread], links_here)
    links |= {net: by_index(one) for net, one in zip(unread, found, strict=True) if not isinstance(one, OSError)}
    if OURS in wanted:
        numbers = {link.below for answer in asked for link in answer.links or () if _is_ours(link, answer)}
        with suppress(OSError), route_socket() as route:
            links[OURS] = by_index(links_numbered(route, {number for number in numbers if number is not None}))
    return links


def _is_ours(link: LinkMessage, answer: Answer) -> bool:
    number = link.below_in
    return number is not None and number in answer.ends and answer.ends[number] is OURS


def _view(
    proc: ProcFolder,
    place: NetworkPlace,
    answer: Answer | OSError | None,
    elsewhere: Mapping[NamespaceId | None, Links],
    now: Callable[[], float],
) -> NetworkView:
    if isinstance(answer, Answer) and isinstance(place.net, NamespaceId):
        if is_of(place.net, answer.cookie):
            return _told(proc, place, place.net, answer, elsewhere)
        answer = FileNotFoundError(errno.ESTALE, "another namespace is there now")
    if place.pid is not None and (answer is None or isinstance(answer, PermissionError)):
        view = view_from_files(proc, place.net, place.pid, now())
        if view is not None:
            problem = _problem(proc, place.net, "packet rules", PermissionError(errno.EPERM, ""))
            return replace(view, listeners=_owned(proc, view.listeners, place), problems=(problem,))
    error = answer if isinstance(answer, OSError) else FileNotFoundError(errno.ENOENT, "nothing leads there")
    return NetworkView(place.net, now(), problems=(_problem(proc, place.net, "its network", error),))


def _told(
    proc: ProcFolder,
    place: NetworkPlace,
    net: NamespaceId,
    answer: Answer,
    elsewhere: Mapping[NamespaceId | None, Links],
) -> NetworkView:
    return NetworkView(
        net=net,
        read_at=answer.read_at,
        source="netlink",
        links=None if answer.links is None else with_peers(answer.links, net, answer.ends, elsewhere),
        addresses=answer.addresses,
        routes=answer.routes,
        neighbours=answer.neighbours,
        listeners=_owned(proc, answer.listeners, place),
        connections=answer.connections,
        abstract_sockets=answer.abstract_sockets,
        rules=answer.rules,
        problems=tuple(_problem(proc, net, what, error) for what, error in answer.failed),
    )


def _owned(
    proc: ProcFolder, listeners: tuple[Listener, ...] | None, place: NetworkPlace
) -> tuple[Listener, ...] | None:
    return listeners and with_owners(proc, listeners, place.members)


def _problem(proc: ProcFolder, net: Net, what: str, error: OSError) -> Problem:
    if isinstance(error, PermissionError):
        return Problem(net.token, what, *why_refused(proc))
    return Problem(net.token, what, error.strerror or str(error))


def _opener(proc: ProcFolder, place: NetworkPlace) -> Opener:
    assert isinstance(place.net, NamespaceId)
    return opener(proc, Place(place.net, place.pid, place.pin))

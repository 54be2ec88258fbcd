"""Veths in a network namespace that pods are wired to, and where their other ends are.

A link tells the number of its other end, and of the namespace that this is in an id that only its own namespace
knows (IFLA_LINK_NETNSID). So every namespace that a process, a thread or a bind mount leads to is asked for its id
there; an id that is left is of a namespace that nothing leads to, and through it the kernel still says what is
inside (IFLA_TARGET_NETNSID, rtnetlink(7)), with the right over that namespace (CAP_NET_ADMIN).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial

from pausetui.core.doctor.veths import FarEnd, NodeSide, Veth
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.snapshot import Home
from pausetui.kernel.discovery import Discovery
from pausetui.kernel.netns import Opener, route_socket
from pausetui.kernel.netview_links import LinkMessage
from pausetui.kernel.places import Place, opener
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.veths_ask import Answer, Reached, ask_home

PATIENCE = 10.0
"""How long one home may take, in seconds: for a lost namespace every descriptor on the machine is looked at."""


def node_side(proc: ProcFolder, homes: Sequence[Home] = ()) -> NodeSide | None:
    """The node's side of the pods' networks; takes as long as a first look at every process.

    Args:
        proc: The machine's processes.
        homes: Where to look, besides our own network namespace.

    Returns:
        None where one of them could not be asked.
    """
    with closing(Discovery(proc)) as found:
        try:
            found.look()
        except OSError:
            return None
        found.pins.read()
        reached = _reached(found)
        blind = _is_blind(found, reached)
        told: list[Veth] = []
        for enter, place in _places(proc, homes, reached):
            (answer,) = found.visitor.visit_with(
                [place], route_socket, partial(ask_home, proc=proc, reached=reached), PATIENCE
            )
            if isinstance(answer, OSError):
                return None
            told += _told(answer, enter, blind)
    pinned = frozenset(one.place.namespace.inode for one in reached if not one.used)
    return NodeSide(tuple(told), pinned)


def _places(proc: ProcFolder, homes: Sequence[Home], reached: Sequence[Reached]) -> Iterator[tuple[str, Opener]]:
    """Each home that is still there: what runs a command in it, "" for ours, and how it is opened."""
    ours = os.stat("/proc/thread-self/ns/net").st_ino
    yield "", lambda: os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    others = {one.place.namespace.inode: one.place.pid for one in reached}
    for home in homes:
        is_there = proc.label(home.pid, NamespaceKind.NET) == home.net.label.encode()
        pid = home.pid if is_there else others.get(home.net.inode)
        if home.net.inode != ours and pid is not None:
            yield f"nsenter -t {pid} -n", opener(proc, Place(home.net, pid))


def _reached(found: Discovery) -> tuple[Reached, ...]:
    """Every network namespace that something leads to, once."""
    path = found.pins.path
    places: dict[NamespaceId, Reached] = {}
    for spaces, holder in found.ledger.groups():
        if spaces.net is not None:
            place = Place(spaces.net, holder, path(spaces.net.label.encode()))
            places.setdefault(spaces.net, Reached(place, used=True))
    for pin in found.pins.value:
        if pin.namespace.kind is NamespaceKind.NET:
            place = Place(pin.namespace, None, path(pin.namespace.label.encode()))
            places.setdefault(pin.namespace, Reached(place, used=False))
    return tuple(places.values())


def _is_blind(found: Discovery, reached: Sequence[Reached]) -> bool:
    """Whether a process that we may not look at is in a network namespace that nothing else leads to."""
    hidden = found.scan.hidden
    if not hidden:
        return False
    pids = (one.place.pid for one in reached if one.place.pid is not None)
    known = {found.proc.net_inode(pid) for pid in (*pids, os.getpid())}
    return any(found.proc.net_inode(pid) not in known for pid in hidden)


def _told(answer: Answer, enter: str, blind: bool) -> Iterator[Veth]:
    for link in answer.links.values():
        if link.kind != "veth" or link.below is None:
            continue
        master = answer.links.get(link.master) if link.master is not None else None
        end, reached = _end(answer, link, blind)
        yield Veth(
            name=link.name,
            index=link.index,
            end=end,
            end_index=link.below,
            bridge=master.name if master is not None else None,
            up=link.up,
            has_address=link.index in answer.addressed,
            pinned=reached.place.namespace if reached is not None and end is FarEnd.PINNED else None,
            inside=answer.inside.get(link.below_in) if link.below_in is not None else None,
            enter=enter,
        )


def _end(answer: Answer, link: LinkMessage, blind: bool) -> tuple[FarEnd, Reached | None]:
    if link.below_in is None:
        return FarEnd.HERE, None
    reached = answer.ids.get(link.below_in)
    if reached is not None:
        return (FarEnd.USED if reached.used else FarEnd.PINNED), reached
    return (FarEnd.UNKNOWN if blind else FarEnd.NOWHERE), None

"""Veths in a network namespace that pods are wired to, and where their other ends are.

A link tells the number of its other end, and of the namespace that this is in an id that only its own namespace
knows (IFLA_LINK_NETNSID). So every namespace that a process, a thread or a bind mount leads to is asked for its id
there; an id that is left is of a namespace that nothing leads to, and through it the kernel still says what is
inside (IFLA_TARGET_NETNSID, rtnetlink(7)), with the right over that namespace (CAP_NET_ADMIN).
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass

from pausetui.core.doctor.veths import FarEnd, Inside, NodeSide, Veth
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.snapshot import Home
from pausetui.kernel.addresses import written
from pausetui.kernel.discovery import Discovery
from pausetui.kernel.holding_scan import Scanner
from pausetui.kernel.netns import Opener
from pausetui.kernel.netview_links import LinkMessage, links_in
from pausetui.kernel.nsfs import kind_of
from pausetui.kernel.places import Place, opener
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.rtnetlink import (
    RTM_GETADDR,
    RTM_GETLINK,
    SECONDS,
    address_of,
    dump,
    id_here,
)

_SOL_NETLINK, _NETLINK_GET_STRICT_CHK = 270, 12
_IFLA_TARGET_NETNSID, _IFA_TARGET_NETNSID = 46, 10
_ADDRESS = struct.Struct("=BBBBI")
_LINK_SCOPE = 253


@dataclass(frozen=True, slots=True)
class _Reached:
    """What leads to a namespace: a process (or thread), or nothing but a pin."""

    place: Place
    used: bool


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
        for enter, place in _places(proc, homes):
            (answer,) = found.visitor.visit([place], lambda route: _ask(route, proc, reached))
            if isinstance(answer, OSError):
                return None
            told += _told(answer, enter, blind)
    pinned = frozenset(one.place.namespace.inode for one in reached if not one.used)
    return NodeSide(tuple(told), pinned)


def _places(proc: ProcFolder, homes: Sequence[Home]) -> Iterator[tuple[str, Opener]]:
    """Each home once: what runs a command in it, "" for the one that we are in, and how it is opened."""
    ours = os.stat("/proc/thread-self/ns/net").st_ino
    yield "", lambda: os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    for home in homes:
        if home.net.inode != ours:
            yield f"nsenter -t {home.pid} -n", opener(proc, Place(home.net, home.pid))


def _reached(found: Discovery) -> tuple[_Reached, ...]:
    """Every network namespace that something leads to, once."""
    path = found.pins.path
    places: dict[NamespaceId, _Reached] = {}
    for spaces, holder in found.ledger.groups():
        if spaces.net is not None:
            place = Place(spaces.net, holder, path(spaces.net.label.encode()))
            places.setdefault(spaces.net, _Reached(place, used=True))
    for pin in found.pins.value:
        if pin.namespace.kind is NamespaceKind.NET:
            place = Place(pin.namespace, None, path(pin.namespace.label.encode()))
            places.setdefault(pin.namespace, _Reached(place, used=False))
    return tuple(places.values())


def _is_blind(found: Discovery, reached: Sequence[_Reached]) -> bool:
    """Whether a process that we may not look at is in a network namespace that nothing else leads to."""
    hidden = found.scan.hidden
    if not hidden:
        return False
    pids = (one.place.pid for one in reached if one.place.pid is not None)
    known = {found.proc.net_inode(pid) for pid in (*pids, os.getpid())}
    return any(found.proc.net_inode(pid) not in known for pid in hidden)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one home said: its links, which of them have addresses, whose an id is, and what is in nobody's."""

    links: Mapping[int, LinkMessage]
    addressed: frozenset[int]
    ids: Mapping[int, _Reached]
    inside: Mapping[int, Inside | None]


def _ask(route: socket.socket, proc: ProcFolder, reached: Sequence[_Reached]) -> _Answer:
    route.settimeout(SECONDS)
    links = {link.index: link for link in links_in(dump(route, RTM_GETLINK, bytes(16)))}
    addresses = dump(route, RTM_GETADDR, bytes(_ADDRESS.size))
    ids = dict(_ids(route, proc, reached))
    ends = {link.below_in for link in links.values() if link.kind == "veth" and link.below_in is not None}
    lost = ends - ids.keys()
    if lost:
        # Only a strict request for addresses is asked of another namespace.
        route.setsockopt(_SOL_NETLINK, _NETLINK_GET_STRICT_CHK, 1)
    holders = _holders(route, proc, lost) if lost else {}
    inside = {number: _inside(route, number, holders.get(number, ())) for number in lost}
    return _Answer(links, frozenset(_with_addresses(addresses)), ids, inside)


def _with_addresses(messages: Sequence[bytes]) -> Iterator[int]:
    for message in messages:
        _, _, _, scope, index = _ADDRESS.unpack_from(message)
        if scope < _LINK_SCOPE:
            yield index


def _ids(route: socket.socket, proc: ProcFolder, reached: Sequence[_Reached]) -> Iterator[tuple[int, _Reached]]:
    for one in reached:
        with suppress(OSError):  # it has ended meanwhile
            descriptor = opener(proc, one.place)()
            try:
                number = id_here(route, descriptor)
            finally:
                os.close(descriptor)
            if number is not None:
                yield number, one


def _holders(route: socket.socket, proc: ProcFolder, lost: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Which processes have a namespace of these ids open."""
    found = Scanner(proc, (NamespaceKind.NET,), ()).scan()
    holders: dict[int, tuple[str, ...]] = {}
    for label, places in found.descriptors.items():
        if kind_of(label) != NamespaceKind.NET or label in found.members or label in found.threads:
            continue
        pid, number = places[0]
        with suppress(OSError):  # it was closed meanwhile
            descriptor = os.open(f"{proc.path.rstrip('/')}/{pid}/fd/{number}", os.O_RDONLY | os.O_CLOEXEC)
            try:
                known_as = id_here(route, descriptor)
            finally:
                os.close(descriptor)
            if known_as is not None and known_as in lost:
                holders[known_as] = tuple(_named(proc, pids) for pids in sorted({each for each, _ in places}))
    return holders


def _named(proc: ProcFolder, pid: int) -> str:
    stat = proc.stat(pid)
    return f"{stat.name if stat else '?'} (pid {pid})"


def _inside(route: socket.socket, number: int, holders: tuple[str, ...]) -> Inside | None:
    """What is in the namespace of this id; None if we may not ask, or it has ended."""
    link = struct.pack("=HHi", 8, _IFLA_TARGET_NETNSID, number)
    address = struct.pack("=HHi", 8, _IFA_TARGET_NETNSID, number)
    try:
        links = links_in(dump(route, RTM_GETLINK, bytes(16) + link))
        addresses = tuple(map(address_of, dump(route, RTM_GETADDR, bytes(_ADDRESS.size) + address)))
    except OSError:
        return None
    names = tuple((one.name, one.kind) for one in links)
    return Inside(names, written(one for one in addresses if one), holders)


def _told(answer: _Answer, enter: str, blind: bool) -> Iterator[Veth]:
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


def _end(answer: _Answer, link: LinkMessage, blind: bool) -> tuple[FarEnd, _Reached | None]:
    if link.below_in is None:
        return FarEnd.HERE, None
    reached = answer.ids.get(link.below_in)
    if reached is not None:
        return (FarEnd.USED if reached.used else FarEnd.PINNED), reached
    return (FarEnd.UNKNOWN if blind else FarEnd.NOWHERE), None

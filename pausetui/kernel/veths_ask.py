"""What one network namespace that pods are wired to says of its veths, and of namespaces that nothing leads to."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pausetui.core.doctor.veths import Inside
from pausetui.core.namespaces import NamespaceKind
from pausetui.kernel.addresses import written
from pausetui.kernel.holding_scan import Scanner
from pausetui.kernel.netview_links import LinkMessage, links_in
from pausetui.kernel.nsfs import kind_of, open_namespace
from pausetui.kernel.places import Place, opener
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.routes import be_strict
from pausetui.kernel.rtnetlink import RTM_GETADDR, RTM_GETLINK, SECONDS, address_of, dump, id_here

_IFLA_TARGET_NETNSID, _IFA_TARGET_NETNSID = 46, 10
_ADDRESS = struct.Struct("=BBBBI")
_LINK_SCOPE = 253


@dataclass(frozen=True, slots=True)
class Reached:
    """What leads to a namespace: a process (or thread), or nothing but a pin."""

    place: Place
    used: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What one home said: its links, which of them have addresses, whose an id is, and what is in nobody's."""

    links: Mapping[int, LinkMessage]
    addressed: frozenset[int]
    ids: Mapping[int, Reached]
    inside: Mapping[int, Inside | None]


def ask_home(route: socket.socket, proc: ProcFolder, reached: Sequence[Reached]) -> Answer:
    """Ask through a route socket that is in it.

    Raises:
        OSError: The kernel refused, or did not answer in time.
    """
    route.settimeout(SECONDS)
    links = {link.index: link for link in links_in(dump(route, RTM_GETLINK, bytes(16)))}
    addresses = dump(route, RTM_GETADDR, bytes(_ADDRESS.size))
    ids = dict(_ids(route, proc, reached))
    ends = {link.below_in for link in links.values() if link.kind == "veth" and link.below_in is not None}
    lost = ends - ids.keys()
    if lost:
        be_strict(route)  # only a strict request for addresses is asked of another namespace
    holders = _holders(route, proc, lost) if lost else {}
    inside = {number: _inside(route, number, holders.get(number, ())) for number in lost}
    return Answer(links, frozenset(_with_addresses(addresses)), ids, inside)


def _with_addresses(messages: Sequence[bytes]) -> Iterator[int]:
    for message in messages:
        _, _, _, scope, index = _ADDRESS.unpack_from(message)
        if scope < _LINK_SCOPE:
            yield index


def _ids(route: socket.socket, proc: ProcFolder, reached: Sequence[Reached]) -> Iterator[tuple[int, Reached]]:
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
            descriptor = open_namespace(f"{proc.path.rstrip('/')}/{pid}/fd/{number}", follow=True)
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

"""What is asked inside one network namespace, part by part: one that fails spoils no other."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from pausetui.core.namespaces import NamespaceId
from pausetui.core.network import LegacyTable, LinkAddress, Listener, Neighbour, NftRules, PacketRules, Route
from pausetui.kernel.netns import Opener
from pausetui.kernel.netview_inside import Inside
from pausetui.kernel.netview_links import LinkMessage, links_in
from pausetui.kernel.netview_messages import (
    RTM_GETNEIGH,
    addresses_in,
    neighbours_in,
    routes_in,
)
from pausetui.kernel.places import read_cookie
from pausetui.kernel.routes import dump_routes
from pausetui.kernel.rtnetlink import RTM_GETADDR, RTM_GETLINK, SECONDS, ask, dump, id_here
from pausetui.kernel.rules import legacy_table, nft_rules, table_names
from pausetui.kernel.sockets import abstract_in, connections_in, has_connections, listeners_by_diag

T = TypeVar("T")
_BODIES = {RTM_GETLINK: 16, RTM_GETADDR: 8, RTM_GETNEIGH: 12}
"""The length of the fixed part of a request."""
FEW = 8
"""Up to how many links are asked for one by one."""
_LEGACY = {4: "ip_tables_names", 6: "ip6_tables_names"}
OURS = None
"""Instead of a namespace: the one that we are in."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one namespace said. None for what could not be read; ``failed`` has the part's name and why.

    Attributes:
        ends: In which namespace a link's other end is (``OURS``, or one of those that were near), by the id that
            the namespace of the link has for it.
    """

    read_at: float
    cookie: int | None
    links: tuple[LinkMessage, ...] | None
    addresses: tuple[LinkAddress, ...] | None
    routes: tuple[Route, ...] | None
    neighbours: tuple[Neighbour, ...] | None
    listeners: tuple[Listener, ...] | None
    connections: Mapping[str, int] | None
    abstract_sockets: int | None
    rules: PacketRules
    ends: Mapping[int, NamespaceId | None]
    failed: tuple[tuple[str, OSError], ...]


def links_here(route: socket.socket) -> tuple[LinkMessage, ...]:
    """All links of the namespace that a route socket is in.

    Raises:
        OSError: The kernel refused, or did not answer in time.
    """
    return links_in(_dumped(route, RTM_GETLINK))


def links_numbered(route: socket.socket, wanted: Collection[int]) -> tuple[LinkMessage, ...]:
    """These links of the namespace that a route socket is in, and the bridges that they are ports of.

    A few are asked for one by one: of a node with 500 pods all links take 25 ms.

    Raises:
        OSError: The kernel refused, or did not answer in time.
    """
    if len(wanted) > FEW:
        return links_here(route)
    ends = [link for index in wanted for link in _link_numbered(route, index)]
    masters = {link.master for link in ends if link.master is not None} - set(wanted)
    return (*ends, *(link for index in masters for link in _link_numbered(route, index)))


def _link_numbered(route: socket.socket, index: int) -> tuple[LinkMessage, ...]:
    with suppress(OSError):  # it is gone
        return links_in([ask(route, RTM_GETLINK, struct.pack("=BxHiII", 0, 0, index, 0, 0))])
    return ()


class _Parts:
    def __init__(self) -> None:
        self.failed: list[tuple[str, OSError]] = []

    def read(self, what: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except OSError as error:
            self.failed.append((what, error))
            return None


class Asker:
    """Asks one namespace after another, in the visitor's thread."""

    def __init__(self, near: Sequence[tuple[NamespaceId, Opener]], now: Callable[[], float]) -> None:
        """``near``: the namespaces besides our own that other ends of links are looked for in."""
        self._candidates: tuple[tuple[NamespaceId | None, Opener], ...] = ((OURS, _open_ours), *near)
        self._now = now

    def ask(self, inside: Inside) -> Answer:
        """All parts. Never raises for one of them."""
        parts = _Parts()
        read_at, cookie = self._now(), read_cookie(inside.route)
        links = parts.read("links", lambda: links_here(inside.route))
        names = {link.index: link.name for link in links or ()}
        listeners = parts.read("listening sockets", lambda: _listeners(inside, names))
        return Answer(
            read_at=read_at,
            cookie=cookie,
            links=links,
            addresses=parts.read("addresses", lambda: addresses_in(_dumped(inside.route, RTM_GETADDR), names)),
            routes=parts.read("routes", lambda: routes_in(dump_routes(inside.route), names)),
            neighbours=parts.read("neighbours", lambda: neighbours_in(_dumped(inside.route, RTM_GETNEIGH), names)),
            listeners=listeners,
            connections=parts.read("connections", lambda: _connections(inside, listeners)),
            abstract_sockets=parts.read("abstract sockets", lambda: abstract_in(_file(inside, "unix"))),
            rules=PacketRules(
                parts.read("nftables rules", lambda: _nft(inside)),
                parts.read("iptables rules", lambda: _legacy(inside)),
            ),
            ends=self._ends(inside.route, links or ()),
            failed=tuple(parts.failed),
        )

    def _ends(self, route: socket.socket, links: Sequence[LinkMessage]) -> dict[int, NamespaceId | None]:
        wanted = {link.below_in for link in links if link.below_in is not None}
        found: dict[int, NamespaceId | None] = {}
        for candidate in self._candidates if wanted else ():
            number = _id_of(route, candidate[1])
            if number in wanted:
                found[number] = candidate[0]
                # The other pods' links mostly end in the same place.
                others = (other for other in self._candidates if other is not candidate)
                self._candidates = (candidate, *others)
            if found.keys() == wanted:
                break
        return found


def _id_of(route: socket.socket, open_it: Opener) -> int:
    """The id that the route socket's namespace has for another one; -1 if it has none."""
    try:
        descriptor = open_it()
    except OSError:
        return -1
    try:
        number = id_here(route, descriptor)
    except OSError:
        return -1
    finally:
        os.close(descriptor)
    return -1 if number is None else number


def _open_ours() -> int:
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _dumped(route: socket.socket, kind: int) -> list[bytes]:
    route.settimeout(SECONDS)
    return dump(route, kind, bytes(_BODIES[kind]))


def _there(made: socket.socket | None) -> socket.socket:
    if made is None:
        raise OSError("this kernel has no such socket")
    return made


def _file(inside: Inside, name: str) -> bytes:
    raw = inside.read(name)
    if raw is None:
        raise OSError(f"/proc/net/{name} can't be read")
    return raw


def _listeners(inside: Inside, names: Mapping[int, str]) -> tuple[Listener, ...]:
    return listeners_by_diag(_there(inside.diag), names, inside.used)


def _connections(inside: Inside, listeners: tuple[Listener, ...] | None) -> dict[str, int]:
    sockstat, sockstat6 = inside.read("sockstat") or b"", inside.read("sockstat6") or b"TCP6: inuse 0"
    if listeners is not None and not has_connections(listeners, sockstat, sockstat6):
        return {}
    return connections_in(_file(inside, "tcp"), inside.read("tcp6") or b"")


def _nft(inside: Inside) -> NftRules:
    return nft_rules(inside.netfilter) if inside.netfilter is not None else NftRules()


def _legacy(inside: Inside) -> tuple[LegacyTable, ...]:
    """Of every table that there is; without the files there is none."""
    return tuple(
        legacy_table(_there(inside.inet[version]), version, name)
        for version, file in _LEGACY.items()
        for name in table_names(inside.read(file) or b"")
    )

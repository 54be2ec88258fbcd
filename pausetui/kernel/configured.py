"""What is configured in a network namespace, in one go: links, addresses, and the ways out that somebody made."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

from pausetui.kernel.routes import BY_KERNEL, RouteMessage, dump_routes, routes_of
from pausetui.kernel.rtnetlink import RTM_GETADDR, RTM_GETLINK, SECONDS, address_of, attributes, dump

_LINK = struct.Struct("=BxHiII")
_ADDRESS_BODY = 8
_IFLA_IFNAME, _IFLA_MTU = 3, 4
_IFF_UP, _IFF_LOWER_UP = 0x1, 0x10000


@dataclass(frozen=True, slots=True)
class LinkSeen:
    """A link: ``carrier`` says whether its other end is up, too. ``mtu`` in bytes, 0 if not told."""

    index: int
    name: bytes
    up: bool
    carrier: bool
    mtu: int


@dataclass(frozen=True, slots=True)
class Configured:
    """What a namespace has: its links, its addresses as bytes (4 or 16 of them), its routes.

    Attributes:
        routes: Those of the main table, without those that the kernel made by itself.
    """

    links: tuple[LinkSeen, ...] = ()
    addresses: tuple[bytes, ...] = ()
    routes: tuple[RouteMessage, ...] = ()


def read_configured(route: socket.socket) -> Configured:
    """Ask a route socket what there is in its namespace.

    Raises:
        OSError: The kernel refused, answered nonsense, or did not answer in time.
    """
    route.settimeout(SECONDS)
    links = [
        _link(message) for message in dump(route, RTM_GETLINK, bytes(_LINK.size)) if len(message) >= _LINK.size
    ]
    addresses = [address_of(message) for message in dump(route, RTM_GETADDR, bytes(_ADDRESS_BODY))]
    routes = [one for message in dump_routes(route) for one in routes_of(message, but_for=BY_KERNEL)]
    return Configured(tuple(links), tuple(found for found in addresses if found), tuple(routes))


def _link(message: bytes) -> LinkSeen:
    _, _, index, flags, _ = _LINK.unpack_from(message)
    name, mtu = b"", 0
    for kind, value in attributes(message, _LINK.size):
        if kind == _IFLA_IFNAME:
            name = value.rstrip(b"\0")
        elif kind == _IFLA_MTU and len(value) == 4:
            mtu = int(struct.unpack("=I", value)[0])
            break  # the name comes before it
    return LinkSeen(index, name, bool(flags & _IFF_UP), bool(flags & _IFF_LOWER_UP), mtu)

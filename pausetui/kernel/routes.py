"""Routes of the main table out of netlink messages: rtnetlink(7), include/uapi/linux/rtnetlink.h.

Pure. A message that is too short, or an attribute of the wrong length, is passed over.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pausetui.kernel.rtnetlink import SECONDS, attributes, dump

_RTM_GETROUTE = 26
_SOL_NETLINK, _GET_STRICT_CHK = 270, 12
BY_KERNEL = 2
"""RTPROT_KERNEL: the kernel made the route, together with a link or an address."""
UNICAST = 1
_RTA_DST, _RTA_OIF, _RTA_GATEWAY, _RTA_PRIORITY = 1, 4, 5, 6
_RTA_PREFSRC, _RTA_MULTIPATH, _RTA_TABLE, _RTA_VIA = 7, 9, 15, 18
_ROUTE = struct.Struct("=BBBBBBBBI")
_NEXT_HOP = struct.Struct("=HBBi")
_NUMBER = struct.Struct("=I")
_MAIN, _LOCAL = 254, 255
_CLONED = 0x200


@dataclass(frozen=True, slots=True)
class RouteMessage:
    """A route as the kernel tells it; one over several next hops is one of these for each.

    Attributes:
        version: 4 or 6.
        destination: "default", or an address and its prefix length.
        gateway: The next hop, or None if it is on the link.
        link: The number of the link, or None.
        kind: RTN_UNICAST …, rtnetlink(7).
        metric: Smaller is preferred.
        protocol: Who made it: RTPROT_KERNEL …
        source: The address that packets on this way get as theirs, or None.
    """

    version: int
    destination: str
    gateway: str | None
    link: int | None
    kind: int
    metric: int
    protocol: int
    source: str | None


def be_strict(route: socket.socket) -> None:
    """Have the kernel take what is asked for to the letter: which table, which namespace.

    Raises:
        OSError: It can't: before Linux 4.20.
    """
    route.setsockopt(_SOL_NETLINK, _GET_STRICT_CHK, 1)


def dump_routes(route: socket.socket) -> list[bytes]:
    """All routes of the namespace that a route socket is in; of the main table alone where the kernel can choose.

    Raises:
        OSError: The kernel refused, or did not answer in time.
    """
    with contextlib.suppress(OSError):  # before Linux 4.20
        be_strict(route)
    route.settimeout(SECONDS)
    return dump(route, _RTM_GETROUTE, _ROUTE.pack(0, 0, 0, 0, _MAIN, 0, 0, 0, 0))


def routes_of(message: bytes, *, but_for: int | None = None) -> Iterator[RouteMessage]:
    """The route in one message, if it is one of the main table; ``but_for``: unless it was made by these."""
    if len(message) < _ROUTE.size:
        return
    family, length, _, _, table, protocol, _, kind, flags = _ROUTE.unpack_from(message)
    # Most of what is told are routes to the machine's own addresses: they are not taken apart.
    if table == _LOCAL or protocol == but_for or flags & _CLONED or family not in (socket.AF_INET, socket.AF_INET6):
        return
    found = dict(attributes(message, _ROUTE.size))
    if (_number(found.get(_RTA_TABLE)) or table) != _MAIN:
        return
    to = written(found.get(_RTA_DST))
    for index, gateway in _next_hops(found):
        yield RouteMessage(
            version=6 if family == socket.AF_INET6 else 4,
            destination=f"{to}/{length}" if to is not None else "default",
            gateway=gateway,
            link=index,
            kind=kind,
            metric=_number(found.get(_RTA_PRIORITY)) or 0,
            protocol=protocol,
            source=written(found.get(_RTA_PREFSRC)),
        )


def written(address: bytes | None) -> str | None:
    """An address of 4 or 16 bytes as text, None for anything else."""
    if address is None or len(address) not in (4, 16):
        return None
    return socket.inet_ntop(socket.AF_INET if len(address) == 4 else socket.AF_INET6, address)


def _next_hops(found: Mapping[int, bytes]) -> Iterator[tuple[int | None, str | None]]:
    raw = found.get(_RTA_MULTIPATH)
    if raw is None:
        yield _number(found.get(_RTA_OIF)), _gateway(found)
        return
    while len(raw) >= _NEXT_HOP.size:
        length, _, _, index = _NEXT_HOP.unpack_from(raw)
        if length < _NEXT_HOP.size:
            return
        yield index, _gateway(dict(attributes(raw[:length], _NEXT_HOP.size)))
        raw = raw[(length + 3) & ~3 :]


def _gateway(found: Mapping[int, bytes]) -> str | None:
    # RTA_VIA is a gateway of the other family: two bytes of family, then the address.
    return written(found.get(_RTA_GATEWAY)) or written(found.get(_RTA_VIA, b"")[2:])


def _number(raw: bytes | None) -> int | None:
    if raw is None or len(raw) != _NUMBER.size:
        return None
    number: int = _NUMBER.unpack(raw)[0]
    return number

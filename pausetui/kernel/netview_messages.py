"""Addresses, routes and neighbours out of netlink messages: rtnetlink(7), include/uapi/linux/rtnetlink.h.

Pure. A message that is too short, or an attribute of the wrong length, is passed over.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Iterator, Mapping

from pausetui.core.network import LinkAddress, Neighbour, Route
from pausetui.kernel.netview_links import number_of
from pausetui.kernel.netview_words import (
    flag_names,
    neighbour_state_name,
    protocol_name,
    route_kind_name,
    scope_name,
)
from pausetui.kernel.rtnetlink import attributes

RTM_GETROUTE, RTM_GETNEIGH = 26, 30
_IFA_ADDRESS, _IFA_LOCAL, _IFA_FLAGS = 1, 2, 8
_RTA_DST, _RTA_OIF, _RTA_GATEWAY, _RTA_PRIORITY = 1, 4, 5, 6
_RTA_PREFSRC, _RTA_MULTIPATH, _RTA_TABLE, _RTA_VIA = 7, 9, 15, 18
_NDA_DST, _NDA_LLADDR = 1, 2
_ADDRESS = struct.Struct("=BBBBI")
_ROUTE = struct.Struct("=BBBBBBBBI")
_NEXT_HOP = struct.Struct("=HBBi")
_NEIGHBOUR = struct.Struct("=BxxxiHBB")

_MAIN = 254
_NOARP = 0x40


def addresses_in(messages: Iterable[bytes], names: Mapping[int, str]) -> tuple[LinkAddress, ...]:
    """In the kernel's order; ``names`` are those of the links, by index."""
    return tuple(
        address
        for message in messages
        if len(message) >= _ADDRESS.size and (address := _address(message, names)) is not None
    )


def routes_in(messages: Iterable[bytes], names: Mapping[int, str]) -> tuple[Route, ...]:
    """Those of the main table, in the kernel's order."""
    return tuple(route for message in messages if len(message) >= _ROUTE.size for route in _routes(message, names))


def neighbours_in(messages: Iterable[bytes], names: Mapping[int, str]) -> tuple[Neighbour, ...]:
    """All that needed resolution, in the kernel's order."""
    return tuple(
        neighbour
        for message in messages
        if len(message) >= _NEIGHBOUR.size and (neighbour := _neighbour(message, names)) is not None
    )


def written(address: bytes | None) -> str | None:
    """An address of 4 or 16 bytes as text, None for anything else."""
    if address is None or len(address) not in (4, 16):
        return None
    return socket.inet_ntop(socket.AF_INET if len(address) == 4 else socket.AF_INET6, address)


def _address(message: bytes, names: Mapping[int, str]) -> LinkAddress | None:
    family, prefix, few_flags, scope, index = _ADDRESS.unpack_from(message)
    found = dict(attributes(message, _ADDRESS.size))
    other = found.get(_IFA_ADDRESS)
    ours = found.get(_IFA_LOCAL) or other
    address = written(ours)
    if address is None:
        return None
    flags = number_of(found.get(_IFA_FLAGS))
    return LinkAddress(
        address=address,
        prefix=prefix,
        link=names.get(index),
        scope=scope_name(scope),
        flags=flag_names(few_flags if flags is None else flags, 6 if family == socket.AF_INET6 else 4),
        other=written(other) if other != ours else None,
    )


def _routes(message: bytes, names: Mapping[int, str]) -> Iterator[Route]:
    family, length, _, _, table, protocol, _, kind, _ = _ROUTE.unpack_from(message)
    found = dict(attributes(message, _ROUTE.size))
    if family not in (socket.AF_INET, socket.AF_INET6) or (number_of(found.get(_RTA_TABLE)) or table) != _MAIN:
        return
    to = written(found.get(_RTA_DST))
    for index, gateway in _next_hops(found):
        yield Route(
            version=6 if family == socket.AF_INET6 else 4,
            destination=f"{to}/{length}" if to is not None else "default",
            gateway=gateway,
            link=names.get(index) if index is not None else None,
            kind=route_kind_name(kind),
            metric=(number_of(found.get(_RTA_PRIORITY)) or 0) & 0xFFFFFFFF,
            protocol=protocol_name(protocol),
            source=written(found.get(_RTA_PREFSRC)),
        )


def _next_hops(found: Mapping[int, bytes]) -> Iterator[tuple[int | None, str | None]]:
    raw = found.get(_RTA_MULTIPATH)
    if raw is None:
        yield number_of(found.get(_RTA_OIF)), _gateway(found)
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


def _neighbour(message: bytes, names: Mapping[int, str]) -> Neighbour | None:
    _, index, state, _, _ = _NEIGHBOUR.unpack_from(message)
    found = dict(attributes(message, _NEIGHBOUR.size))
    address = written(found.get(_NDA_DST))
    if address is None or not state or state & _NOARP:
        return None
    mac = found.get(_NDA_LLADDR)
    return Neighbour(
        address=address,
        mac=mac.hex(":") if mac else None,
        link=names.get(index),
        state=neighbour_state_name(state),
    )

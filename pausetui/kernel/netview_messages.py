"""Addresses, routes and neighbours out of netlink messages: rtnetlink(7), include/uapi/linux/rtnetlink.h.

Pure. A message that is too short, or an attribute of the wrong length, is passed over.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Mapping

from pausetui.core.network import LinkAddress, Neighbour, Route
from pausetui.kernel.netview_links import number_of
from pausetui.kernel.netview_words import (
    flag_names,
    neighbour_state_name,
    protocol_name,
    route_kind_name,
    scope_name,
)
from pausetui.kernel.routes import RouteMessage, routes_of, written
from pausetui.kernel.rtnetlink import attributes

RTM_GETNEIGH = 30
_IFA_ADDRESS, _IFA_LOCAL, _IFA_FLAGS = 1, 2, 8
_NDA_DST, _NDA_LLADDR = 1, 2
_ADDRESS = struct.Struct("=BBBBI")
_NEIGHBOUR = struct.Struct("=BxxxiHBB")
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
    return tuple(_route(one, names) for message in messages for one in routes_of(message))


def neighbours_in(messages: Iterable[bytes], names: Mapping[int, str]) -> tuple[Neighbour, ...]:
    """All that needed resolution, in the kernel's order."""
    return tuple(
        neighbour
        for message in messages
        if len(message) >= _NEIGHBOUR.size and (neighbour := _neighbour(message, names)) is not None
    )


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


def _route(found: RouteMessage, names: Mapping[int, str]) -> Route:
    return Route(
        version=found.version,
        destination=found.destination,
        gateway=found.gateway,
        link=names.get(found.link) if found.link is not None else None,
        kind=route_kind_name(found.kind),
        metric=found.metric,
        protocol=protocol_name(found.protocol),
        source=found.source,
    )


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

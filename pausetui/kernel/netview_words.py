"""What iproute2 calls the kernel's numbers: include/uapi/linux/{if,if_addr,rtnetlink,neighbour}.h, ip(8). Pure."""

from __future__ import annotations

_OPERSTATES = ("unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up")
_SCOPES = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}
_FLAGS = (
    "temporary",  # of version 4: secondary
    "nodad",
    "optimistic",
    "dadfailed",
    "homeaddress",
    "deprecated",
    "tentative",
    "permanent",
    "mngtmpaddr",
    "noprefixroute",
    "autojoin",
    "stable-privacy",
)
"""Of an address, by the bit's place."""
_ROUTE_KINDS = {
    1: "unicast",
    2: "local",
    3: "broadcast",
    4: "anycast",
    5: "multicast",
    6: "blackhole",
    7: "unreachable",
    8: "prohibit",
    9: "throw",
    10: "nat",
}
_PROTOCOLS = {
    1: "redirect",
    2: "kernel",
    3: "boot",
    4: "static",
    9: "ra",
    11: "zebra",
    12: "bird",
    16: "dhcp",
    18: "keepalived",
    42: "babel",
    186: "bgp",
    187: "isis",
    188: "ospf",
    189: "rip",
    192: "eigrp",
}
_NEIGHBOUR_STATES = {
    0x01: "incomplete",
    0x02: "reachable",
    0x04: "stale",
    0x08: "delay",
    0x10: "probe",
    0x20: "failed",
    0x80: "permanent",
}


def operstate_name(number: int) -> str:
    """The state of a link, RFC 2863."""
    return _OPERSTATES[number] if number < len(_OPERSTATES) else str(number)


def scope_name(number: int) -> str:
    """The scope of an address."""
    return _SCOPES.get(number, str(number))


def flag_names(flags: int, version: int) -> tuple[str, ...]:
    """The flags of an address of version 4 or 6."""
    names = [name for place, name in enumerate(_FLAGS) if flags & 1 << place]
    if version == 4 and flags & 1:
        names[0] = "secondary"
    return tuple(names)


def route_kind_name(number: int) -> str:
    """What becomes of packets on a route."""
    return _ROUTE_KINDS.get(number, str(number))


def protocol_name(number: int) -> str | None:
    """Who made a route; None if nobody said."""
    return _PROTOCOLS.get(number, str(number)) if number else None


def neighbour_state_name(bits: int) -> str:
    """The state of a neighbour."""
    return next((name for bit, name in _NEIGHBOUR_STATES.items() if bits & bit), str(bits))

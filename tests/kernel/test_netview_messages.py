"""Messages of links, addresses, routes and neighbours: right on what the kernel sends, quiet on the rest."""

from __future__ import annotations

import struct
from socket import AF_INET, AF_INET6, inet_pton

from hypothesis import given
from hypothesis import strategies as st

from pausetui.core.namespaces import IdentifiedBy, NamespaceId, NamespaceKind
from pausetui.core.network import Counters, LinkAddress, Neighbour, Peer, Route
from pausetui.kernel.netview_links import LinkMessage, links_in
from pausetui.kernel.netview_messages import addresses_in, neighbours_in, routes_in
from pausetui.kernel.netview_peers import by_index, with_peers
from tests.kernel.test_rtnetlink import attribute

NAMES = {1: "lo", 2: "eth0"}


def number(value: int) -> bytes:
    return struct.pack("=i", value)


def link(index: int, name: bytes, *attributes: bytes, flags: int = 0x10043, hardware: int = 1) -> bytes:
    fixed = struct.pack("=BxHiII", 0, hardware, index, flags, 0)
    return fixed + attribute(3, name + b"\0") + b"".join(attributes)


def route(family: int, length: int, *attributes: bytes, table: int = 254, kind: int = 1) -> bytes:
    return struct.pack("=BBBBBBBBI", family, length, 0, 0, table, 4, 0, kind, 0) + b"".join(attributes)


@given(st.lists(st.binary(max_size=120), max_size=4))
def test_no_bytes_at_all_make_them_fail(messages: list[bytes]) -> None:
    links_in(messages)
    addresses_in(messages, NAMES)
    routes_in(messages, NAMES)
    neighbours_in(messages, NAMES)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.binary(max_size=40)), max_size=8), st.binary(min_size=16, max_size=16)
)
def test_no_attributes_at_all_make_them_fail(found: list[tuple[int, bytes]], fixed: bytes) -> None:
    tail = b"".join(attribute(kind, value) for kind, value in found)
    links_in([fixed + tail])
    addresses_in([fixed[:8] + tail], NAMES)
    for family in (AF_INET, AF_INET6):
        routes_in([bytes([family]) + fixed[1:4] + b"\xfe" + fixed[5:12] + tail], NAMES)
    neighbours_in([fixed[:12] + tail], NAMES)


def test_a_link_is_read_whole() -> None:
    kind = attribute(18, attribute(1, b"veth\0"))
    stats = attribute(23, struct.pack("=25Q", *range(1, 26)))
    mac = attribute(1, bytes.fromhex("020000000007"))
    message = link(
        2, b"eth0", mac, attribute(4, number(1400)), attribute(16, b"\6"), kind, stats, attribute(5, number(9))
    )
    assert links_in([message]) == (
        LinkMessage(
            index=2,
            name="eth0",
            kind="veth",
            flags=0x10043,
            operstate="up",
            mac="02:00:00:00:00:07",
            mtu=1400,
            master=None,
            below=9,
            below_in=None,
            counters=Counters(3, 4, 1, 2, 5, 6, 7, 8),
        ),
    )


def test_loopback_is_called_so_and_has_no_address() -> None:
    (found,) = links_in([link(1, b"lo", attribute(1, bytes(6)), hardware=772)])
    assert (found.kind, found.mac) == ("loopback", None)


def test_a_name_is_made_harmless() -> None:
    assert links_in([link(1, b"a\x1b[1m")])[0].name == r"a\x1b[1m"


def test_long_flags_of_an_address_count_and_our_end_is_the_address() -> None:
    ours, theirs = inet_pton(AF_INET, "10.0.0.1"), inet_pton(AF_INET, "10.0.0.2")
    flags = attribute(8, number(0x1 | 0x80 | 0x200))
    message = struct.pack("=BBBBI", AF_INET, 32, 0x80, 253, 2) + attribute(1, theirs) + attribute(2, ours) + flags
    assert addresses_in([message], NAMES) == (
        LinkAddress("10.0.0.1", 32, "eth0", "link", ("secondary", "permanent", "noprefixroute"), "10.0.0.2"),
    )


def test_an_address_that_somebody_else_has_says_so() -> None:
    message = struct.pack("=BBBBI", AF_INET6, 64, 0x48, 0, 2) + attribute(1, inet_pton(AF_INET6, "fd00::1"))
    assert addresses_in([message], NAMES)[0].flags == ("dadfailed", "tentative")


def test_only_routes_of_the_main_table_count_wherever_its_number_is() -> None:
    to = attribute(1, inet_pton(AF_INET, "10.1.0.0"))
    messages = [
        route(AF_INET, 16, to, table=255),
        route(AF_INET, 16, to, attribute(15, number(1000))),
        route(AF_INET, 16, to, attribute(15, number(254)), table=0),
    ]
    assert routes_in(messages, NAMES) == (Route(4, "10.1.0.0/16", protocol="static"),)


def test_a_route_over_two_hops_is_two_and_a_gateway_may_be_of_the_other_family() -> None:
    via = attribute(18, struct.pack("=H", AF_INET6) + inet_pton(AF_INET6, "fe80::1"))
    first = attribute(5, inet_pton(AF_INET, "10.0.0.1"))
    hops = b"".join(
        struct.pack("=HBBi", 8 + len(hop), 0, 0, 2) + hop.ljust((len(hop) + 3) & ~3) for hop in (first, via)
    )
    found = routes_in([route(AF_INET, 0, attribute(9, hops), attribute(6, number(-1)))], NAMES)
    assert [(one.destination, one.gateway, one.link) for one in found] == [
        ("default", "10.0.0.1", "eth0"),
        ("default", "fe80::1", "eth0"),
    ]
    assert {one.metric for one in found} == {0xFFFFFFFF}


def test_neighbours_that_need_no_resolution_are_left_out() -> None:
    def neighbour(state: int, *attributes: bytes) -> bytes:
        there = attribute(1, inet_pton(AF_INET, "10.0.0.9"))
        return struct.pack("=BxxxiHBB", AF_INET, 2, state, 0, 1) + there + b"".join(attributes)

    mac = attribute(2, bytes.fromhex("020000000009"))
    assert neighbours_in([neighbour(0x40, mac), neighbour(0), neighbour(4, mac), neighbour(0x20)], NAMES) == (
        Neighbour("10.0.0.9", "02:00:00:00:00:09", "eth0", "stale"),
        Neighbour("10.0.0.9", None, "eth0", "failed"),
    )


def net(identity: int) -> NamespaceId:
    return NamespaceId(NamespaceKind.NET, identity, identity, IdentifiedBy.NS_ID)


def test_other_ends_are_looked_up_in_the_namespace_that_the_id_means() -> None:
    ids = [attribute(37, number(identity)) for identity in (0, 1, 2)]
    mine = links_in([link(2 + place, b"eth%d" % place, attribute(5, number(7)), ids[place]) for place in range(3)])
    node = by_index(links_in([link(7, b"veth7", attribute(10, number(8))), link(8, b"cni0")]))
    found = with_peers(mine, net(1), {0: None, 1: net(3)}, {None: node})
    assert [one.peer for one in found] == [
        Peer(7, "veth7", "cni0", on_host=True),
        Peer(7, net=net(3)),
        Peer(7),
    ]

"""Addresses as text: sorted as numbers, without those that every machine has."""

from __future__ import annotations

import ipaddress
import random
import socket

from hypothesis import given
from hypothesis import strategies as st

from pausetui.core.observation import LinkState
from pausetui.kernel.addresses import (
    addresses_in_fib_trie,
    addresses_in_if_inet6,
    names_in_dev,
    network_of,
    written,
)
from pausetui.kernel.configured import Configured, LinkSeen
from pausetui.kernel.routes import RouteMessage

ADDRESSES = st.lists(st.one_of(st.binary(min_size=4, max_size=4), st.binary(min_size=16, max_size=16)))

FIB_TRIE = b"""Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.244.1.0/24 2 0 2
        |-- 10.244.1.0
           /24 link UNICAST
        |-- 10.244.1.5
           /32 host LOCAL
        |-- 10.244.1.255
           /32 link BROADCAST
Local:
        |-- 10.244.1.5
           /32 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
"""


def is_worth_showing(packed: bytes) -> bool:
    address = ipaddress.ip_address(packed)
    return not (address.is_loopback or address.is_link_local)


@given(ADDRESSES)
def test_every_address_worth_showing_is_there_once_and_in_order(packed: list[bytes]) -> None:
    expected = sorted(
        {ipaddress.ip_address(one) for one in packed if is_worth_showing(one)},
        key=lambda one: (one.version, int(one)),
    )
    assert [ipaddress.ip_address(text) for text in written(packed)] == expected


@given(ADDRESSES)
def test_the_order_in_which_the_kernel_tells_them_changes_nothing(packed: list[bytes]) -> None:
    assert written(random.sample(packed, len(packed))) == written(packed)


@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_the_readers_of_files_fail(raw: bytes) -> None:
    written([*addresses_in_fib_trie(raw), *addresses_in_if_inet6(raw)])
    assert all(name.isprintable() for name in names_in_dev(raw))


def test_the_machines_own_addresses_are_found_in_fib_trie() -> None:
    assert written(addresses_in_fib_trie(FIB_TRIE)) == ("10.244.1.5",)


def test_lines_of_if_inet6_are_addresses() -> None:
    raw = b"fd000000000000000000000000000005 02 40 00 80     eth0\nfe800000000000000000000000000001 02 40 20 80 a\n"
    assert written(addresses_in_if_inet6(raw)) == ("fd00::5",)


def test_names_are_sorted_and_harmless() -> None:
    links = tuple(
        LinkSeen(place, name, True, True, 1500) for place, name in enumerate((b"lo", b"eth\x1b[1m", b"br0"))
    )
    network = network_of(Configured(links, (socket.inet_aton("10.0.0.1"),)))
    assert (network.addresses, network.interfaces) == (("10.0.0.1",), ("br0", r"eth\x1b[1m", "lo"))


def test_a_link_is_up_without_a_carrier_or_down() -> None:
    links = (
        LinkSeen(1, b"a", True, True, 65536),
        LinkSeen(2, b"b", True, False, 1500),
        LinkSeen(3, b"c", False, False, 0),
    )
    assert network_of(Configured(links)).links == (
        LinkState("a", "up", 65536),
        LinkState("b", "no carrier", 1500),
        LinkState("c", "down", 0),
    )


def way(destination: str, gateway: str | None = None, link: int | None = 2, **more: int) -> RouteMessage:
    told = {"version": 6 if ":" in destination else 4, "kind": 1, "metric": 0, "protocol": 3, **more}
    return RouteMessage(destination=destination, gateway=gateway, link=link, source=None, **told)


def test_ways_out_are_written_as_ip_does_and_default_ones_come_first() -> None:
    found = Configured(
        (LinkSeen(2, b"eth0", True, True, 1500),),
        routes=(
            way("10.50.0.0/16", metric=7),
            way("10.60.0.0/16", link=None, kind=6),
            way("default", "10.0.0.1"),
            way("fd00::/64", "fd01::1", metric=1024),
        ),
    )
    assert network_of(found).routes == (
        "default via 10.0.0.1 dev eth0",
        "10.50.0.0/16 dev eth0 metric 7",
        "blackhole 10.60.0.0/16",
        "fd00::/64 via fd01::1 dev eth0",
    )


def test_ways_to_neighbours_and_groups_are_left_out() -> None:
    noise = [way(to) for to in ("fe80::/64", "ff00::/8", "169.254.0.0/16", "224.0.0.0/4")]
    assert network_of(Configured(routes=tuple(noise))).routes == ()

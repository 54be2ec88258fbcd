"""Files of ``/proc/net``: read as far as they are what they should be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pausetui.core.network import Counters, Link, LinkAddress, Neighbour, Route
from pausetui.kernel import netview_files as files
from pausetui.kernel.sockets import abstract_in, connections_in, has_connections, listeners_in

DEV = b"""Inter-|   Receive                      |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls
    lo:     172       3    0    0    0     0          0         0      172       3    0    0    0     0    0   0
  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
"""
ROUTE = b"""Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0100090A\t0003\t0\t0\t5\t00000000\t0\t0\t0
eth0\t0000090A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
*\t0000630A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
"""
ANY = "0" * 32
IPV6_ROUTE = "".join(
    f"{to} {length} {ANY} 00 {gateway} {metric} 00000001 00000000 {flags} {link:>8}\n"
    for to, length, gateway, metric, flags, link in [
        ("fd000000000000000000000000000000", "40", ANY, "00000100", "00000001", "eth0"),
        (ANY, "00", "fd000000000000000000000000000001", "00000400", "00000003", "eth0"),
        ("fd000000000000000000000000000002", "80", ANY, "00000000", "80200001", "eth0"),
        ("ff000000000000000000000000000000", "08", ANY, "00000100", "00000001", "eth0"),
        (ANY, "00", ANY, "ffffffff", "00200200", "lo"),
    ]
).encode()
ARP = b"""IP address       HW type     Flags       HW address            Mask     Device
10.9.0.9         0x1         0x6         02:00:00:00:00:09     *        eth0
10.9.0.1         0x1         0x0         00:00:00:00:00:00     *        eth0
"""
IF_INET6 = b"""00000000000000000000000000000001 01 80 10 80       lo
fe800000000000000000000000000001 02 40 20 48     eth0
"""
HEAD = b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
TCP = (
    HEAD
    + b"""   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 77 1 f 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 78 1 f 20 4 30 10 -1
   2: 0100007F:1F90 0100007F:C351 06 00000000:00000000 03:0000176F 00000000     0        0 0 3 f
"""
)
UDP6 = HEAD + f" 9: {ANY[:24]}01000000:0035 {ANY}:0000 07 0:0 00:0 0     0        0 79 2 f 0\n".encode()


@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_the_readers_fail(raw: bytes) -> None:
    for text in (raw, b"a\nb\n" + raw):
        list(files.links_in_dev(text))
        list(files.addresses_in_if_inet6(text))
        list(files.routes_in_route(text))
        list(files.routes_in_ipv6_route(text))
        list(files.neighbours_in_arp(text))
        list(listeners_in(text, "tcp", 4))
        connections_in(text)
        abstract_in(text)
        has_connections((), text, text)


def test_links_have_their_counters() -> None:
    assert list(files.links_in_dev(DEV)) == [
        Link("lo", counters=Counters(172, 172, 3, 3, 0, 0, 0, 0)),
        Link("eth0", counters=Counters(1, 9, 2, 10, 3, 11, 4, 12)),
    ]


def test_addresses_of_version_6_are_whole() -> None:
    assert list(files.addresses_in_if_inet6(IF_INET6)) == [
        LinkAddress("::1", 128, "lo", "host", ("permanent",)),
        LinkAddress("fe80::1", 64, "eth0", "link", ("dadfailed", "tentative")),
    ]


def test_routes_of_version_4() -> None:
    assert list(files.routes_in_route(ROUTE)) == [
        Route(4, "default", "10.9.0.1", "eth0", metric=5),
        Route(4, "10.9.0.0/24", None, "eth0"),
        Route(4, "10.99.0.0/16", None, None, kind="reject"),
    ]


def test_routes_of_version_6_are_without_the_kernels_own() -> None:
    assert list(files.routes_in_ipv6_route(IPV6_ROUTE)) == [
        Route(6, "fd00::/64", None, "eth0", metric=256),
        Route(6, "default", "fd00::1", "eth0", metric=1024),
    ]


def test_neighbours_without_an_answer_have_no_address() -> None:
    assert list(files.neighbours_in_arp(ARP)) == [
        Neighbour("10.9.0.9", "02:00:00:00:00:09", "eth0", "permanent"),
        Neighbour("10.9.0.1", None, "eth0", "incomplete"),
    ]


def test_what_listens_is_told_from_what_is_connected() -> None:
    (found,) = listeners_in(TCP, "tcp", 4)
    assert (found.address, found.port, found.uid, found.inode, found.v6_only) == ("127.0.0.1", 8080, 1000, 77, None)
    assert connections_in(TCP) == {"ESTABLISHED": 1, "TIME_WAIT": 1}


def test_an_address_of_version_6_is_put_in_order() -> None:
    (found,) = listeners_in(UDP6, "udp", 6)
    assert (found.address, found.port) == ("::1", 53)


def test_more_in_use_than_listens_means_connections() -> None:
    listeners = tuple(listeners_in(TCP, "tcp", 4))
    none6 = b"TCP6: inuse 0\n"
    assert not has_connections(listeners, b"TCP: inuse 1 orphan 0 tw 0 alloc 9 mem 0\n", none6)
    assert has_connections(listeners, b"TCP: inuse 2 orphan 0 tw 0 alloc 9 mem 0\n", none6)
    assert has_connections(listeners, b"TCP: inuse 1 orphan 0 tw 1 alloc 9 mem 0\n", none6)
    assert has_connections(listeners, b"TCP: inuse 1 orphan 0 tw 0\n", b"TCP6: inuse 1\n")
    assert has_connections(listeners, b"nonsense", none6)


def test_only_names_with_an_at_are_abstract() -> None:
    raw = (
        b"Num RefCount Protocol Flags Type St Inode Path\n"
        b"0: 2 0 0 1 1 5 @/tmp/x\n0: 2 0 0 1 1 6 /tmp/@y\n0: 2 0 0 1 1 7\n0: 2 0 0 1 1 8 @ b\n"
    )
    assert abstract_in(raw) == 2

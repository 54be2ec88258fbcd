"""What the files of ``/proc/net`` say of sockets, and of connections that no process has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.core.holding import HeldByConnection
from pausetui.kernel.holding_sockets import SocketsInside, sockets_in

HEAD = b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LISTENS = (
    b"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0\n"
)
ORPHAN = (
    b"   1: 0500F40A:0050 0900000A:9C40 %s 00010000:00000000 %s:00000020 00000000     0        0 0 2 0 20 4 30\n"
)
ORPHAN6 = (
    b"   0: 00000000000000000000000001000000:0050 00000000000000000000000001000000:9C40 09 00000001:00000000 "
    b"01:00000014 00000000     0        0 0 2 0000000000000000 20 4 30 10 -1\n"
)
NETLINK = (
    b"sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n"
    b"0000000000000000 0   0          00000000 0        0        0     2        0        3\n"
    b"0000000000000000 0   4294962001 00000011 0        0        0     2        0        812\n"
)
UNIX = (
    b"Num       RefCount Protocol Flags    Type St Inode Path\n"
    b"0000000000000000: 00000002 00000000 00010000 0001 01 900 /run/a b\n"
    b"0000000000000000: 00000003 00000000 00000000 0001 03 901\n"
    b"0000000000000000: 00000003 00000000 00000000 0001 02 0\n"
)
PACKET = (
    b"sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"
    b"0000000000000000 3      3    0003   0     1 0      0      77\n"
)
TABLES = ("tcp", "tcp6", "udp", "udp6", "raw", "raw6", "icmp", "unix", "netlink", "packet")


def found(**files: bytes) -> SocketsInside:
    return sockets_in(files.get)


def test_every_socket_is_known_by_its_inode() -> None:
    there = found(tcp=HEAD + LISTENS, udp6=HEAD + LISTENS.replace(b"4711", b"4712"), unix=UNIX, packet=PACKET)
    assert there.protocols == {4711: "tcp", 4712: "udp6", 900: "unix", 901: "unix", 77: "packet"}
    assert there.connections == ()


def test_the_kernels_own_netlink_sockets_hold_nothing_and_are_left_out() -> None:
    assert found(netlink=NETLINK).protocols == {812: "netlink"}


@pytest.mark.parametrize(
    ("number", "state"), [(b"04", "FIN_WAIT1"), (b"05", "FIN_WAIT2"), (b"09", "LAST_ACK"), (b"0B", "CLOSING")]
)
def test_a_connection_that_the_kernel_ends_alone_is_told_with_its_ends(number: bytes, state: str) -> None:
    there = found(tcp=HEAD + ORPHAN % (number, b"01"))
    assert there.connections == (HeldByConnection(state, "10.244.0.5:80", "10.0.0.9:40000"),)


def test_one_of_version_6_too() -> None:
    assert found(tcp6=HEAD + ORPHAN6).connections == (HeldByConnection("LAST_ACK", "[::1]:80", "[::1]:40000"),)


def test_what_waits_for_its_time_to_end_is_no_socket_any_more() -> None:
    assert found(tcp=HEAD + ORPHAN % (b"06", b"03")).connections == ()
    assert found(tcp=HEAD + ORPHAN % (b"05", b"03")).connections == ()


def test_what_waits_to_be_accepted_belongs_to_who_listens() -> None:
    assert found(tcp=HEAD + ORPHAN % (b"01", b"00")).connections == ()
    assert found(tcp=HEAD + ORPHAN % (b"08", b"00")).connections == ()


def test_one_that_a_process_has_is_no_orphan() -> None:
    assert found(tcp=HEAD + (ORPHAN % (b"04", b"01")).replace(b"0 0 2 0", b"0 55 2 0")).connections == ()


def test_files_that_are_not_there_say_nothing() -> None:
    assert found() == SocketsInside({}, ())


@given(st.dictionaries(st.sampled_from(TABLES), st.binary(max_size=200).map(lambda junk: HEAD + junk)))
def test_nonsense_is_passed_over(files: dict[str, bytes]) -> None:
    there = sockets_in(files.get)
    assert 0 not in there.protocols

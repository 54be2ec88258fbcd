"""What ``/proc/PID/net`` shows of a network namespace to anybody, without rights and without a visit: proc_net(5).

Less than netlink tells: of links no state, of IPv4 addresses no prefix length, of neighbours only IPv4. Each file
is read whole and closed at once, since an open one keeps the namespace alive.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import TypeVar

from pausetui.core.network import Counters, Link, LinkAddress, Neighbour, NetworkView, Route
from pausetui.core.observation import Net, NetMark
from pausetui.kernel.addresses import addresses_in_fib_trie
from pausetui.kernel.netview_words import flag_names
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.routes import written
from pausetui.kernel.sockets import abstract_in, connections_in, in_order, listeners_in
from pausetui.text import decoded

T = TypeVar("T")
_MOST = 1 << 24
_RTF_UP, _RTF_REJECT = 0x1, 0x200
_RTF_ANYCAST, _RTF_LOCAL = 0x100000, 0x80000000
_NOWHERE = "*"
_NO_METRIC = 0xFFFFFFFF
_ATF_COMPLETE, _ATF_PERMANENT = 0x2, 0x4
_SCOPES_OF_6 = {0x00: "global", 0x10: "host", 0x20: "link", 0x40: "site"}
"""include/net/ipv6.h, IPV6_ADDR_LOOPBACK …: not the numbers of netlink."""
_SOCKETS = (("tcp", 4, "tcp"), ("tcp", 6, "tcp6"), ("udp", 4, "udp"), ("udp", 6, "udp6"))
_OTHERS = ("dev", "fib_trie", "if_inet6", "route", "ipv6_route", "arp", "unix")


def view_from_files(proc: ProcFolder, net: Net, pid: int, now: float) -> NetworkView | None:
    """What the files of a process show, or None if they can't be read, or it is in another namespace by now."""
    names = (*_OTHERS, *(name for _, _, name in _SOCKETS))
    read = {name: proc.read_all(f"{pid}/net/{name}", _MOST) for name in names}
    if not _is_in(proc, pid, net) or read["dev"] is None:
        return None
    have = {name: raw or b"" for name, raw in read.items()}
    listeners = [one for protocol, version, name in _SOCKETS for one in listeners_in(have[name], protocol, version)]
    four = (LinkAddress(found) for raw in addresses_in_fib_trie(have["fib_trie"]) if (found := written(raw)))
    # Files of IPv6 are absent where there is no IPv6; the others are there if anything is.
    return NetworkView(
        net=net,
        read_at=now,
        source="files",
        links=tuple(links_in_dev(have["dev"])),
        addresses=_known(read["fib_trie"], (*dict.fromkeys(four), *addresses_in_if_inet6(have["if_inet6"]))),
        routes=_known(read["route"], (*routes_in_route(have["route"]), *routes_in_ipv6_route(have["ipv6_route"]))),
        neighbours=_known(read["arp"], tuple(neighbours_in_arp(have["arp"]))),
        listeners=_known(read["tcp"], in_order(listeners)),
        connections=_known(read["tcp"], connections_in(have["tcp"], have["tcp6"])),
        abstract_sockets=_known(read["unix"], abstract_in(have["unix"])),
    )


def _known(raw: bytes | None, part: T) -> T | None:
    return part if raw is not None else None


def links_in_dev(raw: bytes) -> Iterator[Link]:
    """Name and counters of each link, from ``/proc/net/dev``."""
    for line in raw.splitlines()[2:]:
        name, _, rest = line.rpartition(b":")
        counts = [int(word) for word in rest.split() if word.isdigit()]
        if len(counts) < 16:
            continue
        taken, sent = counts[:8], counts[8:]
        counters = Counters(taken[0], sent[0], taken[1], sent[1], taken[2], sent[2], taken[3], sent[3])
        yield Link(decoded(name.strip()), counters=counters)


def addresses_in_if_inet6(raw: bytes) -> Iterator[LinkAddress]:
    """The IPv6 addresses: address, number of the link, prefix length, scope and flags in hexadecimal, link."""
    for words in _rows(raw, 6):
        try:
            address = written(bytes.fromhex(words[0]))
            prefix, scope, flags = (int(word, 16) for word in words[2:5])
        except ValueError:
            continue
        if address is not None:
            scope_of = _SCOPES_OF_6.get(scope & 0xF0, str(scope))
            yield LinkAddress(address, prefix, decoded(words[5].encode()), scope_of, flag_names(flags, 6))


def routes_in_route(raw: bytes) -> Iterator[Route]:
    """The main table of IPv4: addresses are numbers of 32 bits in hexadecimal."""
    for words in _rows(raw, 8):
        try:
            to, gateway, flags, mask = (int(words[place], 16) for place in (1, 2, 3, 7))
            metric = int(words[6])
        except ValueError:
            continue  # the heading
        if flags & _RTF_UP:
            length = mask.bit_count()
            yield Route(
                version=4,
                destination=f"{_of_number(to)}/{length}" if length else "default",
                gateway=_of_number(gateway) if gateway else None,
                link=None if words[0] == _NOWHERE else decoded(words[0].encode()),
                kind="reject" if words[0] == _NOWHERE or flags & _RTF_REJECT else "unicast",
                metric=metric,
            )


def routes_in_ipv6_route(raw: bytes) -> Iterator[Route]:
    """The routes of IPv6, of all tables, without those for the machine's own addresses and for groups."""
    for words in _rows(raw, 10):
        try:
            to, gateway = bytes.fromhex(words[0]), bytes.fromhex(words[4])
            length, metric, flags = (int(words[place], 16) for place in (1, 5, 8))
        except ValueError:
            continue
        inner = flags & (_RTF_LOCAL | _RTF_ANYCAST) or to[:1] == b"\xff"
        if not inner and not (flags & _RTF_REJECT and metric == _NO_METRIC):
            yield Route(
                version=6,
                destination=f"{written(to)}/{length}" if length else "default",
                gateway=written(gateway) if any(gateway) else None,
                link=decoded(words[9].encode()),
                kind="reject" if flags & _RTF_REJECT else "unicast",
                metric=metric,
            )


def neighbours_in_arp(raw: bytes) -> Iterator[Neighbour]:
    """The neighbours of IPv4: address, type, flags, link's address, mask, link."""
    for words in _rows(raw, 6):
        try:
            flags = int(words[2], 16)
            address = written(socket.inet_aton(words[0]))
        except (ValueError, OSError):
            continue  # the heading
        complete = "permanent" if flags & _ATF_PERMANENT else "complete" if flags & _ATF_COMPLETE else "incomplete"
        mac = words[3] if flags & _ATF_COMPLETE else None
        yield Neighbour(str(address), mac and decoded(mac.encode()), decoded(words[5].encode()), complete)


def _is_in(proc: ProcFolder, pid: int, net: Net) -> bool:
    if isinstance(net, NetMark):
        return proc.net_inode(pid) == net.inode
    return proc.label(pid, "net") == net.label.encode()


def _rows(raw: bytes, fewest: int) -> Iterator[list[str]]:
    for line in raw.decode("utf-8", "backslashreplace").splitlines():
        words = line.split()
        if len(words) >= fewest:
            yield words


def _of_number(number: int) -> str:
    return socket.inet_ntop(socket.AF_INET, struct.pack("=I", number & 0xFFFFFFFF))

"""How many packet rules a network namespace has: nftables by netlink, iptables-legacy by its own socket option.

nftables: include/uapi/linux/netfilter/nf_tables.h; asked as ``nft list ruleset`` asks, so where the kernel has it
as a module, that is loaded. Legacy tables are only asked for if ``/proc/net/ip_tables_names`` names them: asking
for another would make it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct

from pausetui.core.network import LegacyTable, NftRules
from pausetui.kernel.rtnetlink import SECONDS, attributes, dump
from pausetui.text import decoded

_NFTABLES = 10 << 8
_GETTABLE, _GETCHAIN, _GETRULE = _NFTABLES | 1, _NFTABLES | 4, _NFTABLES | 7
_NFTA_TABLE_NAME = 1
_OF_ALL_FAMILIES = bytes(4)
_FAMILIES = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
_ABSENT = (errno.EINVAL, errno.EOPNOTSUPP, errno.EPROTONOSUPPORT)
"""What a kernel without nftables answers."""

_LEVELS = {4: (socket.AF_INET, socket.IPPROTO_IP), 6: (socket.AF_INET6, socket.IPPROTO_IPV6)}
_GET_INFO = 64
"""IPT_SO_GET_INFO and IP6T_SO_GET_INFO: include/uapi/linux/netfilter_ipv4/ip_tables.h."""
_INFO = struct.Struct("=32sI5I5III")
_libc = ctypes.CDLL(None, use_errno=True)


def nft_rules(netfilter: socket.socket) -> NftRules:
    """Ask a netlink netfilter socket what its namespace has.

    Raises:
        OSError: The kernel refused (that takes CAP_NET_ADMIN there), or did not answer in time.
    """
    netfilter.settimeout(SECONDS)
    try:
        tables = tuple(sorted(map(_table, dump(netfilter, _GETTABLE, _OF_ALL_FAMILIES))))
        if not tables:
            return NftRules()
        chains = len(dump(netfilter, _GETCHAIN, _OF_ALL_FAMILIES))
        return NftRules(tables, chains, len(dump(netfilter, _GETRULE, _OF_ALL_FAMILIES)))
    except OSError as error:
        if error.errno in _ABSENT:
            return NftRules()
        raise


def legacy_table(inet: socket.socket, version: int, name: str) -> LegacyTable:
    """Ask a socket of this IP version about a table that its namespace has.

    Raises:
        OSError: The kernel refused (that takes CAP_NET_ADMIN there), or the table is gone.
    """
    buffer = ctypes.create_string_buffer(_INFO.pack(name.encode(), *[0] * 13), _INFO.size)
    length = ctypes.c_uint(_INFO.size)
    level = _LEVELS[version][1]
    if _libc.getsockopt(inet.fileno(), level, _GET_INFO, buffer, ctypes.byref(length)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    _, hooks, *_, entries, _ = _INFO.unpack(buffer.raw)
    # One entry is the policy of each built-in chain, and one ends the table.
    return LegacyTable(version, name, max(0, entries - hooks.bit_count() - 1))


def table_names(raw: bytes) -> tuple[str, ...]:
    """The names in ``/proc/net/ip_tables_names``, sorted."""
    return tuple(sorted(decoded(line) for line in raw.split()))


def _table(message: bytes) -> str:
    name = dict(attributes(message, 4)).get(_NFTA_TABLE_NAME, b"").rstrip(b"\0")
    family = message[0] if message else 0
    return f"{_FAMILIES.get(family, str(family))} {decoded(name)}"

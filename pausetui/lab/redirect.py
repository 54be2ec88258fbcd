"""A packet rule in a pod's network namespace, made without the ``nft`` command.

The same as ``nft add rule ip pausetui prerouting tcp dport 8080 redirect to :15001``: what a service mesh sets
up for the traffic that comes in. Attributes and names: ``<linux/netfilter/nf_tables.h>``.
"""

from __future__ import annotations

import errno
import socket
import struct

from pausetui.errors import CannotLook
from pausetui.lab.netlink import ACK, APPEND, CREATE, NETFILTER, Message, Netlink, attribute, nested, text

TABLE = "pausetui"
_CHAIN = "prerouting"
_BATCH_BEGIN, _BATCH_END = 16, 17
_NFTABLES = 10
_NEWTABLE, _NEWCHAIN, _NEWRULE = 0, 3, 6
_BEFORE_ROUTING, _DESTINATION_NAT_PRIORITY = 0, -100
_REGISTER = 1
_META_L4PROTO = 16
_TRANSPORT_HEADER, _DESTINATION_PORT_AT, _PORT_BYTES = 2, 2, 2
_EQUAL = 0
_LIST_ELEMENT = 1


def redirect(port: int, to_port: int) -> None:
    """Send what comes in for one TCP port to another, in the network namespace that we are in.

    Raises:
        CannotLook: The kernel has no nf_tables, or not what a redirect needs.
        OSError: Anything else.
    """
    try:
        with Netlink(NETFILTER) as netlink:
            netlink.ask_together(_batch(port, to_port), f"redirect :{port} to :{to_port}")
    except OSError as error:
        if error.errno in (errno.EPROTONOSUPPORT, errno.EOPNOTSUPP, errno.ENOENT, errno.EINVAL):
            raise CannotLook(
                f"setting the packet rule that sends :{port} to :{to_port}",
                f"this kernel has no nf_tables with NAT ({error.strerror})",
                "Load it as root: modprobe -a nf_tables nft_chain_nat nft_redir.",
            ) from error
        raise


def _batch(port: int, to_port: int) -> list[Message]:
    table, chain = text(1, TABLE), text(3, _CHAIN)
    hook = nested(4, _number(1, _BEFORE_ROUTING), _number(2, _DESTINATION_NAT_PRIORITY))
    rule = nested(
        4,
        _expression("meta", _number(1, _REGISTER), _number(2, _META_L4PROTO)),
        _expression("cmp", *_equals(bytes((socket.IPPROTO_TCP,)))),
        _expression(
            "payload",
            _number(1, _REGISTER),
            _number(2, _TRANSPORT_HEADER),
            _number(3, _DESTINATION_PORT_AT),
            _number(4, _PORT_BYTES),
        ),
        _expression("cmp", *_equals(struct.pack("!H", port))),
        _expression("immediate", _number(1, _REGISTER), nested(2, attribute(1, struct.pack("!H", to_port)))),
        _expression("redir", _number(1, _REGISTER)),
    )
    return [
        Message(_BATCH_BEGIN, 0, _header(socket.AF_UNSPEC, _NFTABLES)),
        _change(_NEWTABLE, CREATE, table),
        _change(_NEWCHAIN, CREATE, table + chain + hook + text(7, "nat")),
        _change(_NEWRULE, CREATE | APPEND, text(1, TABLE) + text(2, _CHAIN) + rule),
        Message(_BATCH_END, 0, _header(socket.AF_UNSPEC, _NFTABLES)),
    ]


def _change(kind: int, flags: int, body: bytes) -> Message:
    return Message(_NFTABLES << 8 | kind, ACK | flags, _header(socket.AF_INET, 0) + body)


def _header(family: int, resource: int) -> bytes:
    return struct.pack("!BBH", family, 0, resource)


def _number(kind: int, value: int) -> bytes:
    return attribute(kind, struct.pack("!i", value))


def _expression(name: str, *parts: bytes) -> bytes:
    return nested(_LIST_ELEMENT, text(1, name), nested(2, *parts))


def _equals(value: bytes) -> tuple[bytes, ...]:
    return _number(1, _REGISTER), _number(2, _EQUAL), nested(3, attribute(1, value))

"""The lab's network: a bridge, and for each pod a veth with an address and a default route.

Everything acts in the network namespace that the ``Netlink`` was opened in (rtnetlink(7)).
"""

from __future__ import annotations

import socket
import struct

from pausetui.lab.netlink import ACK, CREATE, EXCL, Message, Netlink, attribute, nested, text

_NEWLINK, _DELLINK, _NEWADDR, _NEWROUTE = 16, 17, 20, 24
_IFLA_IFNAME, _IFLA_MASTER, _IFLA_LINKINFO, _IFLA_NET_NS_FD = 3, 10, 18, 28
_IFLA_INFO_KIND, _IFLA_INFO_DATA, _VETH_INFO_PEER = 1, 2, 1
_IFA_ADDRESS, _IFA_LOCAL, _IFA_BROADCAST = 1, 2, 4
_RTA_GATEWAY = 5
_IFF_UP = 1
_RT_TABLE_MAIN, _RTPROT_BOOT, _RT_SCOPE_UNIVERSE, _RTN_UNICAST = 254, 3, 0, 1


def make_bridge(netlink: Netlink, name: str) -> None:
    """A bridge, down."""
    body = _link() + text(_IFLA_IFNAME, name) + nested(_IFLA_LINKINFO, text(_IFLA_INFO_KIND, "bridge"))
    netlink.ask(Message(_NEWLINK, ACK | CREATE | EXCL, body), name)


def make_veth(netlink: Netlink, name: str, bridge: str, peer: str, netns: int) -> None:
    """A veth whose near end is on a bridge and up, and whose far end, ``peer``, is in another namespace.

    Args:
        netns: A descriptor of the network namespace of the far end.
    """
    far = _link() + text(_IFLA_IFNAME, peer) + attribute(_IFLA_NET_NS_FD, struct.pack("=I", netns))
    info = nested(
        _IFLA_LINKINFO,
        text(_IFLA_INFO_KIND, "veth"),
        nested(_IFLA_INFO_DATA, attribute(_VETH_INFO_PEER, far)),
    )
    master = attribute(_IFLA_MASTER, struct.pack("=I", socket.if_nametoindex(bridge)))
    body = _link(up=True) + text(_IFLA_IFNAME, name) + master + info
    netlink.ask(Message(_NEWLINK, ACK | CREATE | EXCL, body), name)


def remove(netlink: Netlink, name: str) -> None:
    """Take a link away; the other end of a veth goes with it."""
    netlink.ask(Message(_DELLINK, ACK, _link() + text(_IFLA_IFNAME, name)), name)


def set_up(netlink: Netlink, name: str) -> None:
    """Bring a link up."""
    netlink.ask(Message(_NEWLINK, ACK, _link(up=True) + text(_IFLA_IFNAME, name)), name)


def add_address(netlink: Netlink, name: str, address: str, prefix: int) -> None:
    """Give a link an IPv4 address, with the broadcast address of its prefix."""
    packed = socket.inet_aton(address)
    host_bits = (1 << (32 - prefix)) - 1
    broadcast = struct.pack("!I", struct.unpack("!I", packed)[0] | host_bits)
    body = struct.pack("=BBBBI", socket.AF_INET, prefix, 0, _RT_SCOPE_UNIVERSE, socket.if_nametoindex(name))
    body += attribute(_IFA_LOCAL, packed) + attribute(_IFA_ADDRESS, packed) + attribute(_IFA_BROADCAST, broadcast)
    netlink.ask(Message(_NEWADDR, ACK | CREATE | EXCL, body), f"{name} {address}")


def add_default_route(netlink: Netlink, gateway: str) -> None:
    """Send everything that is not local to a gateway."""
    family, no_bits, no_tos, no_flags = socket.AF_INET, 0, 0, 0
    body = struct.pack(
        "=BBBBBBBBI",
        family,
        no_bits,
        no_bits,
        no_tos,
        _RT_TABLE_MAIN,
        _RTPROT_BOOT,
        _RT_SCOPE_UNIVERSE,
        _RTN_UNICAST,
        no_flags,
    )
    body += attribute(_RTA_GATEWAY, socket.inet_aton(gateway))
    netlink.ask(Message(_NEWROUTE, ACK | CREATE | EXCL, body), f"default via {gateway}")


def _link(*, up: bool = False) -> bytes:
    flags = _IFF_UP if up else 0
    return struct.pack("=BBHiII", socket.AF_UNSPEC, 0, 0, 0, flags, flags)

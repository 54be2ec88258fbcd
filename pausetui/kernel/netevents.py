"""Links, addresses and routes that come and go, here and in every network namespace that has an id here or nearby.

One socket of our own network namespace hears them all (NETLINK_LISTEN_ALL_NSID, netlink(7), needs
CAP_NET_BROADCAST) and keeps none of them alive. A pod's namespace has an id here if its veth ends here. Where it
ends in another home (the node of a lab or of a private runtime; the host, where we are in a container) one socket
of that home hears it. That keeps the home alive, so it is let go as soon as the home is not named any more. Nothing
is given an id by us: that would change the machine.

The kernel tells of a route that somebody adds or deletes, not of those of IPv4 that go together with their link or
its address: of those the link or the address is told. Neighbours and packet rules are not listened to.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field

from pausetui.core.namespaces import NamespaceId
from pausetui.kernel.netns import Visitor
from pausetui.kernel.places import Place, is_of, opener, read_cookie
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.rtnetlink import attributes, messages

_SOL_NETLINK, _ADD_MEMBERSHIP, _LISTEN_ALL_NSID = 270, 1, 8
_GROUPS = (1, 5, 7, 9, 11, 28)
"""RTNLGRP_LINK, _IPV4_IFADDR, _IPV4_ROUTE, _IPV6_IFADDR, _IPV6_ROUTE, _NSID: include/uapi/linux/rtnetlink.h."""
_NEWLINK, _DELLINK, _NEWNSID, _DELNSID = 16, 17, 88, 89
_NETNSA_NSID = 1

Ear = NamespaceId | None
"""A network namespace that we listen in; None is our own."""
Number = tuple[Ear, int]
"""The id that another network namespace has there."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What there was to hear.

    Attributes:
        here: A link came or went in a home, or a namespace got or lost its id there.
        ids: Ids of namespaces in which something changed.
        all: Something was missed: anything may have changed anywhere, and any id mean another namespace.
        renumbered: Ids that mean another namespace than before, or none.
    """

    here: bool = False
    ids: frozenset[Number] = frozenset()
    all: bool = False
    renumbered: frozenset[Number] = frozenset()

    def __bool__(self) -> bool:
        return self.here or bool(self.ids) or self.all

    def __or__(self, other: Heard) -> Heard:
        return Heard(
            self.here or other.here,
            self.ids | other.ids,
            self.all or other.all,
            self.renumbered | other.renumbered,
        )


NOTHING_HEARD = Heard()


@dataclass(slots=True)
class _News:
    """``Heard``, while it is collected."""

    here: bool = False
    missed: bool = False
    ids: set[Number] = field(default_factory=set)
    renumbered: set[Number] = field(default_factory=set)


class NetworkEvents:
    """Hears what changes in networks. Where it can't, it is silent."""

    def __init__(self) -> None:
        self._sockets: dict[Ear, socket.socket] = {}
        self._deaf: dict[NamespaceId, Place] = {}
        with contextlib.suppress(OSError):
            self._sockets[None] = _listening(_made())

    @property
    def ears(self) -> frozenset[Ear]:
        """Where we hear what changes in the namespaces that have an id there; None is our own."""
        return frozenset(ear for ear, one in self._sockets.items() if _hears_others(one))

    def listen_in(self, homes: Mapping[NamespaceId, Place], proc: ProcFolder, visitor: Visitor) -> list[int]:
        """Listen in these namespaces, besides our own, and in no others. One that does not let us is left out.

        Returns:
            The descriptors that are new.
        """
        for gone in self._sockets.keys() - homes.keys() - {None}:
            self._sockets.pop(gone).close()
        self._deaf = {net: place for net, place in self._deaf.items() if homes.get(net) == place}
        new = [place for net, place in homes.items() if net not in self._sockets and net not in self._deaf]
        found = visitor.visit_with([opener(proc, one) for one in new], lambda: nullcontext(_made()), _listening)
        for place, one in zip(new, found, strict=True):
            if isinstance(one, OSError):
                self._deaf[place.namespace] = place
            elif _hears_others(one) and is_of(place.namespace, read_cookie(one)):
                self._sockets[place.namespace] = one
            else:
                self._deaf[place.namespace] = place
                one.close()
        return [self._sockets[one.namespace].fileno() for one in new if one.namespace in self._sockets]

    def fileno(self) -> int | None:
        """Readable when there is something to hear in our own namespace; None if we can't listen."""
        own = self._sockets.get(None)
        return own.fileno() if own is not None else None

    def collect(self) -> Heard:
        """What was heard since the last call."""
        news = _News()
        for ear, one in self._sockets.items():
            _collect(ear, one, news)
        return Heard(news.here, frozenset(news.ids), news.missed, frozenset(news.renumbered))

    def close(self) -> None:
        """Let go of the sockets."""
        while self._sockets:
            self._sockets.popitem()[1].close()


def _collect(ear: Ear, one: socket.socket, news: _News) -> None:
    while True:
        try:
            packet, ancillary, _, _ = one.recvmsg(1 << 16, socket.CMSG_SPACE(4))
        except BlockingIOError:
            return
        except OSError:  # ENOBUFS: more came than the queue holds
            news.missed = True
            continue
        origin = _origin(ancillary)
        for kind, _, _, body in messages(packet):
            if origin is not None:
                news.ids.add((ear, origin))
            elif kind in (_NEWLINK, _DELLINK):
                news.here = True
            elif kind in (_NEWNSID, _DELNSID):
                news.here = True
                news.renumbered |= {(ear, number) for number in _numbers(body)}


def _made() -> socket.socket:
    """A socket in the network namespace of the calling thread.

    Raises:
        OSError: The kernel refused.
    """
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    return socket.socket(socket.AF_NETLINK, kind, 0)


def _listening(made: socket.socket) -> socket.socket:
    """The same socket, which listens from now on.

    Raises:
        OSError: The kernel refused; the socket is closed.
    """
    try:
        # Unbound it would have port 0 like the kernel's own messages and be passed over.
        made.bind((0, 0))
        for group in _GROUPS:
            made.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, group)
        with contextlib.suppress(PermissionError):
            made.setsockopt(_SOL_NETLINK, _LISTEN_ALL_NSID, 1)
    except OSError:
        made.close()
        raise
    return made


def _hears_others(one: socket.socket) -> bool:
    return bool(one.getsockopt(_SOL_NETLINK, _LISTEN_ALL_NSID))


def _origin(ancillary: list[tuple[int, int, bytes]]) -> int | None:
    """The id of the namespace that a message comes from; None if that is the home itself."""
    for level, kind, data in ancillary:
        if (level, kind) == (_SOL_NETLINK, _LISTEN_ALL_NSID) and len(data) >= 4:
            number: int = struct.unpack_from("=i", data)[0]
            return number if number >= 0 else None
    return None


def _numbers(body: bytes) -> list[int]:
    """The id that a message of the group RTNLGRP_NSID is about."""
    return [
        struct.unpack("=i", value)[0]
        for kind, value in attributes(body, 4)
        if kind == _NETNSA_NSID and len(value) == 4
    ]

"""Links, addresses and routes that come and go, here and in every network namespace that has an id here.

One socket of our own network namespace hears them all (NETLINK_LISTEN_ALL_NSID, netlink(7), needs
CAP_NET_BROADCAST) and keeps none of them alive. A pod's namespace has an id here if its veth ends here. Nothing
is given an id by us: that would change the machine.

The kernel tells of a route that somebody adds or deletes, not of those of IPv4 that go together with their link or
its address: of those the link or the address is told. Neighbours and packet rules are not listened to.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from dataclasses import dataclass

from pausetui.kernel.rtnetlink import messages

_SOL_NETLINK, _ADD_MEMBERSHIP, _LISTEN_ALL_NSID = 270, 1, 8
_GROUPS = (1, 5, 7, 9, 11, 28)
"""RTNLGRP_LINK, _IPV4_IFADDR, _IPV4_ROUTE, _IPV6_IFADDR, _IPV6_ROUTE, _NSID: include/uapi/linux/rtnetlink.h."""
_NEWLINK, _DELLINK, _NEWADDR, _DELADDR, _NEWNSID, _DELNSID = 16, 17, 20, 21, 88, 89
_HERE = (_NEWLINK, _DELLINK, _NEWNSID, _DELNSID)
"""What concerns us of our own namespace: veths and ids that come and go, not our addresses and routes."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What there was to hear.

    Attributes:
        here: A link came or went here, or a namespace got or lost its id.
        ids: Ids of namespaces in which something changed.
        all: Something was missed: anything may have changed anywhere.
        renumbered: Ids may mean other namespaces than before.
    """

    here: bool = False
    ids: frozenset[int] = frozenset()
    all: bool = False
    renumbered: bool = False

    def __bool__(self) -> bool:
        return self.here or bool(self.ids) or self.all


NOTHING_HEARD = Heard()


class NetworkEvents:
    """Hears what changes in networks. Where it can't, it is silent."""

    def __init__(self) -> None:
        self._socket = _listening()

    @property
    def hears_others(self) -> bool:
        """Whether namespaces that have an id here are heard, too, and not only our own."""
        return self._socket is not None and bool(self._socket.getsockopt(_SOL_NETLINK, _LISTEN_ALL_NSID))

    def fileno(self) -> int | None:
        """Readable when there is something to hear; None if we can't listen."""
        return self._socket.fileno() if self._socket is not None else None

    def collect(self) -> Heard:
        """What was heard since the last call."""
        here, missed, renumbered = False, False, False
        ids: set[int] = set()
        while self._socket is not None:
            try:
                packet, ancillary, _, _ = self._socket.recvmsg(1 << 16, socket.CMSG_SPACE(4))
            except BlockingIOError:
                break
            except OSError:  # ENOBUFS: more came than the queue holds
                missed = True
                continue
            origin = _origin(ancillary)
            for kind, _, _, _ in messages(packet):
                if origin is not None:
                    ids.add(origin)
                else:
                    here |= kind in _HERE
                    renumbered |= kind in (_NEWNSID, _DELNSID)
        return Heard(here, frozenset(ids), missed, renumbered or missed)

    def close(self) -> None:
        """Let go of the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _listening() -> socket.socket | None:
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    try:
        made = socket.socket(socket.AF_NETLINK, kind, 0)
    except OSError:
        return None
    try:
        # Unbound it would have port 0 like the kernel's own messages and be passed over.
        made.bind((0, 0))
        for group in _GROUPS:
            made.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, group)
        with contextlib.suppress(PermissionError):
            made.setsockopt(_SOL_NETLINK, _LISTEN_ALL_NSID, 1)
    except OSError:
        made.close()
        return None
    return made


def _origin(ancillary: list[tuple[int, int, bytes]]) -> int | None:
    """The id of the namespace that a message comes from; None if that is our own."""
    for level, kind, data in ancillary:
        if (level, kind) == (_SOL_NETLINK, _LISTEN_ALL_NSID) and len(data) >= 4:
            number: int = struct.unpack_from("=i", data)[0]
            return number if number >= 0 else None
    return None

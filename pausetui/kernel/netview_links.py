"""Links out of netlink messages: rtnetlink(7), include/uapi/linux/if_link.h.

Pure. A message that is too short, or an attribute of the wrong length, is passed over.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from pausetui.core.network import Counters
from pausetui.kernel.netview_words import operstate_name
from pausetui.kernel.rtnetlink import attributes, chosen
from pausetui.text import decoded

_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_MTU, _IFLA_LINK, _IFLA_MASTER = 1, 3, 4, 5, 10
_IFLA_OPERSTATE, _IFLA_LINKINFO, _IFLA_STATS64, _IFLA_LINK_NETNSID, _IFLA_INFO_KIND = 16, 18, 23, 37, 1
_WANTED = frozenset(
    {
        _IFLA_ADDRESS,
        _IFLA_IFNAME,
        _IFLA_MTU,
        _IFLA_LINK,
        _IFLA_MASTER,
        _IFLA_OPERSTATE,
        _IFLA_LINKINFO,
        _IFLA_STATS64,
        _IFLA_LINK_NETNSID,
    }
)
"""Of some sixty."""
_LINK = struct.Struct("=BxHiII")
_STATS = struct.Struct("=8Q")
_IFF_UP, _IFF_LOWER_UP, _ARPHRD_LOOPBACK = 0x1, 0x10000, 772


@dataclass(frozen=True, slots=True)
class LinkMessage:
    """A link as the kernel tells it, with numbers of other links instead of their names.

    Attributes:
        below: The number of its peer, or of the link below it; None if it has none.
        below_in: The id of the namespace that this one is in, None if it is the link's own.
    """

    index: int
    name: str
    kind: str
    flags: int
    operstate: str
    mac: str | None
    mtu: int | None
    master: int | None
    below: int | None
    below_in: int | None
    counters: Counters | None

    @property
    def up(self) -> bool:
        """IFF_UP."""
        return bool(self.flags & _IFF_UP)

    @property
    def lower_up(self) -> bool:
        """IFF_LOWER_UP."""
        return bool(self.flags & _IFF_LOWER_UP)


def links_in(messages: Iterable[bytes]) -> tuple[LinkMessage, ...]:
    """By index."""
    found = (_link(message) for message in messages if len(message) >= _LINK.size)
    return tuple(sorted(found, key=lambda link: link.index))


def number_of(raw: bytes | None) -> int | None:
    """The value of an attribute of 32 bits, signed; None for anything else."""
    if raw is None or len(raw) != 4:
        return None
    number: int = struct.unpack("=i", raw)[0]
    return number


def _link(message: bytes) -> LinkMessage:
    _, hardware, index, flags, _ = _LINK.unpack_from(message)
    found = chosen(message, _LINK.size, _WANTED)
    kind = dict(attributes(found.get(_IFLA_LINKINFO, b""), 0)).get(_IFLA_INFO_KIND)
    below = number_of(found.get(_IFLA_LINK))
    return LinkMessage(
        index=index,
        name=decoded(found.get(_IFLA_IFNAME, b"").rstrip(b"\0")),
        kind=decoded(kind.rstrip(b"\0")) if kind else "loopback" if hardware == _ARPHRD_LOOPBACK else "",
        flags=flags,
        operstate=operstate_name((found.get(_IFLA_OPERSTATE) or b"\0")[0]),
        mac=found[_IFLA_ADDRESS].hex(":") if any(found.get(_IFLA_ADDRESS, b"")) else None,
        mtu=number_of(found.get(_IFLA_MTU)),
        master=number_of(found.get(_IFLA_MASTER)),
        below=below if below and (below != index or _IFLA_LINK_NETNSID in found) else None,
        below_in=number_of(found.get(_IFLA_LINK_NETNSID)),
        counters=_counters(found.get(_IFLA_STATS64, b"")),
    )


def _counters(raw: bytes) -> Counters | None:
    if len(raw) < _STATS.size:
        return None
    packets_in, packets_out, bytes_in, bytes_out, *rest = _STATS.unpack_from(raw)
    return Counters(bytes_in, bytes_out, packets_in, packets_out, *rest)

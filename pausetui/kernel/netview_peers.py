"""Where the other end of a link is, by name: a veth's on the host and its bridge. Pure.

A link says the number of its other end and an id of the namespace that this is in; which namespace the id means
was asked in the link's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pausetui.core.namespaces import NamespaceId
from pausetui.core.network import Link, Peer
from pausetui.kernel.netview_links import LinkMessage

Links = Mapping[int, LinkMessage]
"""Links of one namespace by their numbers."""


def by_index(links: Iterable[LinkMessage]) -> Links:
    """As ``Links``."""
    return {link.index: link for link in links}


def with_peers(
    links: Iterable[LinkMessage],
    own: NamespaceId,
    ends: Mapping[int, NamespaceId | None],
    elsewhere: Mapping[NamespaceId | None, Links],
) -> tuple[Link, ...]:
    """The links of one namespace with their other ends.

    Args:
        links: All of them.
        own: The namespace.
        ends: Which namespace is meant by an id; None is ours.
        elsewhere: The links of those namespaces, as far as they could be read.
    """
    here = by_index(links)
    return tuple(_link(link, here, _peer(link, own, here, ends, elsewhere)) for link in here.values())


def _link(link: LinkMessage, here: Links, peer: Peer | None) -> Link:
    return Link(
        name=link.name,
        index=link.index,
        kind=link.kind,
        up=link.up,
        lower_up=link.lower_up,
        operstate=link.operstate,
        mac=link.mac,
        mtu=link.mtu,
        master=_name(here, link.master),
        peer=peer,
        counters=link.counters,
    )


def _peer(
    link: LinkMessage,
    own: NamespaceId,
    here: Links,
    ends: Mapping[int, NamespaceId | None],
    elsewhere: Mapping[NamespaceId | None, Links],
) -> Peer | None:
    if link.below is None:
        return None
    if link.below_in is not None and link.below_in not in ends:
        return Peer(link.below)
    net = own if link.below_in is None else ends[link.below_in]
    there = here if link.below_in is None else elsewhere.get(net, {})
    found = there.get(link.below)
    name = found.name if found is not None else None
    bridge = _name(there, found.master) if found is not None else None
    return Peer(link.below, name, bridge, net is None, net)


def _name(links: Links, index: int | None) -> str | None:
    found = links.get(index) if index is not None else None
    return found.name if found is not None else None

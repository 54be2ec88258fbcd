"""Veths of the node's side: where their other ends are, and which of them are left over. Pure.

Both ends of a veth end together, with the namespace of either. So one whose other end is in a namespace that nobody
is in is the sign of a namespace that something else keeps alive: a pin, an open descriptor, a socket.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pausetui.core.namespaces import NamespaceId


class FarEnd(StrEnum):
    """In what kind of namespace the other end of a veth is."""

    USED = "used"
    """A process is in it."""
    PINNED = "pinned"
    """Nothing but a bind mount leads to it."""
    HERE = "here"
    """In the same one."""
    NOWHERE = "nowhere"
    """Nothing leads to it: no process, no thread, no bind mount."""
    UNKNOWN = "unknown"
    """Not found, and some processes' namespaces could not be read."""


@dataclass(frozen=True, slots=True)
class Inside:
    """What is in a namespace that nothing leads to.

    Attributes:
        links: Name and kind of each ("eth0", "veth"); the kind is "" for a device that is none of the kernel's own.
        addresses: Without loopback and link-local ones.
        holders: The processes that have it open ("containerd (pid 12)"), as far as could be found out.
    """

    links: tuple[tuple[str, str], ...] = ()
    addresses: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Veth:
    """One veth of the node's side.

    Attributes:
        index: Its number, which no other link of its namespace gets as long as that lives.
        bridge: What it is a port of, or None.
        up: It is switched on.
        has_address: It has an address of its own, link-local ones apart.
        end: Where its other end is.
        end_index: The number of that, there.
        pinned: The namespace of the other end, where only a bind mount leads to it.
        inside: What is in it, where nothing leads to it; None if that could not be read.
        enter: What runs a command where it is ("nsenter -t 1 -n"), "" for here.
    """

    name: str
    index: int
    end: FarEnd
    end_index: int
    bridge: str | None = None
    up: bool = True
    has_address: bool = False
    pinned: NamespaceId | None = None
    inside: Inside | None = None
    enter: str = ""


@dataclass(frozen=True, slots=True)
class NodeSide:
    """What was seen of the networks of pods from the node's side, read anew.

    Attributes:
        veths: Of the networks that pods are wired to.
        only_pinned: The inodes of the network namespaces that nothing but a bind mount leads to.
    """

    veths: tuple[Veth, ...] = ()
    only_pinned: frozenset[int] = frozenset()


_OF_A_MACHINE = frozenset({"bridge", ""})
"""Kinds of links that no pod has and a machine has: in a container, our own uplink's other end is in the host."""


def in_nobodys_namespace(veths: tuple[Veth, ...]) -> Iterator[Veth]:
    """Those whose other end is where nothing leads to, and which is no machine around us."""
    for one in veths:
        if one.end is FarEnd.NOWHERE and one.inside is not None:
            kinds = {kind for name, kind in one.inside.links}
            if not kinds & _OF_A_MACHINE:
                yield one


def with_both_ends_here(veths: tuple[Veth, ...]) -> Iterator[tuple[Veth, Veth]]:
    """The port of a bridge, and its other end in the same namespace, which is switched off and used for nothing.

    A node has such pairs of its own, between two bridges, or with an address: both ends of these are in use.
    """
    numbered = {(one.enter, one.index): one for one in veths}
    for one in veths:
        other = numbered.get((one.enter, one.end_index)) if one.end is FarEnd.HERE else None
        if one.bridge and other is not None and not (other.bridge or other.up or other.has_address):
            yield one, other

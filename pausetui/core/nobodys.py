"""Namespaces that are nobody's: a pin alone keeps them, and no pod that is known has them. Pure.

They are leaked, unless a pod is being made just now: that has a network before it has a process.
"""

from __future__ import annotations

from datetime import datetime

from pausetui.core.leftover import PASSING
from pausetui.core.namespaces import NamespaceId
from pausetui.core.snapshot import Snapshot, Unclaimed
from pausetui.core.wording import addresses

ALL = "nobodys"
"""Stands for all of them, where no pods are found."""


def key(one: Unclaimed) -> str:
    """That of its row, and of what is found out about it."""
    return f"nobodys:{one.namespace.token}"


def in_short(one: Unclaimed) -> str:
    """One of them in a line: "nobody's net 4026532177 pinned at /run/netns/cni-77, with 10.244.1.9"."""
    return f"nobody's {one.namespace.kind} {one.namespace.inode} {where(one)}"


def where(one: Unclaimed) -> str:
    """Its pins, and its addresses if it has any."""
    inside = f", with {addresses(one.addresses)}" if one.addresses else ""
    return f"pinned at {', '.join(one.paths)}{inside}"


class Lasting:
    """Remembers since when each of them is nobody's. Those of the first snapshot have been for a while."""

    def __init__(self) -> None:
        self._since: dict[NamespaceId, datetime] | None = None

    def of(self, snapshot: Snapshot) -> tuple[Unclaimed, ...]:
        """Those that are not only for a moment."""
        now = snapshot.taken_at
        first = now - PASSING if self._since is None else now
        before = self._since or {}
        self._since = {one.namespace: before.get(one.namespace, first) for one in snapshot.unclaimed}
        since = self._since
        return tuple(one for one in snapshot.unclaimed if now - since[one.namespace] >= PASSING)

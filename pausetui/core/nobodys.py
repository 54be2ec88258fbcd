"""Namespaces that are nobody's: a pin alone keeps them, and no pod that is known has them. Pure.

They are leaked, unless a pod is being made just now: that has a network before it has a process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from pausetui.core.leftover import PASSING
from pausetui.core.namespaces import NamespaceId
from pausetui.core.prose import Entry, Tone, heading, quiet
from pausetui.core.snapshot import Snapshot, Unclaimed
from pausetui.core.unclaimed import to_end
from pausetui.core.wording import addresses

CELL = 6


def entries(unclaimed: Iterable[Unclaimed]) -> Iterator[Entry]:
    """Each with its pins, its addresses and the command that ends it."""
    yield heading("Nobody's namespaces on this machine")
    yield quiet("No process is in them and no pod has them; a pod that is being made is so for a moment, too.")
    for one in unclaimed:
        yield Entry(f"{one.namespace.inode} {_where(one)}", f"{one.namespace.kind:<{CELL}}")
        yield from (Entry(to_end(path), " " * CELL, Tone.COMMAND) for path in one.paths)


def in_short(one: Unclaimed) -> str:
    """One of them in a line: "nobody's net 4026532177 pinned at /run/netns/cni-77, with 10.244.1.9"."""
    return f"nobody's {one.namespace.kind} {one.namespace.inode} {_where(one)}"


def _where(one: Unclaimed) -> str:
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

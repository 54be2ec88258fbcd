"""Where a namespace can be asked about, and whether it is still the one that is meant."""

from __future__ import annotations

import os
from dataclasses import dataclass

from pausetui.core.namespaces import NamespaceId
from pausetui.kernel.holding_sockets import SocketsInside, sockets_behind, sockets_through
from pausetui.kernel.nsfs import IdentityReader, Seen
from pausetui.kernel.pins import open_pin
from pausetui.kernel.processes import ProcFolder


@dataclass(frozen=True, slots=True)
class HeldPlace:
    """A namespace to find the holders of, and how to get there: through a process in it, or else a bind mount."""

    namespace: NamespaceId
    pid: int | None = None
    pin: str | None = None


def is_there(proc: ProcFolder, reader: IdentityReader, place: HeldPlace) -> bool:
    """Whether this still leads to the namespace that is meant."""
    kind = place.namespace.kind
    if place.pid is not None:
        return is_same(place.namespace, reader.read(proc.namespace_path(place.pid, kind), kind))
    try:
        descriptor = open_pin(str(place.pin))
    except OSError:
        return False
    try:
        return is_same(place.namespace, reader.read_open(descriptor, kind))
    finally:
        os.close(descriptor)


def is_same(namespace: NamespaceId, seen: Seen | None) -> bool:
    """Whether what was opened is this namespace, as far as that can be told."""
    if seen is None or seen.inode != namespace.inode:
        return False
    return namespace.id is None or seen.id is None or seen.id == namespace.id


def sockets_of(proc: ProcFolder, place: HeldPlace) -> SocketsInside | None:
    """What is in a network namespace; None if that can't be read."""
    if place.pid is not None:
        return sockets_through(proc, place.pid, place.namespace.label)
    return sockets_behind(lambda: open_pin(str(place.pin)))

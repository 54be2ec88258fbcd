"""Where a namespace can be asked about, and whether it is still the one that is meant."""

from __future__ import annotations

import os
from collections.abc import Iterable

from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.kernel.holding_sockets import SocketsInside, sockets_behind, sockets_through
from pausetui.kernel.netns import Opener
from pausetui.kernel.nsfs import IdentityReader, Seen
from pausetui.kernel.places import Place, opener
from pausetui.kernel.processes import ProcFolder


def is_there(reader: IdentityReader, namespace: NamespaceId, opened: Opener) -> bool:
    """Whether this still leads to the namespace that is meant."""
    try:
        descriptor = opened()
    except OSError:
        return False
    try:
        return is_same(namespace, reader.read_open(descriptor, namespace.kind))
    finally:
        os.close(descriptor)


def is_same(namespace: NamespaceId, seen: Seen) -> bool:
    """Whether what was opened is this namespace, as far as that can be told."""
    if seen.inode != namespace.inode:
        return False
    return namespace.id is None or seen.id is None or seen.id == namespace.id


def sockets_of(proc: ProcFolder, places: Iterable[Place]) -> dict[NamespaceId, SocketsInside | None]:
    """What is in each of those places that is a network namespace; None if that can't be read."""
    nets = [place for place in places if place.namespace.kind is NamespaceKind.NET]
    answers = sockets_behind([opener(proc, place) for place in nets])
    return {place.namespace: _or_files(proc, place, answer) for place, answer in zip(nets, answers, strict=True)}


def _or_files(proc: ProcFolder, place: Place, answer: SocketsInside | OSError) -> SocketsInside | None:
    if isinstance(answer, SocketsInside):
        return answer
    if place.pid is None or not isinstance(answer, PermissionError):
        return None
    return sockets_through(proc, place.pid, place.namespace.label)

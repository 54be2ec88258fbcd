"""Where a namespace can be asked about, and whether it is still the one that is meant."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.kernel.holding_sockets import SocketsInside, sockets_behind, sockets_through
from pausetui.kernel.netns import Opener
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


def sockets_of(proc: ProcFolder, places: Iterable[HeldPlace]) -> dict[NamespaceId, SocketsInside | None]:
    """What is in each of those places that is a network namespace; None if that can't be read."""
    nets = [place for place in places if place.namespace.kind is NamespaceKind.NET]
    answers = sockets_behind([_opener(proc, place) for place in nets])
    return {place.namespace: _or_files(proc, place, answer) for place, answer in zip(nets, answers, strict=True)}


def _or_files(proc: ProcFolder, place: HeldPlace, answer: SocketsInside | OSError) -> SocketsInside | None:
    if isinstance(answer, SocketsInside):
        return answer
    if place.pid is None or not isinstance(answer, PermissionError):
        return None
    return sockets_through(proc, place.pid, place.namespace.label)


def _opener(proc: ProcFolder, place: HeldPlace) -> Opener:
    if place.pid is None:
        return lambda: open_pin(str(place.pin))
    path = proc.namespace_path(place.pid, place.namespace.kind)
    return lambda: os.open(path, os.O_RDONLY | os.O_CLOEXEC)

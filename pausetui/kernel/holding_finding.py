"""What one pass over the machine found of one namespace, put into words of the model."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from pausetui.core.holding import (
    HeldByChild,
    HeldByDescriptor,
    HeldBySocket,
    HeldByThread,
    Holding,
    Named,
)
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.observation import ProcessId
from pausetui.kernel.holding_children import Family
from pausetui.kernel.holding_place import is_there, sockets_of
from pausetui.kernel.holding_scan import Open, Scanned
from pausetui.kernel.holding_sockets import SocketsInside
from pausetui.kernel.nsfs import IdentityReader, open_namespace
from pausetui.kernel.places import Place
from pausetui.kernel.processes import ProcFolder
from pausetui.text import decoded


class Names:
    """Reads the name of each process once."""

    def __init__(self, proc: ProcFolder) -> None:
        self._proc = proc
        self._known: dict[int, Named | None] = {}

    def of(self, pids: Iterable[int]) -> Iterator[Named]:
        """Those of these processes that are still there, by pid."""
        for pid in sorted(pids):
            if pid not in self._known:
                stat = self._proc.stat(pid)
                self._known[pid] = Named(ProcessId(pid, stat.start_ticks), stat.name) if stat else None
            if (named := self._known[pid]) is not None:
                yield named


class Finding:
    """What was found of one namespace."""

    def __init__(
        self,
        proc: ProcFolder,
        reader: IdentityReader,
        found: Scanned,
        family: Family,
        names: Names,
        place: Place,
    ) -> None:
        self._proc = proc
        self._named = names.of
        self._reader = reader
        self._found = found
        self._family = family
        self._place = place
        self._namespace = place.namespace
        self._label = place.namespace.label.encode()
        self._is_net = place.namespace.kind is NamespaceKind.NET
        self._ourselves = _ourselves(proc)

    def holding(self, inside: SocketsInside | None) -> Holding:
        """All of it; ``inside`` is what is in a network namespace, if that could be read."""
        label, found = self._label, self._found
        return Holding(
            self._namespace,
            processes=tuple(self._named(found.members.get(label, ()))),
            threads=tuple(
                HeldByThread(process, tid)
                for pid, tid in found.threads.get(label, ())
                for process in self._named([pid])
            ),
            for_children=tuple(self._named(found.for_children.get(label, ()))),
            descriptors=(*self._descriptors(), *self._files()),
            children=tuple(self._children()),
            sockets=self._sockets(inside) if self._is_net else (),
            connections=(inside.connections if inside else None) if self._is_net else (),
            unasked=found.unasked,
        )

    def _opened(self, places: Iterable[Open], path: str = "") -> Iterator[HeldByDescriptor]:
        for pid, number in sorted(place for place in places if place[0] != self._ourselves):
            for process in self._named([pid]):
                yield HeldByDescriptor(process, number, path)

    def _descriptors(self) -> Iterator[HeldByDescriptor]:
        for place in self._found.descriptors.get(self._label, ()):
            path = f"{self._proc.path.rstrip('/')}/{place[0]}/fd/{place[1]}"
            if is_there(self._reader, self._namespace, partial(open_namespace, path, follow=True)):
                yield from self._opened([place])

    def _files(self) -> Iterator[HeldByDescriptor]:
        """Files that show the namespace's network hold it, too; they are one set for each."""
        member = self._place.pid
        if not self._is_net or member is None:
            return
        for (pid, number), link in self._found.files:
            ours = self._inode(f"{member}/net/{decoded(link.partition(b'/net/')[2])}")
            if ours is not None and ours == self._inode(f"{pid}/fd/{number}"):
                yield from self._opened([(pid, number)], decoded(link))

    def _inode(self, name: str) -> tuple[int, int] | None:
        try:
            status = os.stat(f"{self._proc.path.rstrip('/')}/{name}")
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _children(self) -> Iterator[HeldByChild]:
        below: Mapping[NamespaceId, bool] = self._family.below.get(self._label, {})
        for namespace, owned in sorted(below.items(), key=lambda item: (item[0].kind, item[0].inode)):
            members = self._found.members.get(namespace.label.encode(), ())
            yield HeldByChild(namespace, owned, next(self._named(members[:1]), None))

    def _sockets(self, inside: SocketsInside | None) -> tuple[HeldBySocket, ...] | None:
        if inside is None:
            return None
        members = set(self._found.members.get(self._label, ()))
        found = []
        for inode, protocol in sorted(inside.protocols.items()):
            owners = self._found.sockets.get(inode, [])
            outside = tuple(self._opened(place for place in owners if place[0] not in members))
            if outside or not owners:
                found.append(HeldBySocket(protocol, inode, outside))
        return self._without_those_that_closed(found)

    def _without_those_that_closed(self, found: list[HeldBySocket]) -> tuple[HeldBySocket, ...]:
        if all(one.owners for one in found):
            return tuple(found)
        now = sockets_of(self._proc, [self._place])[self._namespace]
        still = now.protocols if now is not None else {}
        return tuple(one for one in found if one.owners or one.inode in still)


def _ourselves(proc: ProcFolder) -> int | None:
    """Our own pid there, None if this ``/proc`` is not ours: what we open while we look is closed at once."""
    try:
        return int(os.readlink(f"{proc.path.rstrip('/')}/self"))
    except (OSError, ValueError):
        return None

"""What is configured in every network namespace that is not the host's, read when there is reason to.

By a visit where we may (root), else from the files below ``/proc/PID/net``, which need no rights and tell less.
Read when a namespace is new and when something of it was heard (``netevents``). One of which nothing can be heard,
since it has no id in our own namespace nor in another home, is read at every look in its first seconds (its
addresses come after its first process) and then at the first look after ``INTERVAL``: as a feed looks every ten
seconds at least, a change in it is seen within ten seconds.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pausetui.core.namespaces import NamespaceId
from pausetui.core.observation import Network
from pausetui.kernel.addresses import network_from_files, network_of
from pausetui.kernel.configured import Configured, read_configured
from pausetui.kernel.netevents import NOTHING_HEARD, Ear, Heard, Number
from pausetui.kernel.netns import Visitor, route_socket
from pausetui.kernel.places import Place, is_of, opener, read_cookie
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.rtnetlink import id_here

INTERVAL = 5.0
"""How often a network namespace of which nothing is heard is read, in seconds."""
HEARD_INTERVAL = 30.0
"""How often one of which changes are heard is read all the same, in seconds."""
YOUNG_SECONDS = 10.0
"""How long after it was first seen one of which nothing is heard is read at every look, in seconds."""
EVERYTHING_GAP = 1.0
"""Seconds between two readings of all namespaces because something was missed."""
_AT_ONCE = 50
"""So many namespaces are held open while their ids are asked for."""


@dataclass(slots=True)
class _Entry:
    """What is known of one namespace.

    Attributes:
        numbers: Its ids in homes; None while nobody was asked.
        missed: Whom we wanted to follow there had ended: it is read at the next look.
    """

    first_seen: float
    read_at: float = float("-inf")
    network: Network | None = None
    by_files: bool = False
    numbers: frozenset[Number] | None = None
    missed: bool = False

    def is_due(self, now: float) -> bool:
        if self.missed:
            return True
        if self.numbers and self.network is not None:
            return now - self.read_at >= HEARD_INTERVAL
        return now - self.first_seen < YOUNG_SECONDS or now - self.read_at >= INTERVAL


class Networks:
    """What is configured in each network namespace."""

    def __init__(self, proc: ProcFolder, visitor: Visitor) -> None:
        self._proc = proc
        self._visitor = visitor
        self._entries: dict[NamespaceId, _Entry] = {}
        self._own = _route_socket()
        self._ears: Mapping[Ear, Place | None] = {}
        self._everything = False
        self._everything_read_at = float("-inf")
        self.value: Mapping[NamespaceId, Network] = MappingProxyType({})

    def hear_in(self, ears: Mapping[Ear, Place | None]) -> None:
        """From now on ``look`` is told of changes in the namespaces that have an id in one of these homes."""
        if ears.keys() != self._ears.keys():
            for entry in self._entries.values():
                entry.numbers = None
        self._ears = ears

    def look(self, places: Mapping[NamespaceId, Place], now: float, heard: Heard = NOTHING_HEARD) -> None:
        """Read those that are due, or of which something was heard. ``now`` in seconds, monotonic."""
        for gone in self._entries.keys() - places.keys():
            del self._entries[gone]
        for namespace in places.keys() - self._entries.keys():
            self._entries[namespace] = _Entry(now)
        everything = self._is_everything_due(heard, now)
        self._renumber(heard, everything=everything)
        # Asked before they are read, so that what changes in between is heard.
        self._ask_numbers([place for net, place in places.items() if self._entries[net].numbers is None])
        changed = set(self._entries) if everything else self._changed(heard)
        self._read(
            [place for net, place in places.items() if net in changed or self._entries[net].is_due(now)], now
        )
        found = {namespace: entry.network for namespace, entry in self._entries.items() if entry.network}
        if found != self.value:
            self.value = MappingProxyType(found)

    def close(self) -> None:
        """Let go of the socket in our own namespace."""
        if self._own is not None:
            self._own.close()

    def _is_everything_due(self, heard: Heard, now: float) -> bool:
        """Whether all are to be read because something was missed, which is done once in a while only."""
        self._everything |= heard.all
        if not self._everything or now - self._everything_read_at < EVERYTHING_GAP:
            return False
        self._everything, self._everything_read_at = False, now
        return True

    def _renumber(self, heard: Heard, *, everything: bool) -> None:
        """Forget the ids that mean something else now; whoever had none may have got one."""
        if not heard.renumbered and not everything:
            return
        for entry in self._entries.values():
            if everything or not entry.numbers or entry.numbers & heard.renumbered:
                entry.numbers = None

    def _changed(self, heard: Heard) -> set[NamespaceId]:
        """Of which namespaces something was heard. An id that is nobody's here is of one that is not looked at."""
        if not heard.ids:
            return set()
        return {namespace for namespace, entry in self._entries.items() if heard.ids & (entry.numbers or set())}

    def _ask_numbers(self, places: list[Place]) -> None:
        for start in range(0, len(places), _AT_ONCE):
            opened: dict[NamespaceId, int] = {}
            try:
                for place in places[start : start + _AT_ONCE]:
                    self._open(place, opened)
                self._ask_homes(opened)
            finally:
                for descriptor in opened.values():
                    os.close(descriptor)

    def _open(self, place: Place, opened: dict[NamespaceId, int]) -> None:
        try:
            opened[place.namespace] = opener(self._proc, place)()
        except PermissionError:
            self._entries[place.namespace].numbers = frozenset()
        except OSError:  # it has just ended; if not, it is asked for again
            return

    def _ask_homes(self, opened: Mapping[NamespaceId, int]) -> None:
        for namespace in opened:
            self._entries[namespace].numbers = frozenset()
        for ear, place in self._ears.items():
            rest = {net: one for net, one in opened.items() if not self._entries[net].numbers}
            numbers = self._ask_home(place, list(rest.values()))
            for namespace, number in zip(rest, numbers, strict=False):
                if number is not None:
                    entry = self._entries[namespace]
                    entry.numbers = frozenset({(ear, number)})
                    entry.read_at = float("-inf")  # what changed before it was heard was not heard

    def _ask_home(self, home: Place | None, descriptors: list[int]) -> list[int | None]:
        """The ids by which a home (None: our own) knows these; [] if it can't be asked."""
        if not descriptors:
            return []
        if home is None:
            return [] if self._own is None else _ids_here(descriptors)(self._own)
        (answer,) = self._visitor.visit([opener(self._proc, home)], _ids_here(descriptors))
        return [] if isinstance(answer, OSError) else answer

    def _read(self, due: list[Place], now: float) -> None:
        failed = self._visit([place for place in due if not self._entries[place.namespace].by_files])
        for place in due:
            entry = self._entries[place.namespace]
            entry.read_at = now
            if entry.by_files or place.namespace in failed:
                entry.network = self._from_files(place) or entry.network

    def _visit(self, places: list[Place]) -> set[NamespaceId]:
        """Returns those that could not be asked."""
        failed = set()
        answers = self._visitor.visit([opener(self._proc, place) for place in places], _configured_and_cookie)
        for place, answer in zip(places, answers, strict=True):
            entry = self._entries[place.namespace]
            entry.missed = isinstance(answer, FileNotFoundError | ProcessLookupError)
            if isinstance(answer, OSError):
                failed.add(place.namespace)
                entry.by_files = isinstance(answer, PermissionError)
            elif is_of(place.namespace, answer[1]):
                entry.network = network_of(answer[0])
        return failed

    def _from_files(self, place: Place) -> Network | None:
        if place.pid is None:
            return None
        network = network_from_files(self._proc, place.pid)
        still_there = self._proc.label(place.pid, "net") == place.namespace.label.encode()
        return network if still_there else None


def _ids_here(descriptors: list[int]) -> Callable[[socket.socket], list[int | None]]:
    """Asks a route socket by which ids its namespace knows these open ones."""

    def one(route: socket.socket, descriptor: int) -> int | None:
        try:
            return id_here(route, descriptor)
        except OSError:
            return None

    return lambda route: [one(route, descriptor) for descriptor in descriptors]


def _route_socket() -> socket.socket | None:
    try:
        return route_socket()
    except OSError:
        return None


def _configured_and_cookie(route: socket.socket) -> tuple[Configured, int | None]:
    return read_configured(route), read_cookie(route)

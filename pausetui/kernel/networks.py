"""Addresses and links of every network namespace that is not the host's, read when there is reason to.

By a visit where we may (root), else from the files below ``/proc/PID/net``, which need no rights. Read when a
namespace is new, at every look in its first seconds (its addresses come after its first process), when hinted,
and else every few seconds.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pausetui.core.namespaces import IdentifiedBy, NamespaceId
from pausetui.core.observation import Network
from pausetui.kernel.addresses import network_from_files, network_of
from pausetui.kernel.netevents import NOTHING_HEARD, Heard
from pausetui.kernel.netns import Opener, Visitor, route_socket
from pausetui.kernel.pins import open_pin
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.rtnetlink import LinksAndAddresses, id_here, read_links_and_addresses

INTERVAL = 5.0
"""How often a network namespace is read without any reason, in seconds."""
HEARD_INTERVAL = 30.0
"""The same where its changes are heard."""
YOUNG_SECONDS = 10.0
"""How long after it was first seen a network namespace is read at every look, in seconds."""

EVERYTHING_GAP = 1.0
"""Seconds between two readings of all namespaces for the sake of events that can't be told apart."""

_SO_NETNS_COOKIE = 71
_NOBODY_KNOWS = -2
"""Instead of the id of a namespace that was not asked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a network namespace can be reached: through a process in it or, if that has ended, a pin."""

    namespace: NamespaceId
    pid: int | None = None
    pin: str | None = None


@dataclass(slots=True)
class _Entry:
    first_seen: float
    read_at: float = float("-inf")
    network: Network | None = None
    by_files: bool = False
    id_here: int | None = _NOBODY_KNOWS

    def is_due(self, now: float, hears: bool) -> bool:
        heard = hears and self.id_here is not None and self.id_here >= 0
        interval = HEARD_INTERVAL if heard else INTERVAL
        return now - self.first_seen < YOUNG_SECONDS or now - self.read_at >= interval


class Networks:
    """What is configured in each network namespace."""

    def __init__(self, proc: ProcFolder, visitor: Visitor, *, hears: bool = False) -> None:
        """``hears``: ``look`` is told of the changes in every namespace that has an id here."""
        self._proc = proc
        self._hears = hears
        self._visitor = visitor
        self._entries: dict[NamespaceId, _Entry] = {}
        self._home = _route_socket()
        self._everything = False
        self._everything_read_at = float("-inf")
        self.value: Mapping[NamespaceId, Network] = MappingProxyType({})

    def look(self, places: Mapping[NamespaceId, Place], now: float, heard: Heard = NOTHING_HEARD) -> None:
        """Read those that are due, or of which something was heard. ``now`` in seconds, monotonic."""
        for gone in self._entries.keys() - places.keys():
            del self._entries[gone]
        for namespace in places.keys() - self._entries.keys():
            self._entries[namespace] = _Entry(now)
        changed = self._changed(heard, now)
        due = [
            place
            for namespace, place in places.items()
            if namespace in changed or self._entries[namespace].is_due(now, self._hears)
        ]
        failed = self._visit([place for place in due if not self._entries[place.namespace].by_files])
        for place in due:
            entry = self._entries[place.namespace]
            entry.read_at = now
            if entry.by_files or place.namespace in failed:
                entry.network = self._from_files(place) or entry.network
            elif entry.id_here == _NOBODY_KNOWS:
                entry.id_here = self._id_here(place)
        found = {namespace: entry.network for namespace, entry in self._entries.items() if entry.network}
        if found != self.value:
            self.value = MappingProxyType(found)

    def close(self) -> None:
        """Let go of the socket in our own namespace."""
        if self._home is not None:
            self._home.close()

    def _changed(self, heard: Heard, now: float) -> set[NamespaceId]:
        """Of which namespaces something was heard: by their ids, or all where the ids don't tell."""
        if heard.renumbered:
            for entry in self._entries.values():
                entry.id_here = _NOBODY_KNOWS
        by_id = {entry.id_here: namespace for namespace, entry in self._entries.items()}
        known = heard.ids & by_id.keys()
        # Events of namespaces that have ended, or are not in the picture yet, can't be told from others.
        self._everything |= heard.all or bool(heard.ids - known and _NOBODY_KNOWS in by_id)
        if self._everything and now - self._everything_read_at >= EVERYTHING_GAP:
            self._everything, self._everything_read_at = False, now
            return set(self._entries)
        return {by_id[number] for number in known}

    def _id_here(self, place: Place) -> int | None:
        if self._home is None:
            return None
        try:
            descriptor = opener(self._proc, place)()
        except OSError:
            return None
        try:
            return id_here(self._home, descriptor)
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def _visit(self, places: list[Place]) -> set[NamespaceId]:
        """Returns those that could not be asked."""
        failed = set()
        answers = self._visitor.visit(
            [opener(self._proc, place) for place in places], read_links_and_addresses_and_cookie
        )
        for place, answer in zip(places, answers, strict=True):
            entry = self._entries[place.namespace]
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


def opener(proc: ProcFolder, place: Place) -> Opener:
    """How a place is opened; that raises OSError also if another namespace is there by now."""

    def opened() -> int:
        descriptor = _opened(proc, place)
        if os.fstat(descriptor).st_ino != place.namespace.inode:
            os.close(descriptor)
            raise FileNotFoundError(errno.ESTALE, "another namespace is there now")
        return descriptor

    return opened


def _opened(proc: ProcFolder, place: Place) -> int:
    if place.pid is not None:
        try:
            return os.open(proc.namespace_path(place.pid, "net"), os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, ProcessLookupError):  # it has ended just now
            if place.pin is None:
                raise
    if place.pin is None:
        raise FileNotFoundError(errno.ENOENT, "nothing leads there")
    return open_pin(place.pin)


def _route_socket() -> socket.socket | None:
    try:
        return route_socket()
    except OSError:
        return None


def read_cookie(route: socket.socket) -> int | None:
    """The cookie of the namespace that a socket is in (Linux 5.14), or None."""
    try:
        cookie: int = struct.unpack("Q", route.getsockopt(socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8))[0]
    except OSError:
        return None
    return cookie


def read_links_and_addresses_and_cookie(route: socket.socket) -> tuple[LinksAndAddresses, int | None]:
    """What there is, and in which namespace it is.

    Raises:
        OSError: As ``read_links_and_addresses``.
    """
    return read_links_and_addresses(route), read_cookie(route)


def is_of(namespace: NamespaceId, cookie: int | None) -> bool:
    """Whether a socket with this cookie is in this namespace, as far as that can be told."""
    # NS_GET_ID of a network namespace and its cookie are the same number.
    comparable = namespace.identified_by in (IdentifiedBy.NS_ID, IdentifiedBy.COOKIE)
    return not comparable or cookie is None or cookie == namespace.id

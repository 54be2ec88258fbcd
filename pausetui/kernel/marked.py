"""Addresses and links of network namespaces that we know by their marks alone, read from ``/proc/PID/net``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pausetui.core.namespaces import NamespaceId
from pausetui.core.observation import NetMark, Network
from pausetui.kernel.addresses import network_from_files
from pausetui.kernel.marks import Marks
from pausetui.kernel.processes import ProcFolder

INTERVAL = 5.0
"""How often the files of one network namespace are read, in seconds."""
YOUNG_SECONDS = 10.0
"""How long after it was first seen one without any address is read more often, since its first is still to come."""
YOUNG_INTERVAL = 1.0
"""How often that one is read, in seconds."""


@dataclass(slots=True)
class _Entry:
    first_seen: float
    read_at: float = float("-inf")
    network: Network | None = None

    def is_due(self, now: float) -> bool:
        waits = self.network is None or not self.network.addresses
        young = waits and now - self.first_seen < YOUNG_SECONDS
        return now - self.read_at >= (YOUNG_INTERVAL if young else INTERVAL)


class MarkedNetworks:
    """What is behind the marks: namespaces that we may read after all, or else what their files say.

    Attributes:
        host: The mark of the host's network namespace, or None if nothing is hidden or pid 1 is not listed.
        known: The namespaces, as far as we may read them, that marks stand for.
        value: What is configured in the others.
    """

    def __init__(self, proc: ProcFolder, marks: Marks) -> None:
        self._proc = proc
        self._marks = marks
        self._entries: dict[NetMark, _Entry] = {}
        self.host: NetMark | None = None
        self.known: Mapping[NetMark, NamespaceId] = MappingProxyType({})
        self.value: Mapping[NetMark, Network] = MappingProxyType({})

    def look(self, readable: Mapping[NamespaceId, int | None], host: NamespaceId | None, now: float) -> None:
        """Read what is due.

        Args:
            readable: Network namespaces that are not the host's and may be read, with a process in each.
            host: The host's network namespace.
            now: In seconds, monotonic.
        """
        hidden = dict(self._marks.holders())
        self.host = self._marks.hosts() if hidden else None
        if self.host is not None:
            hidden.pop(self.host, None)
        known: dict[NetMark, NamespaceId] = {}
        if hidden:
            shown = ((self._marks.now(pid), net) for net, pid in readable.items() if pid is not None)
            known = {mark: net for mark, net in shown if mark is not None}
        if self.host is not None and host is not None:
            known[self.host] = host
        if known != self.known:
            self.known = MappingProxyType(known)
        self._read({mark: pid for mark, pid in hidden.items() if mark not in known}, now)

    def _read(self, places: Mapping[NetMark, int], now: float) -> None:
        for gone in self._entries.keys() - places.keys():
            del self._entries[gone]
        for mark, pid in places.items():
            entry = self._entries.setdefault(mark, _Entry(now))
            if entry.is_due(now):
                entry.read_at = now
                entry.network = self._from_files(mark, pid) or entry.network
        found = {mark: entry.network for mark, entry in self._entries.items() if entry.network is not None}
        if found != self.value:
            self.value = MappingProxyType(found)

    def _from_files(self, mark: NetMark, pid: int) -> Network | None:
        network = network_from_files(self._proc, pid)
        return network if self._proc.net_inode(pid) == mark.inode else None

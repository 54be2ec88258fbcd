"""Namespaces held by bind mounts, in every mount namespace that has a process we may look at.

A pin in a mount namespace without any process is not seen. A pinned namespace is identified by opening the path
if that is a namespace indeed.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from types import MappingProxyType

from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.observation import Pin
from pausetui.kernel.ledger import Ledger
from pausetui.kernel.mounts import NamespaceMount, namespace_mounts
from pausetui.kernel.nsfs import IdentityReader, Seen, kind_of, open_namespace
from pausetui.kernel.processes import Label, ProcFolder
from pausetui.kernel.turns import Turns
from pausetui.text import decoded

INTERVAL = 10.0
"""How often mounts are read without a hint, in seconds: of mount namespaces that have pins, and of new ones."""
ROUND = 60.0
"""Those of the others, nearly always the containers' own, are read within so many seconds."""
_MOST = 1 << 22
_Place = tuple[bytes, bytes]


class Pins:
    """Keeps the ledger informed of the bind mounts of namespaces.

    Attributes:
        value: All that are known, sorted by path.
        ways_in: Where a pinned network namespace can be opened from here.
    """

    def __init__(
        self, proc: ProcFolder, ledger: Ledger, reader: IdentityReader, own_pid: int | None = None
    ) -> None:
        """``own_pid`` is our pid in the /proc that is read, or None if that is not ours."""
        self._proc = proc
        self._ledger = ledger
        self._reader = reader
        self._own_pid = own_pid
        self._own_inode = _own_inode()
        self._found: dict[_Place, NamespaceMount] = {}
        self._paths: dict[bytes, str] = {}
        self._mounts: dict[NamespaceId, list[NamespaceMount]] = {}
        self._turns = Turns(1, ROUND)
        self._due = 0.0
        self.value: tuple[Pin, ...] = ()
        self.ways_in: Mapping[NamespaceId, str] = MappingProxyType({})

    def look(self, now: float, changed: Collection[NamespaceId] = ()) -> None:
        """Read the mounts if it is time, or those of the mount namespaces that are known to have changed.

        ``now`` in seconds, monotonic.
        """
        if now >= self._due:
            self._due = now + INTERVAL
            members = self._one_of_each()
            turn = set(self._turns.turn(members.values(), now))
            self.read(only={mnt for mnt, pid in members.items() if pid in turn or self._mounts.get(mnt)})
        elif changed:
            self.read(only=changed)

    def read(self, only: Collection[NamespaceId] | None = None) -> None:
        """Read the mounts of one process in each mount namespace, or in some and believe the others' unchanged."""
        members = self._one_of_each()
        for mnt, pid in members.items():
            if only is None or mnt in only or mnt not in self._mounts:
                self._mounts[mnt] = namespace_mounts(self._proc.read_all(f"{pid}/mountinfo", _MOST) or b"")
        for mnt in self._mounts.keys() - members.keys():
            del self._mounts[mnt]
        self._tell(members)

    def _tell(self, members: dict[NamespaceId, int]) -> None:
        before, self._found, self._paths = self._found, {}, {}
        pins: set[Pin] = set()
        for mnt, pid in members.items():
            elsewhere: int | None = None
            for mount in self._mounts[mnt]:
                place = (mount.label, mount.path)
                if place not in self._found:
                    self._found[place] = mount
                    if elsewhere is None and mnt.inode != self._own_inode:
                        elsewhere = self._oldest_in(mnt, pid)
                    pins |= self._noted(pid, mount, before.get(place), elsewhere)
        for place in before.keys() - self._found.keys():
            self._ledger.unpin(place[0], _key(before[place]))
        self.value = tuple(sorted(pins, key=lambda pin: (pin.path, pin.namespace.token)))
        nets = {pin.namespace for pin in pins if pin.namespace.kind is NamespaceKind.NET}
        ways = {net: path for net in nets if (path := self.path(net.label.encode())) is not None}
        self.ways_in = MappingProxyType(ways)

    def path(self, label: Label) -> str | None:
        """Where a pinned network namespace can be opened from here, or None."""
        return self._paths.get(label)

    def _oldest_in(self, mnt: NamespaceId, pid: int) -> int:
        """Who leads into a mount namespace for a while yet: ``pid``, who does now, may be a passing helper."""
        known = ((self._proc.stat(holder), holder) for holder in self._ledger.in_mount_namespace(mnt))
        started = [(stat.start_ticks, holder) for stat, holder in known if stat is not None]
        return min(started)[1] if started else pid

    def _noted(
        self, pid: int, mount: NamespaceMount, before: NamespaceMount | None, elsewhere: int | None
    ) -> set[Pin]:
        path = f"{self._proc.path}/{pid}/root{os.fsdecode(mount.path)}"
        kind = kind_of(mount.label)
        if kind not in set(NamespaceKind):
            return set()
        seen = self._identified(path, NamespaceKind(kind)) if mount.safe else None
        if before is not None and before.mount_id != mount.mount_id:
            self._ledger.unpin(before.label, _key(before))
        namespace = self._ledger.pin(mount.label, _key(mount), seen)
        if namespace is None:
            return set()
        if seen is not None and seen.inode == namespace.inode:
            self._paths.setdefault(mount.label, path)
        return {Pin(namespace, decoded(mount.path, 1024), elsewhere)}

    def _identified(self, path: str, kind: NamespaceKind) -> Seen | None:
        try:
            descriptor = open_namespace(path)
        except OSError:
            return None
        try:
            return self._reader.read_open(descriptor, kind)
        finally:
            os.close(descriptor)

    def _one_of_each(self) -> dict[NamespaceId, int]:
        """A process in each mount namespace; ours comes first, for what is to be seen in several."""
        found: dict[NamespaceId, int] = {}
        for spaces, holder in self._ledger.groups():
            if spaces.mnt is not None:
                found[spaces.mnt] = min(holder, found.get(spaces.mnt, holder))
                if spaces.mnt.inode == self._own_inode and self._own_pid is not None:
                    found[spaces.mnt] = self._own_pid  # another one may have another root, and see other paths
        return dict(sorted(found.items(), key=lambda one: (one[0].inode != self._own_inode, one[1])))


def _own_inode() -> int | None:
    try:
        return os.stat("/proc/self/ns/mnt").st_ino
    except OSError:
        return None


def _key(mount: NamespaceMount) -> str:
    return f"{mount.mount_id} {os.fsdecode(mount.path)}"

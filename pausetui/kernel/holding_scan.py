"""One pass over all processes and their descriptors, for what keeps certain namespaces alive.

Only links are read. Nothing of what they lead to is opened but namespaces, and at once closed.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field

from pausetui.core.namespaces import KINDS, NamespaceKind
from pausetui.kernel.nsfs import label_of
from pausetui.kernel.processes import Label, ProcFolder

_SOCKET, _PROC, _NET = b"socket:[", b"/proc/", b"/net/"
_UNMOUNTED = b"/"
"""What the link of a descriptor says that was opened through a bind mount which is gone; before, its path."""
_KIND_NAMES = frozenset(kind.encode() for kind in KINDS)
_FOR_CHILDREN = {NamespaceKind.PID: b"pid_for_children", NamespaceKind.TIME: b"time_for_children"}
_ONLY_WITHOUT_THREADS = frozenset({NamespaceKind.PID, NamespaceKind.USER, NamespaceKind.TIME})
"""Kinds that a process with other threads can't change: setns(2), unshare(2)."""
Open = tuple[int, int]
"""Pid and number of a descriptor."""


@dataclass(slots=True)
class Scanned:
    """What the links said.

    Attributes:
        members: Pids by the label of a namespace that they are in, of the kinds that were asked for.
        threads: Pid and thread id by the label of a namespace in which only the thread is.
        for_children: Pids by the label of a namespace in which only their children will be.
        descriptors: Who has a namespace open, by its label; of all kinds.
        sockets: Who has one of the wanted sockets open, by its inode.
        files: Who has a file below ``/proc/PID/net`` open, with its path.
        unasked: How many processes refused.
    """

    members: dict[Label, list[int]] = field(default_factory=dict)
    threads: dict[Label, list[tuple[int, int]]] = field(default_factory=dict)
    for_children: dict[Label, list[int]] = field(default_factory=dict)
    descriptors: dict[Label, list[Open]] = field(default_factory=dict)
    sockets: dict[int, list[Open]] = field(default_factory=dict)
    files: list[tuple[Open, bytes]] = field(default_factory=list)
    unasked: int = 0


class Scanner:
    """Looks once at each process."""

    def __init__(
        self,
        proc: ProcFolder,
        kinds: Collection[NamespaceKind],
        sockets: Collection[int],
        pins: Collection[str] = (),
    ) -> None:
        """What to look for.

        Args:
            proc: The ``/proc`` to look at.
            kinds: Of which kinds of namespace members are wanted.
            sockets: The inodes of the sockets whose owners are wanted.
            pins: Where namespaces are bind mounted, in whatever mount namespace.
        """
        self._proc = proc
        self._base = os.fsencode(proc.path.rstrip("/")) + b"/"
        self._kinds = tuple(kind for kind in KINDS if kind in kinds)
        self._links = tuple(b"/ns/" + kind.encode() for kind in self._kinds)
        self._movable = tuple(
            (place, link)
            for place, (kind, link) in enumerate(zip(self._kinds, self._links, strict=True))
            if kind not in _ONLY_WITHOUT_THREADS
        )
        self._born = tuple(
            (place, b"/ns/" + _FOR_CHILDREN[kind])
            for place, kind in enumerate(self._kinds)
            if kind in _FOR_CHILDREN
        )
        self._sockets = {b"socket:[%d]" % inode: inode for inode in sockets}
        self._pins = {_UNMOUNTED, *map(os.fsencode, pins)}
        self._found = Scanned()

    def scan(self) -> Scanned:
        """Look at all of them.

        Raises:
            OSError: ``/proc`` itself can't be read.
        """
        for pid in self._proc.pids():
            try:
                self._scan(pid, self._base + b"%d" % pid)
            except PermissionError:
                self._found.unasked += 1
            except OSError:  # it is gone, or a zombie
                continue
        return self._found

    def _scan(self, pid: int, folder: bytes) -> None:
        labels = [os.readlink(folder + link) for link in self._links]
        for label in labels:
            self._found.members.setdefault(label, []).append(pid)
        for place, link in self._born:
            label = _link(folder + link)  # none, where there will be a new one that has no process yet
            if label and label != labels[place]:
                self._found.for_children.setdefault(label, []).append(pid)
        if self._movable:
            self._scan_threads(pid, folder + b"/task/", labels)
        self._scan_descriptors(pid, folder + b"/fd/")

    def _scan_threads(self, pid: int, folder: bytes, labels: list[Label]) -> None:
        names = os.listdir(folder)
        for name in names if len(names) > 1 else ():
            for place, link in self._movable:
                label = _link(folder + name + link)
                if label and label != labels[place]:
                    self._found.threads.setdefault(label, []).append((pid, int(name)))

    def _scan_descriptors(self, pid: int, folder: bytes) -> None:
        found, sockets = self._found, self._sockets
        for name in os.listdir(folder):
            link = _link(folder + name)
            if link.startswith(_SOCKET):
                if link in sockets:
                    found.sockets.setdefault(sockets[link], []).append((pid, int(name)))
            elif link.startswith(_PROC):
                if _NET in link:
                    found.files.append(((pid, int(name)), link))
            elif link in self._pins:
                if label := label_of(os.fsdecode(folder + name)):
                    found.descriptors.setdefault(label, []).append((pid, int(name)))
            elif link.endswith(b"]") and link.partition(b":")[0] in _KIND_NAMES:
                found.descriptors.setdefault(link, []).append((pid, int(name)))


def _link(path: bytes) -> bytes:
    try:
        return os.readlink(path)
    except OSError:
        return b""

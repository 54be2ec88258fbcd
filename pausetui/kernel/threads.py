"""Threads that are in other namespaces than their process.

A thread can move alone (setns, unshare): container runtimes do it all the time, lsns does not see it, and it
keeps what it is in alive. Reading each thread of a node costs more than all processes together, so new
processes' threads are read first, up to ``FIRST`` a look, and all threads in turn within ``ROUND`` seconds.
Kinds that only a process without other threads can change (pid, user, time: setns(2), unshare(2)) are not read.
"""

from __future__ import annotations

import os

from pausetui.core.namespaces import KINDS, NamespaceKind
from pausetui.core.observation import Thread
from pausetui.kernel.ledger import Ledger
from pausetui.kernel.processes import Labels, ProcFolder, Stat
from pausetui.kernel.turns import Turns

ROUND = 60.0
"""Every thread is read within so many seconds, if there is a look at least that often."""
FIRST = 1500
"""How many threads of new processes are read in one look, at most (the last process is read whole)."""

_MOVABLE = tuple(
    (place, f"/ns/{kind}".encode())
    for place, kind in enumerate(KINDS)
    if kind not in (NamespaceKind.PID, NamespaceKind.USER, NamespaceKind.TIME)
)


class ThreadReader:
    """Keeps the ledger informed of threads that differ from their process."""

    def __init__(self, proc: ProcFolder, ledger: Ledger) -> None:
        self._proc = proc
        self._ledger = ledger
        self._count: dict[int, int] = {}
        self._differing: dict[int, set[int]] = {}
        self._owner: dict[int, tuple[int, int]] = {}
        self._unread: dict[int, None] = {}
        self._changed: set[int] = set()
        self._turns = Turns(1, ROUND)

    def note(self, pid: int, threads: int) -> None:
        """This process has so many threads now."""
        before = self._count.get(pid, 1)
        if threads == before:
            return
        if threads < 2:
            self.forget(pid)
            return
        self._count[pid] = threads
        if threads > before:
            self._unread[pid] = None

    def look(self, now: float) -> None:
        """Read those whose turn it is. ``now`` in seconds, monotonic."""
        room = FIRST
        for pid in tuple(self._unread):
            if room <= 0:
                break
            del self._unread[pid]
            room -= self._read(pid)
        for pid in self._turns.turn(self._count, now):
            if pid in self._count:
                self._read(pid)

    def of(self, pid: int) -> tuple[Thread, ...]:
        """The threads of a process that are elsewhere, by id."""
        if pid not in self._differing:
            return ()
        return tuple(Thread(tid, self._ledger.namespaces(tid)) for tid in sorted(self._differing[pid]))

    def labels_of_any(self, pid: int, stat: Stat) -> Labels | None:
        """What a process is in whose main thread has ended before the others: what the first of them is in."""
        if stat.threads < 2:
            return None
        return next((labels for tid in self._proc.threads(pid) if (labels := self._proc.labels(tid))), None)

    def read_again(self, tid: int) -> None:
        """Something is wrong with what we know of this thread."""
        owner = self._owner.get(tid)
        if owner is not None:
            self._read(owner[0])

    def is_same(self, tid: int, stat: Stat | None) -> bool:
        """Whether this thread is the one that we know by its id."""
        owner = self._owner.get(tid)
        return owner is not None and stat is not None and stat.start_ticks == owner[1]

    def forget(self, pid: int) -> None:
        """The process has ended, or has but one thread."""
        self._count.pop(pid, None)
        self._unread.pop(pid, None)
        for tid in self._differing.pop(pid, ()):
            self._release(tid)
            self._changed.add(pid)

    def changed(self) -> set[int]:
        """Processes of which some thread came, went or moved since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def _read(self, pid: int) -> int:
        own = self._ledger.labels(pid)
        tids = self._proc.threads(pid)
        if own is None:
            return len(tids)
        elsewhere: dict[int, Labels] = {}
        for tid in tids:
            labels = self._labels(pid, tid, own)
            if labels is not None and labels != own:
                elsewhere[tid] = labels
        before = self._differing.get(pid, set())
        for tid in before - elsewhere.keys():
            self._release(tid)
            self._changed.add(pid)
        for tid, labels in elsewhere.items():
            self._hold(pid, tid, labels)
        self._differing[pid] = set(elsewhere)
        if not elsewhere:
            del self._differing[pid]
        return len(tids)

    def _hold(self, pid: int, tid: int, labels: Labels) -> None:
        stat = self._proc.stat(tid)
        if stat is None:
            return
        if self._ledger.labels(tid) != labels:
            self._changed.add(pid)
        self._owner[tid] = (pid, stat.start_ticks)
        self._ledger.hold(tid, labels)

    def _release(self, tid: int) -> None:
        self._owner.pop(tid, None)
        self._ledger.release(tid)

    def _labels(self, pid: int, tid: int, own: Labels) -> Labels | None:
        base = os.fsencode(f"{self._proc.path}/{pid}/task/{tid}")
        labels = list(own)
        try:
            for place, link in _MOVABLE:
                labels[place] = os.readlink(base + link)
        except OSError:
            return None
        return tuple(labels)

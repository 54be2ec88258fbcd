"""The processes that are known: read one, note its end, tell it from another with its pid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pausetui.kernel.deaths import DeathWatch
from pausetui.kernel.details import Details
from pausetui.kernel.ledger import Ledger
from pausetui.kernel.marks import Marks
from pausetui.kernel.processes import ProcFolder, Stat
from pausetui.kernel.threads import ThreadReader


@dataclass(slots=True)
class Known:
    """What was last read of one process.

    Attributes:
        hidden: We may not see its namespaces.
        zombie: It has ended and was not reaped.
        details: None if they were not read yet.
    """

    stat: Stat
    hidden: bool = False
    zombie: bool = False
    details: Details | None = None

    def is_same(self, stat: Stat | None) -> bool:
        """Whether this is the process that was read: whether it started at the same time."""
        return stat is not None and stat.start_ticks == self.stat.start_ticks


class ProcessTable:
    """Every known process by pid. Tells the ledger what each shows, and who has ended."""

    def __init__(
        self, proc: ProcFolder, ledger: Ledger, deaths: DeathWatch, threads: ThreadReader, marks: Marks
    ) -> None:
        self._marks = marks
        self._proc = proc
        self._ledger = ledger
        self._deaths = deaths
        self._threads = threads
        self._unwatched: set[int] = set()
        self.known: dict[int, Known] = {}
        self.hidden: set[int] = set()

    def read(self, pid: int) -> None:
        """Read who has this pid now. Belongs together only if afterwards it has not ended."""
        known = self.known.get(pid)
        # The pidfd first: what is read afterwards is this process's, if in the end the pidfd says it is alive.
        watched = self._deaths.watched(pid) or self._deaths.watch(pid)
        stat = self._proc.stat(pid)
        if known is not None and not known.is_same(stat):
            self.forget(pid)
            self.read(pid)
            return
        if stat is None:
            self._deaths.forget(pid)
            return
        if known is None:
            known = self.known[pid] = Known(stat)
        known.stat = stat
        if not watched:
            self._unwatched.add(pid)
        if _has_ended(stat):
            self._end(pid, stat)
        else:
            self._read_namespaces(pid, known)

    def bury(self, ended: Iterable[int]) -> set[int]:
        """These have ended; some are zombies now, the others are gone. Returns those that were known."""
        buried = set(ended) & self.known.keys()
        for pid in buried:
            self._end(pid, self._proc.stat(pid))
        return buried

    def check_unwatched(self) -> set[int]:
        """Ask those whose end nobody tells us of. Returns those that ended."""
        ended = set()
        for pid in tuple(self._unwatched):
            stat, known = self._proc.stat(pid), self.known[pid]
            if not known.is_same(stat) or (stat is not None and _has_ended(stat) is not known.zombie):
                ended.add(pid)
                self._end(pid, stat)
        return ended

    def forget(self, pid: int) -> None:
        """It is gone."""
        self._let_go(pid)
        self.known.pop(pid, None)
        self._unwatched.discard(pid)

    def _read_namespaces(self, pid: int, known: Known) -> None:
        try:
            labels = self._proc.labels(pid) or self._threads.labels_of_any(pid, known.stat)
            known.hidden = False
        except PermissionError:
            labels, known.hidden = None, True
        if known.hidden and not known.stat.is_kernel_thread:
            self._marks.read(pid)
        else:
            self._marks.release(pid)
        (self.hidden.add if known.hidden else self.hidden.discard)(pid)
        if labels is None:
            self._ledger.release(pid)
            self._threads.forget(pid)
        else:
            self._ledger.hold(pid, labels)
            self._threads.note(pid, known.stat.threads)

    def _end(self, pid: int, stat: Stat | None) -> None:
        """What is left, if anything, is a zombie: it holds no namespace."""
        known = self.known.get(pid)
        if known is None or stat is None or not known.is_same(stat) or not _has_ended(stat):
            self.forget(pid)
            return
        known.stat, known.zombie, known.hidden = stat, True, False
        self._let_go(pid)
        self._unwatched.add(pid)

    def _let_go(self, pid: int) -> None:
        self._deaths.forget(pid)
        self._threads.forget(pid)
        self._ledger.release(pid)
        self._marks.release(pid)
        self.hidden.discard(pid)


def _has_ended(stat: Stat) -> bool:
    # A leader that ended before its threads is a Z too, with the threads still counted: the process lives on.
    return stat.state in "ZX" and stat.threads <= 1

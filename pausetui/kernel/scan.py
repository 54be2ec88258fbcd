"""Every process and its namespaces, found once and then kept up to date for next to nothing.

The first look reads each process. A later one lists ``/proc`` and asks one epoll who has ended; only new
processes are read, young ones read again (a runtime's helper joins namespaces in its first moments), and a
slice of all the others, so that whatever a process does to itself is seen within ``ROUND`` seconds at a look
a second. Everything that was read in one look is believed only if at its end the process is still there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pausetui.core.namespaces import NOTHING_KNOWN, Namespaces
from pausetui.core.observation import Process, ProcessId
from pausetui.kernel.clock import TICKS, BootClock
from pausetui.kernel.deaths import DeathWatch
from pausetui.kernel.details import NO_DETAILS, Details, read_details
from pausetui.kernel.hosts import HostNamespaces
from pausetui.kernel.ledger import Ledger
from pausetui.kernel.processes import ProcFolder, Stat
from pausetui.kernel.rota import Rota
from pausetui.kernel.threads import ThreadReader

YOUNG_SECONDS = 3.0
"""How long a new process is read again at every look, in seconds."""
ROUND = 30.0
"""Every process is read again within so many seconds, if there is a look at least that often."""
SMALLEST_SLICE = 16
"""How many processes are read again at every look, however soon it follows."""

_MOST_ROUNDS = 4


@dataclass(slots=True)
class _Known:
    stat: Stat
    hidden: bool = False
    zombie: bool = False
    details: Details | None = None
    process: Process | None = None

    def is_same(self, stat: Stat | None) -> bool:
        return stat is not None and stat.start_ticks == self.stat.start_ticks


class Scan:
    """Processes by pid, kept up to date by ``look``."""

    def __init__(
        self,
        proc: ProcFolder,
        ledger: Ledger,
        deaths: DeathWatch,
        host: HostNamespaces,
        clock: BootClock,
        *,
        with_details: bool = True,
    ) -> None:
        """``with_details``: whether cgroup, argv and nested pids are read of processes that may be in pods."""
        self._proc = proc
        self._ledger = ledger
        self._deaths = deaths
        self._host = host
        self._clock = clock
        self._known: dict[int, _Known] = {}
        self._threads = ThreadReader(proc, ledger)
        self._with_details = with_details
        self._rota = Rota(SMALLEST_SLICE, ROUND)
        self._detail_rota = Rota(1, 2 * ROUND)
        self._detail_turn: set[int] = set()
        self._young: set[int] = set()
        self._unwatched: set[int] = set()
        self._asked: set[int] = set()
        self._processes: dict[int, Process] = {}
        self._shown: Mapping[int, Process] = MappingProxyType({})
        self.hidden: set[int] = set()
        self.pods: set[int] = set()
        self.version = 0

    @property
    def processes(self) -> Mapping[int, Process]:
        """All that were seen in the last look; the same object while nothing has changed."""
        return self._shown

    def stat_of(self, pid: int) -> Stat | None:
        """What was read of a process's stat, or None if it is not known."""
        known = self._known.get(pid)
        return known.stat if known is not None else None

    def is_same(self, holder: int) -> bool:
        """Whether the process (or thread) that has this number is the one that we know by it."""
        known = self._known.get(holder)
        stat = self._proc.stat(holder)
        return known.is_same(stat) if known is not None else self._threads.is_same(holder, stat)

    def namespaces_now(self, pid: int) -> Namespaces:
        """What a process is in at this moment, read and made sure of now."""
        self._read(pid)
        self._show(self._settle() | {pid})
        return self._ledger.namespaces(pid)

    def look_at(self, pids: Iterable[int]) -> None:
        """Read these again in the next look."""
        self._asked.update(pids)

    def look(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Look once.

        Raises:
            OSError: ``/proc`` itself can't be listed.
        """
        now = clock()
        listed = set(self._proc.pids())
        touched = self._bury(self._deaths.collect())
        for pid in self._known.keys() - listed:
            touched.add(pid)
            self._forget(pid)
        touched |= self._check_unwatched()
        due = self._due(listed, now)
        for pid in due:
            self._read(pid)
        touched |= due
        self._threads.look(now)
        touched |= self._settle()
        self._show(touched)

    # -- who is to be read ----------------------------------------------------------------------------------

    def _due(self, listed: set[int], now: float) -> set[int]:
        new = listed - self._known.keys()
        due = new | self._young | (self._asked & listed)
        self._asked = set()
        self._detail_turn = due | set(self._detail_rota.turn(self.pods, now))
        due.update(self._rota.turn(self._known, now))
        self._grow_up()
        return due & listed

    def _grow_up(self) -> None:
        if not self._young:
            return
        oldest = self._clock.ticks_now() - int(YOUNG_SECONDS * TICKS)
        self._young = {
            pid for pid in self._young if pid in self._known and self._known[pid].stat.start_ticks > oldest
        }

    def _bury(self, ended: Iterable[int]) -> set[int]:
        touched = set(ended) & self._known.keys()
        for pid in touched:
            self._see_end(pid, self._proc.stat(pid))
        return touched

    def _check_unwatched(self) -> set[int]:
        touched = set()
        for pid in tuple(self._unwatched):
            stat, known = self._proc.stat(pid), self._known[pid]
            if not known.is_same(stat) or (stat is not None and _has_ended(stat) is not known.zombie):
                touched.add(pid)
                self._see_end(pid, stat)
        return touched

    # -- reading one ----------------------------------------------------------------------------------------

    def _read(self, pid: int) -> None:
        known = self._known.get(pid)
        # The pidfd first: what is read afterwards is this process's, if in the end the pidfd says it is alive.
        watched = self._deaths.watched(pid) or self._deaths.watch(pid)
        stat = self._proc.stat(pid)
        if known is not None and not known.is_same(stat):
            self._forget(pid)
            self._read(pid)
            return
        if stat is None:
            self._deaths.forget(pid)
            return
        if known is None:
            known = self._known[pid] = _Known(stat)
            self._young.add(pid)
        known.stat = stat
        if not watched:
            self._unwatched.add(pid)
        if _has_ended(stat):
            self._see_end(pid, stat)
        else:
            self._read_namespaces(pid, known)

    def _read_namespaces(self, pid: int, known: _Known) -> None:
        try:
            labels = self._proc.labels(pid) or self._threads.labels_of_any(pid, known.stat)
            known.hidden = False
        except PermissionError:
            labels, known.hidden = None, True
        (self.hidden.add if known.hidden else self.hidden.discard)(pid)
        if labels is None:
            self._ledger.release(pid)
            self._threads.forget(pid)
            return
        self._ledger.hold(pid, labels)
        self._threads.note(pid, known.stat.threads)

    def _see_end(self, pid: int, stat: Stat | None) -> None:
        """It has ended: what is left, if anything, is a zombie, which holds no namespace."""
        known = self._known.get(pid)
        if known is None or stat is None or not known.is_same(stat) or not _has_ended(stat):
            self._forget(pid)
            return
        known.stat, known.zombie, known.hidden = stat, True, False
        self.hidden.discard(pid)
        self._deaths.forget(pid)
        self._unwatched.add(pid)
        self._young.discard(pid)
        self._ledger.release(pid)
        self._threads.forget(pid)

    def _forget(self, pid: int) -> None:
        self._deaths.forget(pid)
        self._threads.forget(pid)
        self._ledger.release(pid)
        self._known.pop(pid, None)
        for group in (self._young, self._unwatched, self.hidden, self.pods):
            group.discard(pid)

    def _settle(self) -> set[int]:
        touched: set[int] = set()
        for _ in range(_MOST_ROUNDS):
            touched |= self._bury(self._deaths.collect())
            again = self._ledger.settle()
            self._asked = again
            if not again:
                break
            for holder in again:
                if holder in self._known:
                    self._read(holder)
                else:
                    self._threads.read_again(holder)
            touched |= again
        return touched | self._ledger.changed()

    # -- showing them ---------------------------------------------------------------------------------------

    def _show(self, touched: set[int]) -> None:
        touched |= self._threads.changed()
        if self._host.settle(self._known):
            touched |= self._known.keys()
        before = self.version
        for pid in touched:
            known = self._known.get(pid)
            process = self._described(pid, known) if known is not None else None
            if process is None:
                self.version += self._processes.pop(pid, None) is not None
            elif process != self._processes.get(pid):
                self._processes[pid] = process
                self.version += 1
        if self.version != before:
            self._shown = MappingProxyType(dict(self._processes))

    def _described(self, pid: int, known: _Known) -> Process:
        stat = known.stat
        namespaces = self._ledger.namespaces(pid)
        threads = self._threads.of(pid)
        in_pod = known.zombie or bool(threads) or self._may_be_in_pod(known, namespaces)
        self._deaths.wake_for(pid, in_pod)
        (self.pods.add if in_pod else self.pods.discard)(pid)
        if in_pod and not known.zombie:
            self._renew_details(pid, known, namespaces)
        details = known.details or NO_DETAILS
        return Process(
            id=ProcessId(pid, stat.start_ticks),
            name=stat.name,
            parent=stat.parent,
            uid=stat.uid,
            namespaces=namespaces,
            threads=threads,
            cgroup=details.cgroup,
            namespace_pids=details.namespace_pids,
            command=details.command,
            started_at=self._clock.date(stat.start_ticks) if in_pod else None,
            zombie=known.zombie,
        )

    def _renew_details(self, pid: int, known: _Known, namespaces: Namespaces) -> None:
        shown = self._processes.get(pid)
        changed = shown is None or shown.name != known.stat.name or known.details is None
        if self._with_details and (changed or pid in self._detail_turn):
            nested = namespaces.pid is None or namespaces.pid != self._host.value.pid
            known.details = read_details(self._proc, pid, nested=nested)

    def _may_be_in_pod(self, known: _Known, namespaces: Namespaces) -> bool:
        if known.hidden:
            return not known.stat.is_kernel_thread
        return namespaces is not NOTHING_KNOWN and self._host.differs(namespaces)


def _has_ended(stat: Stat) -> bool:
    # A leader that ended before its threads is a Z too, with the threads still counted: the process lives on.
    return stat.state in "ZX" and stat.threads <= 1

"""Every process and its namespaces, found once and then kept up to date for next to nothing.

The first look reads each process. A later one lists ``/proc`` and asks one epoll who has ended; only new
processes are read, young ones read again (a runtime's helper joins namespaces in its first moments), and a
slice of all the others, so that whatever a process does to itself is seen within ``ROUND`` seconds. Everything
that was read in one look is believed only if at its end the process is still there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from pausetui.core.namespaces import Namespaces
from pausetui.core.observation import Process
from pausetui.kernel.clock import TICKS, BootClock
from pausetui.kernel.deaths import DeathWatch
from pausetui.kernel.hosts import HostNamespaces
from pausetui.kernel.ledger import Ledger
from pausetui.kernel.marks import Marks
from pausetui.kernel.process_table import ProcessTable
from pausetui.kernel.process_views import ProcessViews
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.threads import ThreadReader
from pausetui.kernel.turns import Turns

YOUNG_SECONDS = 3.0
"""How long a new process is read again at every look, in seconds."""
ROUND = 60.0
"""Every process is read again within so many seconds, if there is a look at least that often."""
SMALLEST_SLICE = 16
"""How many processes are read again at every look, however soon it follows."""

_MOST_ROUNDS = 4


class Scan:
    """Processes by pid, kept up to date by ``look``.

    Attributes:
        marks: What marks the network namespaces of those whose namespaces we may not see.
    """

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
        self._threads = ThreadReader(proc, ledger)
        self.marks = Marks(proc)
        self._table = ProcessTable(proc, ledger, deaths, self._threads, self.marks)
        self._views = ProcessViews(proc, ledger, host, clock, self._threads, self.marks, with_details=with_details)
        self._turns = Turns(SMALLEST_SLICE, ROUND)
        self._detail_turns = Turns(1, ROUND)
        self._young: set[int] = set()
        self._asked: set[int] = set()

    @property
    def processes(self) -> Mapping[int, Process]:
        """All that were seen in the last look; the same object while nothing has changed."""
        return self._views.processes

    @property
    def pods(self) -> set[int]:
        """Pids of those that may belong to a pod."""
        return self._views.pods

    @property
    def hidden(self) -> set[int]:
        """Pids of those whose namespaces we may not see."""
        return self._table.hidden

    def is_same(self, holder: int) -> bool:
        """Whether the process (or thread) that has this number is the one that we know by it."""
        known = self._table.known.get(holder)
        stat = self._proc.stat(holder)
        return known.is_same(stat) if known is not None else self._threads.is_same(holder, stat)

    def namespaces_now(self, pid: int) -> Namespaces:
        """What a process is in at this moment, read and made sure of now."""
        self._table.read(pid)
        self._show(self._settle() | {pid}, {pid})
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
        touched = self._table.bury(self._deaths.collect())
        for pid in self._table.known.keys() - listed:
            touched.add(pid)
            self._table.forget(pid)
        touched |= self._table.check_unwatched()
        due = self._due(listed)
        renew_details = due | set(self._detail_turns.turn(self.pods, now))
        due |= listed.intersection(self._turns.turn(self._table.known, now))
        for pid in due:
            self._table.read(pid)
        self._threads.look(now)
        touched |= self._settle() | due | renew_details
        self._show(touched, renew_details)

    def _due(self, listed: set[int]) -> set[int]:
        self._grow_up()
        new = listed - self._table.known.keys()
        due = new | (self._young | self._asked) & listed
        self._asked = set()
        self._young |= new
        return due

    def _grow_up(self) -> None:
        if not self._young:
            return
        known = self._table.known
        oldest = self._clock.ticks_now() - int(YOUNG_SECONDS * TICKS)
        self._young = {pid for pid in self._young if pid in known and known[pid].stat.start_ticks > oldest}

    def _settle(self) -> set[int]:
        touched: set[int] = set()
        for _ in range(_MOST_ROUNDS):
            touched |= self._table.bury(self._deaths.collect())
            again = self._ledger.settle()
            if not again:
                break
            for holder in again:
                if holder in self._table.known:
                    self._table.read(holder)
                else:
                    self._threads.read_again(holder)
            touched |= again
        self._asked |= again
        return touched | self._ledger.changed()

    def _show(self, touched: set[int], renew_details: set[int]) -> None:
        known = self._table.known
        touched |= self._threads.changed()
        if self._host.settle(known):
            touched |= known.keys()
        self._views.show(touched, self._table, renew_details)
        for pid in touched & known.keys():
            self._deaths.wake_for(pid, pid in self.pods)

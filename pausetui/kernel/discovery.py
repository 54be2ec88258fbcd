"""The parts of the kernel that find processes and namespaces, put together.

``Discovery`` is what an ``Observer`` has inside, without addresses, memory, hints and the rest: for scripts and
benchmarks that want to know which process is in which namespace, and nothing more.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from pausetui.core.namespaces import IdentifiedBy, Namespaces
from pausetui.core.observation import Process
from pausetui.kernel.clock import BootClock
from pausetui.kernel.deaths import DeathWatch
from pausetui.kernel.hosts import HostNamespaces
from pausetui.kernel.ledger import Ledger
from pausetui.kernel.netns import Visitor
from pausetui.kernel.nsfs import IdentityReader
from pausetui.kernel.ownership import why_not_ours
from pausetui.kernel.pins import Pins
from pausetui.kernel.places import read_cookie
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.scan import Scan


class Discovery:
    """Processes, namespaces and pins of one ``/proc``, kept up to date by ``look``. Used on one thread."""

    def __init__(self, proc: ProcFolder, forced: IdentifiedBy | None = None, *, with_details: bool = False) -> None:
        """Get ready to look.

        Args:
            proc: Which ``/proc``.
            forced: A way of identifying namespaces to use instead of the best one there is.
            with_details: Whether cgroup, argv and nested pids are read of processes that may be in pods.
        """
        self.proc = proc
        self.not_ours = why_not_ours(proc)
        ours = self.not_ours is None
        self.visitor = Visitor()
        reader = IdentityReader(forced, self._cookie)
        self.ledger = Ledger(proc, reader, same=self._is_same, recheck_pins=self._recheck_pins)
        self.deaths = DeathWatch(enabled=ours)
        own_pid = os.getpid() if ours else None
        self.host = HostNamespaces(self.ledger, own_pid, proc)
        clock = BootClock(proc, ours)
        self.scan = Scan(proc, self.ledger, self.deaths, self.host, clock, with_details=with_details)
        self.pins = Pins(proc, self.ledger, reader, own_pid)

    @property
    def processes(self) -> Mapping[int, Process]:
        """What the last look found, by pid."""
        return self.scan.processes

    @property
    def host_namespaces(self) -> Namespaces:
        """The host's own namespaces, as far as known after the last look."""
        return self.host.value

    def look(self) -> None:
        """Look at every process once.

        Raises:
            OSError: ``/proc`` itself can't be listed.
        """
        self.scan.look()

    def close(self) -> None:
        """Let go of everything."""
        self.deaths.close()
        self.visitor.close()

    def _is_same(self, holder: int) -> bool:
        return self.scan.is_same(holder)

    def _recheck_pins(self) -> None:
        self.pins.read()

    def _cookie(self, descriptor: int) -> int | None:

        (answer,) = self.visitor.visit([lambda: os.dup(descriptor)], read_cookie)
        return None if isinstance(answer, OSError) else answer

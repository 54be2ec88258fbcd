"""The processes as the rest of the program sees them: frozen, and the same object while nothing has changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from pausetui.core.namespaces import NOTHING_KNOWN, Namespaces
from pausetui.core.observation import Process, ProcessId
from pausetui.kernel.clock import BootClock
from pausetui.kernel.details import NO_DETAILS, read_details
from pausetui.kernel.hosts import HostNamespaces
from pausetui.kernel.ledger import Ledger
from pausetui.kernel.marks import Marks
from pausetui.kernel.process_table import Known, ProcessTable
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.threads import ThreadReader


class ProcessViews:
    """What is shown of each known process.

    Attributes:
        processes: All, by pid; the same object while nothing has changed.
        pods: Pids of those that may belong to a pod: in a namespace that is not the host's, or unreadable, or
            ended. Of these more is read than of the others.
    """

    def __init__(
        self,
        proc: ProcFolder,
        ledger: Ledger,
        host: HostNamespaces,
        clock: BootClock,
        threads: ThreadReader,
        marks: Marks,
        *,
        with_details: bool,
    ) -> None:
        self._proc = proc
        self._ledger = ledger
        self._host = host
        self._clock = clock
        self._threads = threads
        self._marks = marks
        self._with_details = with_details
        self._processes: dict[int, Process] = {}
        self.processes: Mapping[int, Process] = MappingProxyType({})
        self.pods: set[int] = set()

    def show(self, touched: Collection[int], table: ProcessTable, renew_details: Collection[int]) -> None:
        """Take up what was read of ``touched`` processes; of some the details are to be read again."""
        any_changed = False
        for pid in touched:
            known = table.known.get(pid)
            before = self._processes.get(pid)
            if known is None:
                self.pods.discard(pid)
                any_changed |= self._processes.pop(pid, None) is not None
                continue
            process = self._portrait(pid, known, before, pid in renew_details)
            if process != before:
                self._processes[pid] = process
                any_changed = True
        if any_changed:
            self.processes = MappingProxyType(dict(self._processes))

    def _portrait(self, pid: int, known: Known, before: Process | None, renew_details: bool) -> Process:
        stat = known.stat
        namespaces = self._ledger.namespaces(pid)
        threads = self._threads.of(pid)
        in_pod = known.zombie or bool(threads) or self._may_be_in_pod(known, namespaces)
        (self.pods.add if in_pod else self.pods.discard)(pid)
        outdated = renew_details or before is None or before.name != stat.name
        if in_pod and self._with_details and (known.details is None or (outdated and not known.zombie)):
            nested = namespaces.pid is None or namespaces.pid != self._host.value.pid
            known.details = read_details(self._proc, pid, nested=nested)
        details = known.details or NO_DETAILS
        return Process(
            id=ProcessId(pid, stat.start_ticks),
            name=stat.name,
            parent=stat.parent,
            uid=details.uid,
            namespaces=namespaces,
            threads=threads,
            cgroup=details.cgroup,
            namespace_pids=details.namespace_pids,
            command=details.command,
            started_at=self._clock.date(stat.start_ticks) if in_pod else None,
            zombie=known.zombie,
            net_mark=self._marks.of(pid),
        )

    def _may_be_in_pod(self, known: Known, namespaces: Namespaces) -> bool:
        if known.hidden:
            return not known.stat.is_kernel_thread
        return namespaces is not NOTHING_KNOWN and self._host.differs(namespaces)

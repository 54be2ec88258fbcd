"""State, memory, CPU and open sockets of the processes that may belong to a pod, every two seconds at most."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pausetui.core.observation import Process, ProcessId, Vitals
from pausetui.kernel.clock import TICKS
from pausetui.kernel.processes import ProcFolder

INTERVAL = 2.0
"""How often everyone is sampled, in seconds; a new process is sampled at once."""
SOCKET_INTERVAL = 10.0
"""How often descriptors are read again whose number has not changed, in seconds."""
MOST_DESCRIPTORS = 1024
"""A process with more open descriptors is not asked how many of them are sockets."""

PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class _Sample:
    at: float
    cpu_ticks: int
    descriptors: int = -1
    sockets: int | None = None
    sockets_at: float = float("-inf")


class VitalsSampler:
    """Samples, and keeps what the next sample is compared to."""

    def __init__(self, proc: ProcFolder) -> None:
        self._proc = proc
        self._samples: dict[ProcessId, _Sample] = {}
        self._found: dict[ProcessId, Vitals] = {}
        self._due = 0.0
        self.value: Mapping[ProcessId, Vitals] = MappingProxyType({})

    def look(self, pids: Collection[int], processes: Mapping[int, Process], now: float) -> set[int]:
        """Sample those that are due. ``now`` in seconds, monotonic.

        Returns:
            Pids whose name or parent is no longer what ``processes`` says.
        """
        wanted = {process.id: process for pid in pids if (process := processes.get(pid)) is not None}
        gone = self._found.keys() - wanted.keys()
        for identity in gone:
            del self._found[identity]
            self._samples.pop(identity, None)
        everyone = now >= self._due
        if everyone:
            self._due = now + INTERVAL
        due = wanted if everyone else {one: wanted[one] for one in wanted if self._is_news(wanted[one])}
        outdated = {process.pid for process in due.values() if not self._sample(process, now)}
        if due or gone:
            self.value = MappingProxyType(dict(self._found))
        return outdated

    def _is_news(self, process: Process) -> bool:
        found = self._found.get(process.id)
        return found is None or (process.zombie and found.state != "Z")

    def _sample(self, process: Process, now: float) -> bool:
        stat = self._proc.stat(process.pid)
        if stat is None or stat.start_ticks != process.id.start_ticks:
            return False
        before = self._samples.get(process.id)
        sample = _Sample(now, stat.cpu_ticks)
        pages = self._proc.resident_pages(process.pid)
        self._count_sockets(process.pid, before, sample)
        self._samples[process.id] = sample
        self._found[process.id] = Vitals(
            state=stat.state,
            rss_bytes=pages * PAGE if pages is not None else None,
            cpu_percent=_percent(before, sample),
            sockets=sample.sockets,
        )
        return (stat.name, stat.parent) == (process.name, process.parent)

    def _count_sockets(self, pid: int, before: _Sample | None, sample: _Sample) -> None:
        folder = f"{self._proc.path}/{pid}/fd"
        try:
            # Since Linux 6.2 the size of this folder is the number of descriptors; before, it is 0.
            sample.descriptors = os.stat(folder).st_size
            recent = before is not None and sample.at - before.sockets_at < SOCKET_INTERVAL
            if before is not None and recent and sample.descriptors == before.descriptors:
                sample.sockets, sample.sockets_at = before.sockets, before.sockets_at
                return
            sample.sockets, sample.sockets_at = _sockets(folder), sample.at
        except OSError:
            sample.sockets = None


def _sockets(folder: str) -> int | None:
    names = os.listdir(folder)
    if len(names) > MOST_DESCRIPTORS:
        return None
    count = 0
    for name in names:
        try:
            count += os.readlink(f"{folder}/{name}").startswith("socket:")
        except FileNotFoundError:
            continue
    return count


def _percent(before: _Sample | None, sample: _Sample) -> float | None:
    if before is None or sample.at <= before.at:
        return None
    return 100.0 * (sample.cpu_ticks - before.cpu_ticks) / TICKS / (sample.at - before.at)

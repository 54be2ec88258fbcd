"""State, memory, CPU and open sockets of the processes that may belong to a pod.

Every two seconds at most; those that did not run at all, on a quiet node nearly everyone, every ten.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pausetui.core.observation import Process, ProcessId, Vitals
from pausetui.kernel.clock import TICKS
from pausetui.kernel.processes import ProcFolder, parsed_stat

INTERVAL = 2.0
"""How often those that run are sampled, in seconds; a new process is sampled at once."""
IDLE_INTERVAL = 10.0
"""The same for those that had not run between their last two samples."""
SOCKET_INTERVAL = 30.0
"""How often descriptors are read again whose number has not changed, in seconds; not of those that never ran."""
MOST_DESCRIPTORS = 1024
"""A process with more open descriptors is not asked how many of them are sockets."""

PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class _Sample:
    """What was last read of a process: ``stat``, "" at first; name and parent; whether it had not run by then."""

    at: float = float("-inf")
    raw: bytes = b""
    cpu_ticks: int = 0
    described: tuple[str, int] = ("", 0)
    idle: bool = False
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
        due = {one: each for one, each in wanted.items() if self._is_due(each, now, everyone=everyone)}
        outdated = {process.pid for process in due.values() if not self._sample(process, now)}
        if due or gone:
            self.value = MappingProxyType(dict(self._found))
        return outdated

    def _is_due(self, process: Process, now: float, *, everyone: bool) -> bool:
        found = self._found.get(process.id)
        if found is None or (process.zombie and found.state != "Z"):
            return True
        sample = self._samples[process.id]
        return everyone and (not sample.idle or now - sample.at >= IDLE_INTERVAL)

    def _sample(self, process: Process, now: float) -> bool:
        raw = self._proc.raw_stat(process.pid)
        sample = self._samples.get(process.id)
        if sample is not None and raw == sample.raw:
            self._note_idle(process, sample, now)
            return sample.described == (process.name, process.parent)
        stat = parsed_stat(raw) if raw is not None else None
        if raw is None or stat is None or stat.start_ticks != process.id.start_ticks:
            return False
        if sample is None:
            sample = self._samples[process.id] = _Sample()
        pages = self._proc.resident_pages(process.pid)
        percent = _percent(sample, stat.cpu_ticks, now)
        sample.at, sample.raw, sample.cpu_ticks, sample.idle = now, raw, stat.cpu_ticks, False
        sample.described = stat.name, stat.parent
        self._count_sockets(process.pid, sample)
        rss = pages * PAGE if pages is not None else None
        self._found[process.id] = Vitals(stat.state, rss, percent, sample.sockets)
        return sample.described == (process.name, process.parent)

    def _note_idle(self, process: Process, sample: _Sample, now: float) -> None:
        """It has not run since: had it used time or touched a page, ``stat`` would differ."""
        sample.at, sample.idle = now, True
        self._count_sockets(process.pid, sample)
        found = self._found[process.id]
        if found.cpu_percent != 0.0 or found.sockets != sample.sockets:
            self._found[process.id] = replace(found, cpu_percent=0.0, sockets=sample.sockets)

    def _count_sockets(self, pid: int, sample: _Sample) -> None:
        folder = f"{self._proc.path}/{pid}/fd"
        try:
            # Since Linux 6.2 the size of this folder is the number of descriptors; before, it is 0.
            descriptors = os.stat(folder).st_size
            recent = sample.at - sample.sockets_at < SOCKET_INTERVAL
            if descriptors == sample.descriptors and (recent or (sample.idle and descriptors)):
                return
            sample.descriptors, sample.sockets_at = descriptors, sample.at
            sample.sockets = _sockets(folder)
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


def _percent(before: _Sample, cpu_ticks: int, now: float) -> float | None:
    if not before.raw or now <= before.at:
        return None
    return 100.0 * (cpu_ticks - before.cpu_ticks) / TICKS / (now - before.at)

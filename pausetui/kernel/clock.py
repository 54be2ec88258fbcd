"""From clock ticks since boot to a date, and how long a process has been there."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

from pausetui.kernel.processes import ProcFolder

TICKS = os.sysconf("SC_CLK_TCK")
"""Clock ticks a second, the unit of start times in /proc (100 on every Linux that people use)."""


class BootClock:
    """The machine's boot time, read once, so that a process's date never moves."""

    def __init__(self, proc: ProcFolder, ours: bool) -> None:
        """``ours``: this /proc is that of the machine we run on, so its clocks are at hand and finer."""
        self._proc = proc
        self._booted = _booted_by_clocks() if ours else _booted_by_stat(proc)

    def date(self, ticks: int) -> datetime | None:
        """When something started that started so many ticks after boot, UTC; None if that can't be told."""
        return self._booted + timedelta(seconds=ticks / TICKS) if self._booted is not None else None

    def ticks_now(self) -> int:
        """Ticks since boot; 0 if they can't be read."""
        try:
            return int(float((self._proc.read("uptime", 64) or b"").split()[0]) * TICKS)
        except (IndexError, ValueError):
            return 0


def _booted_by_clocks() -> datetime:
    # Start times count the time asleep (CLOCK_BOOTTIME), proc_pid_stat(5).
    return datetime.fromtimestamp(time.time() - time.clock_gettime(time.CLOCK_BOOTTIME), UTC)


def _booted_by_stat(proc: ProcFolder) -> datetime | None:
    for line in (proc.read("stat", 1 << 20) or b"").splitlines():
        if line.startswith(b"btime "):
            try:
                return datetime.fromtimestamp(int(line.split()[1]), UTC)
            except (IndexError, ValueError, OverflowError, OSError):
                return None
    return None

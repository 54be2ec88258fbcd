"""What all processes of a container use together, from its cgroup: what ``docker stats`` takes a second for.

cgroup v2: ``memory.current``, ``memory.stat``, ``cpu.stat``; v1: ``memory.usage_in_bytes``, ``memory.stat``,
``cpuacct.usage`` (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst, cgroup-v1/cpuacct.rst). The
working set is what is used less the page cache that nobody has asked for lately, as kubelet and docker count it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

from pausetui.core.inventory import Usage
from pausetui.core.observation import ProcessId
from pausetui.kernel.host import HostRoot

KEPT_SECONDS = 30.0
"""How long a measurement is good enough: nothing here is drawn as a curve."""
_MOST = 65_536


class CgroupUsage:
    """Measures the cgroups of processes, each at most every half minute."""

    def __init__(self, host: HostRoot, now: Callable[[], float] = time.monotonic) -> None:
        self._host = host
        self._now = now
        self._known: dict[ProcessId, tuple[float, Usage | None]] = {}

    def of(self, process: ProcessId) -> Usage | None:
        """What the cgroup of this process uses; None if that can't be read, or it is the root of all."""
        known = self._known.get(process)
        if known is not None and self._now() - known[0] < KEPT_SECONDS:
            return known[1]
        found = self._measured(process.pid)
        self._known[process] = (self._now(), found)
        return found

    def forget_others(self, kept: set[ProcessId]) -> None:
        """Keep what is known of these processes alone."""
        for gone in self._known.keys() - kept:
            del self._known[gone]

    def _measured(self, pid: int) -> Usage | None:
        places = _places(self._read(self._host.join("proc", str(pid), "cgroup")))
        v1 = places.get("memory")
        if v1 is not None:
            folder = self._host.join("sys/fs/cgroup/memory", v1)
            used, stat = self._number(folder, "memory.usage_in_bytes"), self._read(f"{folder}/memory.stat")
            cpu = self._number(self._host.join("sys/fs/cgroup/cpuacct", places.get("cpuacct", v1)), "cpuacct.usage")
            seconds = cpu / 1e9 if cpu is not None else None
            idle = _field(stat, "total_inactive_file")
        elif "" in places and places[""] != "/":
            folder = self._host.join("sys/fs/cgroup", places[""])
            used, stat = self._number(folder, "memory.current"), self._read(f"{folder}/memory.stat")
            micros = _field(self._read(f"{folder}/cpu.stat"), "usage_usec")
            seconds, idle = (micros / 1e6 if micros is not None else None), _field(stat, "inactive_file")
        else:
            return None
        if used is None and seconds is None:
            return None
        size = None if used is None else max(0, used - (idle or 0))
        return Usage(at=datetime.now(UTC), cpu_seconds=seconds, memory_bytes=size)

    def _number(self, folder: str, name: str) -> int | None:
        text = self._read(f"{folder}/{name}").strip()
        return int(text) if text.isascii() and text.isdecimal() else None

    def _read(self, path: str) -> str:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return ""
        try:
            return os.read(descriptor, _MOST).decode("ascii", "replace")
        except OSError:
            return ""
        finally:
            os.close(descriptor)


def _places(text: str) -> dict[str, str]:
    """The paths of ``/proc/PID/cgroup`` by controller, that of v2 by ""; not one that leads out of ours."""
    found = {}
    for line in text.splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if path.startswith("/") and "/.." not in path and path != "/":
            found.update(dict.fromkeys(controllers.split(","), path))
    return found


def _field(text: str, name: str) -> int | None:
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.strip().isdecimal():
            return int(value)
    return None

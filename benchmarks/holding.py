"""What keeps namespaces alive, found out once: those of one pod (the screen), all of them (``snapshot -o json``).

Beside ``lsns``, which tells processes alone: no descriptor, thread, socket, connection or child namespace.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import closing

from benchmarks.crowd import crowd
from benchmarks.row import Row, at_most_times
from pausetui.core.namespaces import NamespaceId
from pausetui.kernel.holding import find_holders
from pausetui.kernel.observer import Observer
from pausetui.kernel.places import Place
from pausetui.kernel.processes import ProcFolder

GOALS = {300: (1.0, 2.0), 10000: (0.3, 0.5)}
"""By the number of processes: for one pod, for all namespaces."""
TURNS = 5


def rows() -> Iterable[Row]:
    for size, goals in GOALS.items():
        with crowd(size) as started:
            yield from _measured(started, *goals)


def _measured(size: int, pod_goal: float, all_goal: float) -> Iterable[Row]:
    proc, places = ProcFolder("/proc"), _places()
    pid = next(place.pid for place in places if place.namespace.kind == "net")
    pod = [place for place in places if place.pid == pid]
    theirs, one, every = [], [], []
    for _ in range(TURNS):
        theirs.append(_milliseconds(lambda: subprocess.run(["lsns", "-n"], stdout=subprocess.DEVNULL, check=True)))
        one.append(_milliseconds(lambda: find_holders(proc, pod)))
        every.append(_milliseconds(lambda: find_holders(proc, places)))
    what = f"{size} processes"
    yield at_most_times(
        f"holders of one pod, {what}", min(one), min(theirs), "ms", pod_goal, "every descriptor's link"
    )
    name = f"holders of {len(places)} namespaces, {what}"
    yield at_most_times(name, min(every), min(theirs), "ms", all_goal, "the same, a visit to each network")


def _places() -> list[Place]:
    """Every namespace that is not the host's."""
    found: dict[NamespaceId, int] = {}
    with closing(Observer()) as observer:
        look = observer.observe()
    for process in look.processes.values():
        for space in process.namespaces.known():
            if not look.is_hosts(space):
                found.setdefault(space, process.pid)
    return [Place(space, pid) for space, pid in found.items()]


def _milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000

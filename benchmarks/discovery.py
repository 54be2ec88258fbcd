"""One complete discovery of all namespaces, against ``lsns``.

Ours: every process with start time and parent, its namespaces of all eight kinds, and the kernel's own
identity of each namespace, which ``lsns`` does not tell. What an ``Observer`` reads besides is a row of its own.
Both sides take turns in one run; the figures are the best wall times of each, because what other processes of the
machine took away is in neither of them.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import closing

from benchmarks.crowd import crowd
from benchmarks.row import Row, at_most_times
from pausetui.kernel.discovery import Discovery
from pausetui.kernel.observer import Observer
from pausetui.kernel.processes import ProcFolder

FIRST_GOALS = {500: 0.4, 2000: 0.3, 10000: 0.12}
STEADY_GOAL = 0.03
TURNS = 7
STEADY_LOOKS = 20
SECONDS_TO_GROW_UP = 4.0
"""Processes younger than this are read again at every look; the crowd has to be older to be idle."""


def rows() -> Iterable[Row]:
    for size, goal in FIRST_GOALS.items():
        with crowd(size) as started:
            time.sleep(SECONDS_TO_GROW_UP)
            yield from _measured(started, goal)


def _measured(size: int, goal: float) -> Iterable[Row]:
    first: list[float] = []
    steady: list[float] = []
    theirs: list[float] = []
    whole: list[float] = []
    for _ in range(TURNS):
        theirs.append(_milliseconds(lambda: subprocess.run(["lsns", "-n"], stdout=subprocess.DEVNULL, check=True)))
        with closing(Discovery(ProcFolder("/proc"))) as discovery:
            first.append(_milliseconds(discovery.look))
            steady.extend(_milliseconds(discovery.look) for _ in range(STEADY_LOOKS))
        with closing(Observer()) as observer:
            whole.append(_milliseconds(observer.observe))
    what = f"{size} processes"
    yield at_most_times(f"first discovery, {what}", min(first), min(theirs), "ms", goal, "8 readlink each")
    yield at_most_times(
        f"steady discovery, {what}", min(steady), min(theirs), "ms", STEADY_GOAL, "listing /proc, one epoll"
    )
    yield at_most_times(
        f"first observation, {what}",
        min(whole),
        min(theirs),
        "ms",
        1.5,
        "discovery, details, memory, networks",
    )


def _milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000

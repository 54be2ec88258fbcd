"""The crictl backend on a real containerd with many pods, beside the same crictl in a shell; and watching them.

crictl is the tests' stand-in, a Python program of 0.1 s a call. What it takes is on both sides of every ratio, and
the rows of pausetui's own process don't have it at all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.crictl_inventory import Cost, Costs
from benchmarks.row import Row, at_most, at_most_times
from benchmarks.terminal import Terminal
from tests.real import cri_scenarios
from tests.real.containerd import ROOT, Bed, containerd

SIZES = (10, 50, 110)
SECONDS = 60.0
SETTLE = 20.0
"""Seconds until nothing is young any more: what is new is looked at more often."""
TRIES = 3
QUIET_CALLS = 0.5
"""Calls of crictl a second while nothing wakes us: two each five seconds, and a few to spare."""
TICKS = os.sysconf("SC_CLK_TCK")


def rows() -> Iterable[Row]:
    """One node that grows."""
    with containerd() as bed:
        made = 0
        for size in SIZES:
            for spec in cri_scenarios.load(size)[made:]:
                bed.node.run(spec)
            made = size
            costs = inventories(bed)
            yield from first(f"{size} pods × 3, first inventory", costs)
            yield from steady(f"{size} pods × 3, nothing changed", costs)
        yield from quiet(f"{made} pods × 3, a quiet minute", bed, costs)


def inventories(bed: Bed) -> Costs:
    """The figures of ``benchmarks.crictl_inventory``."""
    program = [*entering(bed), sys.executable, "-m", "benchmarks.crictl_inventory", str(bed.calls_log)]
    result = subprocess.run(program, env=bed.environment(), stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(result.stdout)
    many = {key: [Cost(**each) for each in told[key]] for key in ("steady", "by_hand")}
    return Costs(Cost(**told["first"]), Cost(**told["loop"]), **many)


def entering(bed: Bed) -> list[str]:
    """What runs a command where the node's files are."""
    return ["nsenter", "-t", str(bed.pid), "-m", f"-w{ROOT}", "--"]


def first(what: str, costs: Costs) -> Iterator[Row]:
    ours, loop = costs.first, costs.loop
    yield at_most_times(f"{what}, beside a shell loop: calls", ours.calls, loop.calls, "calls", 0.2)
    yield at_most_times(f"{what}, beside a shell loop: wall", ours.wall, loop.wall, "s", 0.3)
    cpu = ours.own + ours.crictl, loop.own + loop.crictl
    yield at_most_times(f"{what}, beside a shell loop: CPU", *cpu, "s", 0.3, f"{ours.own:.3f} s of it pausetui's")


def steady(what: str, costs: Costs) -> Iterator[Row]:
    ours, by_hand = costs.steady, costs.by_hand
    yield at_most(f"{what}: calls", max(each.calls for each in ours), "calls", 2)
    wall, theirs = (median(each.wall for each in side) * 1000 for side in (ours, by_hand))
    yield at_most_times(f"{what}, beside these calls by hand: wall", wall, theirs, "ms", 1.2)
    cpu = median(each.own + each.crictl for each in ours), costs.loop.own + costs.loop.crictl
    yield at_most_times(f"{what}, beside a shell loop: CPU", *cpu, "s", 0.1)
    yield at_most(f"{what}: CPU of pausetui's own", sum(each.own for each in ours) / len(ours) * 1000, "ms", 10)


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds of a process, of those that it started and that have ended, of containerd; calls of crictl."""

    own: float
    children: float
    containerd: float
    calls: int


def quiet(what: str, bed: Bed, costs: Costs) -> Iterator[Row]:
    """Watched without a screen, as ``pausetui watch`` does it, and on the screen."""
    command = [*entering(bed), "env", *variables(bed), sys.executable, "-m", "benchmarks.crictl_watched"]
    command += [f"/proc/{bed.pid}/ns/net"]
    with subprocess.Popen([*command, "watch", "--backend", "crictl"], stdout=subprocess.DEVNULL, cwd=ROOT) as watch:
        try:
            time.sleep(SETTLE)
            told = watched(bed, watch.pid, time.sleep)
        finally:
            watch.terminate()
    yield from spent(f"{what} without a screen", told, costs)
    with Terminal([*command, "--backend", "crictl"]) as terminal:
        terminal.shown_at(lambda display: any("load-001" in line for line in display))
        terminal.receive(SETTLE)
        yield from spent(f"{what} on the screen", watched(bed, terminal.pid, terminal.receive), costs)


def variables(bed: Bed) -> list[str]:
    there = bed.environment()
    names = ("PATH", "CONTAINER_RUNTIME_ENDPOINT", "CRICTL_STANDIN_VERSION", "CRICTL_STANDIN_LOG")
    return [f"{name}={there[name]}" for name in names if name in there]


def watched(bed: Bed, pid: int, wait: Callable[[float], None]) -> Spent:
    """What SECONDS of watching cost: the quietest of a few goes, since other pods of the machine wake us, too."""
    goes: list[Spent] = []
    while len(goes) < TRIES and (not goes or goes[-1].calls > SECONDS * QUIET_CALLS):
        goes.append(watched_once(bed, pid, wait))
    return min(goes, key=lambda each: each.calls)


def watched_once(bed: Bed, pid: int, wait: Callable[[float], None]) -> Spent:
    before, calls = (*used(pid), used(bed.containerd_pid)[0]), len(bed.calls())
    wait(SECONDS)
    after = (*used(pid), used(bed.containerd_pid)[0])
    own, children, runtime = (late - early for late, early in zip(after, before, strict=True))
    return Spent(own, children, runtime, len(bed.calls()) - calls)


def used(pid: int) -> tuple[float, float]:
    """CPU seconds of a process, and of its children that have ended: proc_pid_stat(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, children_user, children_system = map(int, fields[11:15])
    return (user + system) / TICKS, (children_user + children_system) / TICKS


def spent(what: str, told: Spent, costs: Costs) -> Iterator[Row]:
    yield at_most(f"{what}: pausetui's own process", told.own / SECONDS * 100, "% of a core", 1.0)
    by_hand = median(each.crictl / each.calls for each in costs.by_hand) * told.calls
    name = f"{what}: {told.calls} calls of crictl, beside as many by hand"
    yield at_most_times(name, told.children, by_hand, "s", 1.2)
    yield at_most(f"{what}: containerd", told.containerd / SECONDS * 100, "% of a core", 3.0)

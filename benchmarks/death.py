"""From the death of a process to its changed row on the screen."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterable
from statistics import median

from benchmarks.lab import PAUSETUI, lab, seen
from benchmarks.row import Row, at_most
from benchmarks.terminal import Terminal
from pausetui.core.inventory import Role
from pausetui.core.observation import ProcessId

SCENARIOS = ("web", "sidecar", "mesh", "init")
ROUNDS = 2
"""Each member is killed so often; a lab that has just begun restarts it without much delay."""
GOAL = 100.0
SETTLED = 4.0
"""Seconds in which a killed member is back and its row no longer changes."""


def rows() -> Iterable[Row]:
    """The median over all members of four pods, each killed by SIGKILL."""
    times: list[float] = []
    for _ in range(ROUNDS):
        with lab(*SCENARIOS), Terminal([*PAUSETUI, "--backend", "lab"]) as terminal:
            terminal.shown_at(lambda display: any("sidecar" in line for line in display))
            terminal.press("+")
            terminal.receive(1.0)
            times.extend(until_changed(terminal, name, process) for name, process in members())
    yield at_most(
        f"death of a process to its changed row, median of {len(times)}",
        median(times) * 1000,
        "ms",
        GOAL,
        f"slowest {max(times) * 1000:.0f} ms; the pidfd's hint, a look at the kernel, one paint",
    )


def members() -> list[tuple[str, ProcessId]]:
    """Running members whose name is on one row only, and their main processes."""
    containers = [each for pod in seen().pods for each in pod.members if each.role is Role.MEMBER]
    names = [each.name for each in containers]
    return [(each.name, each.process) for each in containers if each.process and names.count(each.name) == 1]


def until_changed(terminal: Terminal, name: str, process: ProcessId) -> float:
    """Kill the process; seconds until the row with this name reads differently."""
    before = row_of(terminal.display(), name)
    killed = time.perf_counter()
    os.kill(process.pid, signal.SIGKILL)
    changed = terminal.shown_at(lambda display: row_of(display, name) != before)
    terminal.receive(SETTLED)
    return changed - killed


def row_of(display: list[str], name: str) -> str:
    """The member's row in the tree, up to the details beside it; "" if there is none."""
    return next((line.partition("│")[0] for line in display if re.match(rf"  [├└] \S {name} ", line)), "")

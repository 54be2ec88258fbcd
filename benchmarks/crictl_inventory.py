"""In a node: what inventories of the crictl backend cost, beside the calls that a person would make.

``python -m benchmarks.crictl_inventory LOG`` prints JSON. ``crictl`` is that of PATH; it notes each call in LOG.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from pausetui.backends.crictl.backend import CrictlBackend
from pausetui.core.observation import Observation
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from tests.crictl_standin.calls import calls_in

ROUNDS = 9
LOOP = """
crictl pods
crictl ps -a
for id in $(crictl pods -q); do crictl inspectp "$id"; done
for id in $(crictl ps -a -q); do crictl inspect "$id"; done
"""
TWO = (("crictl", "pods", "-o", "json"), ("crictl", "ps", "-a", "-o", "json"))


@dataclass(frozen=True, slots=True)
class Cost:
    """Calls of crictl, seconds on the clock, CPU seconds of this process and of those that it started."""

    calls: int
    wall: float
    own: float
    crictl: float


@dataclass(frozen=True, slots=True)
class Costs:
    """``steady`` and ``by_hand`` took turns: an inventory where nothing changed, and its two calls made by hand."""

    first: Cost
    loop: Cost
    steady: list[Cost]
    by_hand: list[Cost]


def main() -> int:
    log = Path(sys.argv[1])
    with closing(Observer()) as observer:
        costs = measured(CrictlBackend(HostRoot()), observer.observe(), log)
    print(json.dumps(asdict(costs)))
    return 0


def measured(backend: CrictlBackend, observation: Observation, log: Path) -> Costs:
    def inventory() -> None:
        if (found := backend.inventory(observation)).problems:
            raise RuntimeError(f"the node is not at rest: {found.problems[0]}")

    first = cost(inventory, log)
    loop = cost(lambda: run("sh", "-c", LOOP), log)
    inventory()
    turns = [(cost(inventory, log), cost(two_calls, log)) for _ in range(ROUNDS)]
    return Costs(first, loop, [steady for steady, _ in turns], [by_hand for _, by_hand in turns])


def two_calls() -> None:
    for command in TWO:
        run(*command)


def run(*command: str) -> None:
    """What it prints is received, as a terminal would."""
    subprocess.run(command, capture_output=True, check=True)


def cost(go: Callable[[], None], log: Path) -> Cost:
    calls, before, own, wall = len(calls_in(log)), os.times(), time.process_time(), time.perf_counter()
    go()
    wall, own, after = time.perf_counter() - wall, time.process_time() - own, os.times()
    crictl = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(len(calls_in(log)) - calls, wall, own, crictl)


if __name__ == "__main__":
    raise SystemExit(main())

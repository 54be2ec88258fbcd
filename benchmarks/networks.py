"""All namespaces and networks of 110 and 500 pods, against ``lsns`` and ``ip`` and ``ss`` in each; what watching
them takes of memory; how soon a change in a pod is a line of the timeline.

All of it in a network namespace that plays the node, so that nothing is made in the real one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.row import Row, at_most, at_most_times

PODS = (110, 500)
GOAL, GOAL_MILLISECONDS, GOAL_KILOBYTES = 0.05, 100.0, 200.0
_ROOT = Path(__file__).parent.parent
_LATENCY_OF = {
    "address": "address deleted in a pod",
    "link": "link changed in a pod",
    "route": "default route changed in a pod",
}


def rows() -> Iterable[Row]:
    """From one run of ``networks_node.py`` for each number of pods."""
    for count in PODS:
        yield from _rows(count)


def _rows(count: int) -> Iterable[Row]:
    command = [sys.executable, "-m", "benchmarks.networks_node", str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=_ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    what = f"all namespaces and networks of {count} pods, against lsns -J and nsenter ip -j addr, ss in each"
    inside = "links, addresses, routes, neighbours, sockets, packet rules; from nothing"
    yield at_most_times(what, found["ours"], found["theirs"], "ms", GOAL, inside)
    yield at_most_times("the same, CPU", found["our cpu"], found["their cpu"], "ms", GOAL)
    memory = f"resident memory of a session on {count} pods, a pod"
    yield at_most(memory, found["kilobytes"], "kB", GOAL_KILOBYTES, "beyond that of a session on none")
    for kind, words in _LATENCY_OF.items():
        slowest = found[f"{kind} slowest"]
        bound = "some of it is the start of nsenter and ip"
        yield at_most(f"{words}, of {count}, to the line, median", found[kind], "ms", GOAL_MILLISECONDS, bound)
        yield at_most(f"{words}, of {count}, to the line, slowest", slowest, "ms", GOAL_MILLISECONDS)

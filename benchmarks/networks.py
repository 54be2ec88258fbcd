"""The networks of 110 namespaces, whole, against ``ip`` and ``ss`` in each; and how soon a change in one is heard.

All of it in a network namespace that plays the node, so that nothing is made in the real one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.row import Row, at_most, at_most_times

PODS = 110
GOAL, GOAL_MILLISECONDS, GOAL_KILOBYTES = 0.05, 100.0, 200.0
_ROOT = Path(__file__).parent.parent


def rows() -> Iterable[Row]:
    """From one run of ``networks_node.py``."""
    command = ["unshare", "-nm", sys.executable, "-m", "benchmarks.networks_node", str(PODS)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=_ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    yield at_most_times(
        f"networks of {PODS} namespaces, against nsenter ip -j addr and ss in each",
        found["ours"],
        found["theirs"],
        "ms",
        GOAL,
        f"{found['cpu']:.0f} ms of CPU; links, addresses, routes, neighbours, sockets with owners, packet rules",
    )
    yield at_most("memory that all those views take, a namespace", found["kilobytes"], "kB", GOAL_KILOBYTES)
    for what in ("address", "link", "route"):
        yield at_most(
            f"{what} changed in a pod to the hint, median",
            found[what],
            "ms",
            GOAL_MILLISECONDS,
            f"slowest {found[what + ' slowest']:.1f} ms; mostly the start of nsenter and ip; one socket",
        )

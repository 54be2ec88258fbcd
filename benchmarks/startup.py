"""From the start of the process to the first painted tree, beside the import of Textual alone."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable
from statistics import median

from benchmarks.lab import PAUSETUI, lab
from benchmarks.row import Row, at_most_times
from benchmarks.terminal import Terminal, environment

ROUNDS = 9
GOAL = 1.6


def rows() -> Iterable[Row]:
    """The median of interleaved rounds, everything compiled and read once before."""
    with lab("web"):
        pairs = [(first_tree(), import_of_textual()) for _ in range(ROUNDS + 1)][1:]
    ours, peer = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    yield at_most_times(
        "start to first painted tree, beside `import textual.app`",
        ours * 1000,
        peer * 1000,
        "ms",
        GOAL,
        "the import of Textual, the first look at /proc and the answer of the lab",
    )


def first_tree() -> float:
    """Seconds until the rows of the lab's pod are on a terminal."""
    with Terminal([*PAUSETUI, "--backend", "lab"]) as terminal:
        return terminal.shown_at(shows_the_tree) - terminal.started


def shows_the_tree(display: list[str]) -> bool:
    return any("lab/web" in line for line in display) and any("sidecar" in line for line in display)


def import_of_textual() -> float:
    """Seconds that a Python takes that does nothing but import Textual."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import textual.app"], check=True, env=environment())
    return time.perf_counter() - started

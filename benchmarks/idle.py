"""What is sent to the terminal while nothing happens."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import closing

from benchmarks.big_node import UNCHANGED, Stage
from benchmarks.lab import PAUSETUI, lab
from benchmarks.row import Row, at_most
from benchmarks.terminal import Terminal

SECONDS = 60.0
GOAL = 200


def rows() -> Iterable[Row]:
    """A quiet node of 110 pods, looked at all the time; and the real lab, which is never quite still."""
    with closing(Stage()) as stage:
        yield at_most("60 s of a node where nothing happens", quiet(stage), "bytes", GOAL)
    with lab("web"), Terminal([*PAUSETUI, "--backend", "lab"]) as terminal:
        terminal.shown_at(lambda display: any("sidecar" in line for line in display))
        terminal.receive(5.0)
        before = terminal.sent
        terminal.receive(SECONDS)
        sent = terminal.sent - before
    yield at_most("60 s of the lab's web pod", sent, "bytes", GOAL, "ages that pass a minute are in it")


def quiet(stage: Stage) -> int:
    """Bytes sent while the same pods are shown again and again, each picture a second younger."""
    before, ends = stage.terminal.sent, time.perf_counter() + SECONDS
    while time.perf_counter() < ends:
        stage.step(UNCHANGED)
        stage.terminal.receive(0.6)
    return stage.terminal.sent - before

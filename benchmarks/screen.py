"""What one picture costs the thread that draws, and the line to the terminal, on a node with 110 pods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from statistics import median

from benchmarks.big_node import LINE, ROW, TROUBLE, UNCHANGED, Stage
from benchmarks.row import Row, at_most

STEPS = 15


def rows() -> Iterable[Row]:
    """Medians. The tree alone first, then with timeline and details as the screen opens."""
    with closing(Stage()) as stage:
        open_milliseconds, open_bytes = cost(stage, LINE)
        stage.terminal.press("d")
        stage.terminal.receive(1.0)
        yield from costs(stage, "nothing changed", UNCHANGED, 1.0, 0)
        yield from costs(stage, "one visible row changed", ROW, 4.0, 400)
        yield from costs(stage, "one pod turned NotReady or Ready", TROUBLE, 4.0, 400)
    yield at_most("110 pods, a row with timeline and details open: UI thread", open_milliseconds, "ms", 15.0)
    yield at_most("110 pods, a row with timeline and details open: sent", open_bytes, "bytes", 4000)


def costs(stage: Stage, what: str, kind: str, milliseconds: float, sent: int) -> Iterator[Row]:
    time_taken, bytes_sent = cost(stage, kind)
    yield at_most(f"110 pods, {what}: UI thread", time_taken, "ms", milliseconds)
    yield at_most(f"110 pods, {what}: sent", bytes_sent, "bytes", sent)


def cost(stage: Stage, kind: str) -> tuple[float, float]:
    """Median CPU milliseconds and bytes of one step, the first left out."""
    steps = [stage.step(kind) for _ in range(STEPS + 1)][1:]
    return median(each[0] for each in steps), median(each[1] for each in steps)

"""Reads the log of the calls."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Call:
    """A call of crictl.

    Attributes:
        argv: What came after its name.
        at: When it began, seconds since the epoch.
        rc: Its exit code; None if it runs yet, or was killed.
        ms: How long it took in milliseconds, with the start of Python.
    """

    argv: tuple[str, ...]
    at: float
    rc: int | None = None
    ms: float | None = None


def calls_in(log: Path) -> list[Call]:
    """The calls, in the order in which they began."""
    calls: list[Call] = []
    newest: dict[int, int] = {}
    for line in map(json.loads, log.read_text().splitlines()):
        if "argv" in line:
            newest[line["pid"]] = len(calls)
            calls.append(Call(tuple(line["argv"]), line["at"]))
        else:
            began = calls[newest[line["pid"]]]
            calls[newest[line["pid"]]] = Call(began.argv, began.at, line["rc"], line["ms"])
    return calls

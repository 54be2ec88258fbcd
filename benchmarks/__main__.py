"""``python -m benchmarks [-o json] [NAME…]``: measure, and print a table or JSON.

Each module named in MEASURED has ``rows() -> Iterable[Row]``. The exit code is 0 if every goal was met, else 1.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib import import_module

from benchmarks.row import Row

MEASURED = (
    "discovery",
    "addresses",
    "networks",
    "holding",
    "startup",
    "death",
    "screen",
    "idle",
    "crictl",
    "docker",
)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__, allow_abbrev=False)
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these of: {', '.join(MEASURED)}")
    options = parser.parse_args(argv)
    if unknown := set(options.names) - set(MEASURED):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    rows = list(measured(options.names or MEASURED))
    print(as_json(rows) if options.output == "json" else as_table(rows))
    return 0 if all(row.met for row in rows) else 1


def measured(names: Sequence[str]) -> Iterator[Row]:
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        yield from import_module(f"benchmarks.{name}").rows()


def as_json(rows: Sequence[Row]) -> str:
    machine = {"kernel": platform.release(), "machine": platform.machine(), "python": platform.python_version()}
    return json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=2)


def as_table(rows: Sequence[Row]) -> str:
    titles = ("what", "ours", "peer", "ratio", "goal", "met", "bound by")
    lines = [titles, *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(titles))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def cells(row: Row) -> tuple[str, ...]:
    peer = "" if row.peer is None else f"{row.peer:.4g} {row.unit}"
    ratio = "" if row.ratio is None else f"{row.ratio:.3g} x"
    return row.name, f"{row.ours:.4g} {row.unit}", peer, ratio, row.goal, "yes" if row.met else "NO", row.bound_by


if __name__ == "__main__":
    raise SystemExit(main())

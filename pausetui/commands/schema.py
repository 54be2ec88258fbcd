"""``pausetui schema``: the JSON Schema of what the other commands print."""

from __future__ import annotations

import argparse
from importlib.resources import files

from pausetui.commands import output

NAMES = ("snapshot", "change", "doctor")


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "schema",
        help="print the JSON Schema of a snapshot, a change or a check-up",
        description="Print the JSON Schema (draft 2020-12) of what snapshot, watch and doctor print with -o json.",
    )
    parser.add_argument("name", choices=NAMES, help="what to describe")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the schema that ships in the package."""
    output.write(text(args.name))
    return 0


def text(name: str) -> str:
    """The schema of this name."""
    return files("pausetui.core").joinpath("schema", f"{name}.schema.json").read_text(encoding="utf-8")

"""``pausetui backends``: where pods can be read from, and what each finds on this machine."""

from __future__ import annotations

import argparse
from contextlib import closing

from pausetui.backends.switch import best
from pausetui.commands import choose, output
from pausetui.kernel.observer import Observer


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "backends",
        help="list where pods can be read from, and what each finds here",
        description="List every backend with what it finds on this machine. A star marks the one auto means.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask each backend once."""
    host = choose.host_root(args)
    with closing(Observer(host)) as observer:
        observation = observer.observe()
    with closing(choose.switch(args, host, every=True)) as switch:
        findings = switch.findings(observation)
        chosen = best(findings)
    room = max(len(one.name) for one in findings)
    for one in findings:
        mark = "*" if one.name == chosen else " "
        output.write(f"{mark} {one.name:<{room}}  {one.text}\n")
    return 0

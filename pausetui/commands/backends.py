"""``pausetui backends``: where pods can be read from, and what each finds on this machine."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing

from pausetui.backends.candidates import Finding, best
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
        output.write(f"{mark} {one.name:<{room}}  {one.text}{reason(one, chosen, findings)}\n")
    return 0


def reason(one: Finding, chosen: str, findings: Sequence[Finding]) -> str:
    """Why auto takes this one or does not, to be put behind what it has; "" where that says it."""
    if one.pods is None:
        return ""
    if one.name == chosen:
        return "; used: the first that has pods" if one.pods else "; used: none has pods, and it answers first"
    order = [each.name for each in findings]
    if one.pods and order.index(one.name) > order.index(chosen):
        return f"; not used: {chosen} comes first. To use it: --backend {one.name}"
    return (
        f"; not used: {chosen} has some" if not one.pods and any(each.pods for each in findings) else "; not used"
    )

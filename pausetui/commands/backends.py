"""``pausetui backends``: where pods can be read from, and what each finds on this machine."""

from __future__ import annotations

import argparse
from contextlib import closing

from pausetui.backends import registry
from pausetui.commands import choose, output
from pausetui.core.observation import Observation
from pausetui.core.wording import plural
from pausetui.errors import PausetuiError
from pausetui.kernel.host import HostRoot
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
    chosen = choose.backend_name(choose.AUTO, host)
    names = sorted(registry.names())
    room = max(map(len, names))
    for name in names:
        mark = "*" if name == chosen else " "
        output.write(f"{mark} {name:<{room}}  {finding(name, host, observation)}\n")
    return 0


def finding(name: str, host: HostRoot, observation: Observation) -> str:
    """What this backend finds, or why it finds nothing, in one line."""
    try:
        with closing(registry.load(name)(host)) as backend:
            pods = backend.inventory(observation).pods
    except PausetuiError as error:
        return str(error)
    return plural(len(pods), "pod")

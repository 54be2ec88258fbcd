"""``pausetui snapshot``: one look, printed."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

from pausetui.backends.base import Backend
from pausetui.commands import choose, output, rights
from pausetui.core.hidden import hides_something
from pausetui.core.join import join
from pausetui.core.json_value import to_page
from pausetui.core.only import only_namespace
from pausetui.core.readable import snapshot_to_text
from pausetui.core.snapshot import Snapshot
from pausetui.core.wire import snapshot_to_json
from pausetui.kernel.observer import Observer
from pausetui.live.holding import holdings_of
from pausetui.live.inside import networks_of


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "snapshot",
        help="print what there is now, as a table or as JSON",
        description="Print every pod of this machine with its pause container and members, once.",
    )
    parser.add_argument(
        "-o", "--output", choices=("table", "json"), default="table", help="how to print it (default: table)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look once and print what was seen.

    Raises:
        CannotLook: The backend or the kernel could not be asked.
    """
    host = choose.host_root(args)
    with closing(choose.switch(args, host)) as backend, closing(Observer(host)) as observer:
        snapshot = look(backend, observer)
    if args.output == "json":
        networks, holdings = networks_of(host, snapshot), holdings_of(host, snapshot)
        snapshot = replace(snapshot, networks=networks, holdings=holdings)
    shown = only_namespace(snapshot, args.namespace)
    if args.output == "json":
        output.write(to_page(snapshot_to_json(shown)) + "\n")
    else:
        output.write(snapshot_to_text(shown, output.glyphs(ascii_only=args.ascii)))
    for remark in remarks(shown, args.namespace):
        output.say(remark)
    return 0


def look(backend: Backend, observer: Observer, before: Snapshot | None = None) -> Snapshot:
    """One snapshot. The kernel is asked once more after the runtime, so that what it names can be found."""
    inventory = backend.inventory(observer.observe())
    return join(inventory, observer.observe(), datetime.now(UTC), before, backend=backend.name)


def remarks(snapshot: Snapshot, namespace: str | None) -> list[str]:
    """What to tell the user beside the snapshot: how to see the rest, or how to get pods at all."""
    command = rights.root_command()
    if command and hides_something(snapshot):
        return [rights.to_see_the_rest(command)]
    if snapshot.pods:
        return []
    if namespace is not None:
        return [f"no pods in the namespace {namespace}"]
    return ["no pods found; to see some, start the lab: pausetui lab up"]

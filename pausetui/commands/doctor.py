"""``pausetui doctor``: what is wrong on this machine, what it means and what to do."""

from __future__ import annotations

import argparse
import time
from contextlib import closing
from dataclasses import replace

from pausetui.backends.reservations import reservations
from pausetui.commands import choose, output, rights
from pausetui.commands.snapshot import look
from pausetui.core.doctor.checks import findings
from pausetui.core.doctor.finding import Examined
from pausetui.core.doctor.telling import to_json, to_text
from pausetui.core.json_value import to_page
from pausetui.core.only import only_namespace
from pausetui.kernel.observer import Observer
from pausetui.live.inside import networks_of
from pausetui.text import in_glyphs

APART_SECONDS = 1.5
"""What has to last to be wrong (a zombie, a pod between two sandboxes) is there in two looks so far apart."""
LEAKED_SECONDS = 5.0
"""So much longer a namespace has to be nobody's to be called leaked."""
FOUND_SOMETHING = 1


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "doctor",
        help="say what is wrong with the pods and networks of this machine, and what to do",
        description="Look for what is wrong: orphaned members, stale addresses, leaked namespaces, crash loops and "
        "more. Exit code 0: nothing found; 1: something; 2: could not look.",
    )
    parser.add_argument(
        "-o", "--output", choices=("text", "json"), default="text", help="how to print it (default: text)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look twice and print what was found.

    Raises:
        CannotLook: The backend or the kernel could not be asked.
    """
    host = choose.host_root(args)
    with closing(choose.switch(args, host)) as backend, closing(Observer(host)) as observer:
        before = look(backend, observer)
        time.sleep(APART_SECONDS)
        snapshot = look(backend, observer, before)
        if snapshot.unclaimed:
            # One that is being made, or taken away, is not leaked: it takes longer than two looks.
            time.sleep(LEAKED_SECONDS)
            snapshot = look(backend, observer, snapshot)
    snapshot = replace(snapshot, networks=networks_of(host, snapshot))
    shown = only_namespace(snapshot, args.namespace)
    found = findings(Examined(shown, before, reservations(host) if args.namespace is None else ()))
    if args.output == "json":
        output.write(to_page(to_json(found, shown.problems, shown.taken_at, shown.backend)) + "\n")
    else:
        glyphs = output.glyphs(ascii_only=args.ascii)
        output.write(in_glyphs(to_text(found, shown.problems, len(shown.pods), shown.backend), glyphs))
    rights.say_what_is_hidden(shown)
    if not shown.pods and args.namespace is not None:
        output.say(f"no pods in the namespace {args.namespace}")
    return FOUND_SOMETHING if found else 0

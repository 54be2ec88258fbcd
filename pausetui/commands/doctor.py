"""``pausetui doctor``: what is wrong on this machine, what it means and what to do."""

from __future__ import annotations

import argparse
from contextlib import closing

from pausetui.commands import choose, output, rights
from pausetui.commands.snapshot import look
from pausetui.core.doctor.telling import to_json, to_text
from pausetui.core.json_value import to_page
from pausetui.core.snapshot import Snapshot
from pausetui.kernel.observer import Observer
from pausetui.live.checkup import check_up
from pausetui.text import in_glyphs

CLEAN, FOUND_SOMETHING = 0, 1


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "doctor",
        help="say what is wrong with the pods and networks of this machine, and what to do",
        description="Look for what is wrong: orphaned members, stale addresses, leaked namespaces, crash loops and "
        "more. It looks twice, and once more if something was found, for it has to last: that takes 2 to 7 "
        "seconds. Exit code 0: nothing found; 1: something; 2: could not look.",
    )
    parser.add_argument(
        "-o", "--output", choices=("text", "json"), default="text", help="how to print it (default: text)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look, and print what was found.

    Raises:
        CannotLook: The backend or the kernel could not be asked, or nothing at all could be seen.
    """
    host = choose.host_root(args)
    last: Snapshot | None = None
    with closing(choose.switch(args, host)) as backend, closing(Observer(host)) as observer:

        def look_again() -> Snapshot:
            nonlocal last
            last = look(backend, observer, last)
            return last

        found = check_up(host, look_again, args.namespace)
    if args.output == "json":
        output.write(to_page(to_json(found)) + "\n")
    else:
        output.write(in_glyphs(to_text(found), output.glyphs(ascii_only=args.ascii)))
    if last is not None:
        rights.say_what_is_hidden(last)
    if not found.pods and args.namespace is not None:
        output.say(f"no pods in the namespace {args.namespace}")
    return FOUND_SOMETHING if found.findings else CLEAN

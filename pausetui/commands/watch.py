"""``pausetui watch``: what there is, then every change, one a line, as it happens."""

from __future__ import annotations

import argparse
import math
import select
import signal
import time
from collections.abc import Callable
from contextlib import closing
from types import FrameType

from pausetui.commands import choose, output, rights
from pausetui.commands.mailbox import Mailbox
from pausetui.core.changes import ChangeKind, Event
from pausetui.core.json_value import to_line
from pausetui.core.only import is_of_namespace, only_namespace
from pausetui.core.readable import event_to_text, snapshot_to_text
from pausetui.core.snapshot import Snapshot
from pausetui.core.wire import event_to_json, snapshot_to_json
from pausetui.kernel.observer import Observer
from pausetui.live.session import LiveSession

READER_IS_GONE = select.POLLERR | select.POLLHUP
Render = Callable[[Snapshot | Event], str]


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "watch",
        help="print what there is now, then every change, as it happens",
        description="Print a snapshot, then one change a line, each as it is seen, until interrupted.",
    )
    parser.add_argument(
        "-o", "--output", choices=("text", "json"), default="text", help="how to print it (default: text)"
    )
    parser.add_argument(
        "--for", dest="seconds", metavar="SECONDS", type=seconds, default=math.inf, help="end after so long"
    )
    parser.add_argument("--count", metavar="N", type=count, default=math.inf, help="end after so many changes")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Watch until the reader, a signal or a limit ends it.

    Raises:
        CannotLook: The backend or the kernel could not be made ready.
    """
    end_on_signals()
    until = time.monotonic() + args.seconds
    host = choose.host_root(args)
    with closing(Mailbox()) as mailbox:
        backend = choose.switch(args, host)
        session = LiveSession(backend, Observer(host), read_only=True, on_events=mailbox.events)
        session.start(mailbox.picture)
        try:
            follow(mailbox, renderer(args), until=until, count=args.count, namespace=args.namespace)
        finally:
            session.stop()
    return 0


def follow(
    mailbox: Mailbox,
    render: Render,
    *,
    until: float,
    count: float,
    namespace: str | None = None,
    descriptor: int = output.STDOUT,
) -> None:
    """Print what comes, until nobody reads, the time is up or so many changes are printed.

    Args:
        until: When to end, by ``time.monotonic``.
        count: How many changes to print at most.

    Raises:
        CannotWrite: stdout does not take it.
    """
    waiting = select.poll()
    waiting.register(mailbox.fileno(), select.POLLIN)
    waiting.register(descriptor, 0)
    printed, started = 0, False
    while not (started and printed >= count):
        left = until - time.monotonic()
        if left <= 0:
            return
        ready = waiting.poll(None if left == math.inf else math.ceil(left * 1000))
        if any(which == descriptor and what & READER_IS_GONE for which, what in ready):
            return
        for item in mailbox.take():
            if isinstance(item, Snapshot):
                shown = only_namespace(item, namespace)
                output.write(render(shown), descriptor)
                if not started:
                    rights.say_what_is_hidden(shown)
                started = True
            elif is_of_namespace(item.change, namespace) and printed < count:
                printed += 1
                output.write(render(item), descriptor)


def renderer(args: argparse.Namespace) -> Render:
    """How each thing is printed."""
    if args.output == "json":
        return as_json
    glyphs = output.glyphs(ascii_only=args.ascii)
    last: list[Event] = []

    def as_text(item: Snapshot | Event) -> str:
        if isinstance(item, Snapshot):
            return snapshot_to_text(item, glyphs) + "\n"
        before, last[:] = last[:], [item]
        return "" if before and says_the_same(before[0], item) else event_to_text(item, glyphs)

    return as_text


def says_the_same(before: Event, event: Event) -> bool:
    """Whether an event is the new pid of a restart whose line has said it already."""
    return (
        before.change.kind is ChangeKind.CONTAINER_RESTARTED
        and event.change.kind is ChangeKind.PID_CHANGED
        and (before.at, before.change.container_key) == (event.at, event.change.container_key)
    )


def as_json(item: Snapshot | Event) -> str:
    """One line of JSON."""
    value = event_to_json(item) if isinstance(item, Event) else snapshot_to_json(item)
    return to_line(value) + "\n"


def end_on_signals() -> None:
    """End at once, cleanly and with the code that shells expect, on SIGINT, SIGTERM and SIGHUP, unless ignored."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(which) is not signal.SIG_IGN:
            signal.signal(which, end)


def seconds(text: str) -> float:
    """A length of time on the command line."""
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1000000")
    return value


def count(text: str) -> int:
    """How many, on the command line."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return value

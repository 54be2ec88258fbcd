"""Giving the terminal to another program for a while, and getting it back whatever that does."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from textual.app import App

AT_ONCE = 1.0
"""A shell that ends sooner than this, in seconds, with an error, has said why, and that has to be read."""


def run_in_terminal(app: App[str], argv: Sequence[str], title: str) -> str:
    """Run a program in the terminal until it ends.

    Returns:
        How it ended, in words. It never raises: an exception would leave the terminal as the program found it, with
        nobody to read its keys (Textual's ``suspend`` has no finally).
    """
    ended = ""
    with app.suspend(), _nobody_interrupts_us():
        sys.stdout.write(f"\nA shell in {title}. `exit` leads back to pausetui.\n+ {shlex.join(argv)}\n")
        sys.stdout.flush()
        try:
            began = time.monotonic()
            code = subprocess.call(argv)
            ended = f"exit {code}"
            if code and time.monotonic() - began < AT_ONCE:
                sys.stdout.write(f"\nIt ended at once, with {code}. Enter leads back.\n")
                sys.stdout.flush()
                os.read(0, 1024)
        except OSError as error:
            ended = f"{argv[0]}: {error.strerror}"
        _take_the_terminal_back()
    return ended


def _take_the_terminal_back() -> None:
    """Be the one in front again: a shell in another pid namespace can't name us when it gives the terminal back."""
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    with suppress(OSError):  # there is no terminal any more
        os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, before)


@contextmanager
def _nobody_interrupts_us() -> Iterator[None]:
    """What ctrl+c means is for the program in front to say. A handler, unlike ignoring, is not inherited by it."""
    before = {number: signal.signal(number, lambda got, frame: None) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

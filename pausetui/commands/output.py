"""Writing to stdout for scripts: whole lines, at once, nothing kept in a buffer that could block the end."""

from __future__ import annotations

import errno
import os
import select
import sys

from pausetui.errors import PausetuiError
from pausetui.text import Glyphs, glyphs_for, harmless

STDOUT = 1


class CannotWrite(PausetuiError):
    """stdout does not take what is written to it."""


def write(text: str, descriptor: int = STDOUT) -> None:
    """Write a text and return when all of it is with the system.

    Raises:
        BrokenPipeError: Nobody reads any more.
        CannotWrite: The disk is full, stdout is closed or the like.
    """
    if descriptor == STDOUT and sys.stdout is None:
        raise CannotWrite("writing to stdout", "it is closed")
    rest = memoryview(text.encode(_encoding(), "backslashreplace"))
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            _await_room(descriptor)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            raise CannotWrite("writing to stdout", error.strerror or str(error)) from error


def say(text: str) -> None:
    """Tell the user something beside the output, on stderr, if there is one."""
    if sys.stderr is not None:
        print(f"pausetui: {harmless(text, 4096)}", file=sys.stderr, flush=True)


def glyphs(*, ascii_only: bool) -> Glyphs:
    """What stdout can show."""
    return glyphs_for(_encoding(), ascii_only=ascii_only)


def _encoding() -> str:
    return sys.stdout.encoding if sys.stdout is not None else "utf-8"


def _await_room(descriptor: int) -> None:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLOUT)
    waiting.poll()

"""Fake crictls: small shell scripts that do what a test needs to see done."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def script(path: Path, body: str) -> str:
    """An executable shell script; its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return str(path)


def has_ended(pid: int) -> bool:
    """Whether a process is no more, or waits to be collected."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"


@contextmanager
def saying(fifo: Path) -> Iterator[Callable[[str], None]]:
    """A pipe with a name that a script reads from. It is open at both ends here, so that saying never blocks."""
    os.mkfifo(fifo)
    descriptor = os.open(fifo, os.O_RDWR)

    def say(text: str) -> None:
        os.write(descriptor, text.encode())

    try:
        yield say
    finally:
        os.close(descriptor)

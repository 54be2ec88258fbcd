"""What goes to stderr, in the words and formats of logrus and klog."""

from __future__ import annotations

import json
import os
import sys
import time


class Fatal(Exception):
    """It can't go on: ``level=fatal`` and exit code 1; ``plain`` without that frame."""

    def __init__(self, message: str, *, plain: bool = False, code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.plain = plain
        self.code = code

    def tell(self) -> None:
        if self.plain:
            print(self.message, file=sys.stderr)
        else:
            log("fatal", self.message)


class Usage(Exception):
    """Called in a way it doesn't understand: the help on stdout, the reason on stderr, exit code 1."""


def log(level: str, message: str) -> None:
    """A line of logrus."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    print(f'time="{now}" level={level} msg={quoted(message)}', file=sys.stderr)


def klog(letter: str, where: str, message: str, **values: str) -> None:
    """A line of klog."""
    now = time.time()
    stamp = time.strftime("%m%d %H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1_000_000):06}"
    told = "".join(f" {key}={quoted(value)}" for key, value in values.items())
    print(f"{letter}{stamp} {os.getpid():>7} {where}] {quoted(message)}{told}", file=sys.stderr)


def quoted(text: str) -> str:
    """As Go's ``%q``, for what is printable."""
    return json.dumps(text, ensure_ascii=False)

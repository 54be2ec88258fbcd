"""A program in a pseudo-terminal: what it sends, what a terminal would show, and how it leaves it."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyte

from tests.waiting import until

ROOT = Path(__file__).parent.parent.parent
ALWAYS = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}


class Pty:
    """A terminal of its own with a program in it. Use as a context manager: nothing is left behind."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        environment: Mapping[str, str] | None = None,
        ignoring: Sequence[signal.Signals] = (),
    ) -> None:
        columns, lines = size
        self.output = bytearray()
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._reading = threading.Event()
        self._reading.set()
        self._ended = threading.Event()
        self._master, self._slave = os.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.before = termios.tcgetattr(self._slave)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_STATE_HOME") if name in os.environ}

        def prepare() -> None:
            os.login_tty(self._slave)
            for number in ignoring:
                signal.signal(number, signal.SIG_IGN)

        self.process = subprocess.Popen(
            command, preexec_fn=prepare, pass_fds=(self._slave,), env={**kept, **ALWAYS, **(environment or {})}
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> Pty:
        return self

    def __exit__(self, *details: object) -> None:
        self.resume()
        self.process.kill()
        self.process.wait()
        self._ended.set()
        self._thread.join()
        for descriptor in (self._master, self._slave):
            if descriptor >= 0:
                os.close(descriptor)

    @property
    def display(self) -> str:
        """What a terminal shows now."""
        with self._lock:
            return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def text(self) -> str:
        """Everything that was sent, as text."""
        with self._lock:
            return self.output.decode("utf-8", "surrogateescape")

    @property
    def attributes(self) -> list[Any]:
        """How the terminal is set now."""
        return termios.tcgetattr(self._slave)

    @property
    def is_restored(self) -> bool:
        """Whether the terminal is as it was: cooked, on the normal screen, with its cursor."""
        text = self.text
        shown = text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l")
        normal = text.rfind("\x1b[?1049l") > text.rfind("\x1b[?1049h")
        return shown and normal and self.attributes == self.before

    def resize(self, columns: int, lines: int) -> None:
        """Make the terminal so large; the kernel tells who is in front."""
        with self._lock:
            self._screen.resize(lines, columns)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def press(self, keys: str) -> None:
        """Send these keys."""
        os.write(self._master, keys.encode())

    def press_and_settle(self, keys: str, quiet_for: float = 0.15) -> None:
        """Send these keys and wait until nothing more is drawn for so many seconds."""
        self.press(keys)
        last = [(time.monotonic(), len(self.output))]

        def is_quiet() -> bool:
            now, drawn = time.monotonic(), len(self.output)
            if drawn != last[0][1]:
                last[0] = (now, drawn)
            return now - last[0][0] >= quiet_for

        until(is_quiet, 20, f"quiet after {keys!r}")

    def wait_for(self, text: str, seconds: float = 20) -> None:
        """Wait until a terminal would show this."""
        until(lambda: text in self.display or self.process.poll() is not None, seconds, f"{text!r} on the screen")
        assert text in self.display, self.display

    def ended(self, seconds: float = 15) -> int:
        """Wait for the end, and return the exit code."""
        self.process.wait(seconds)
        until(lambda: self._is_empty() or None, 5, "the rest of the output")
        return self.process.returncode

    def stall(self) -> None:
        """Read nothing any more, as a link that hangs."""
        self._reading.clear()

    def resume(self) -> None:
        """Read again."""
        self._reading.set()

    def hang_up(self) -> None:
        """Close the terminal, as when the connection drops."""
        self._ended.set()
        self._thread.join()
        for descriptor in (self._slave, self._master):
            os.close(descriptor)
        self._slave = self._master = -1

    def _is_empty(self) -> bool:
        return not select.select([self._master], [], [], 0.05)[0]

    def _read(self) -> None:
        while not self._ended.is_set():
            if not self._reading.wait(0.05) or not select.select([self._master], [], [], 0.05)[0]:
                continue
            chunk = os.read(self._master, 65536)
            with self._lock:
                self.output += chunk
                self._stream.feed(chunk)


def on_stage(play: str, **options: Any) -> Pty:
    """The screen on one of the sessions of ``plays``."""
    return Pty([sys.executable, "-m", "tests.real.plays", play], **options)

"""A program in a pseudo-terminal of its own: every byte it sends, when it came, and what a terminal would show."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from types import TracebackType

import pyte

from pausetui.lab.names import VARIABLE

COLUMNS, LINES = 120, 40
QUIET = 0.3
"""Seconds without a byte after which a picture counts as sent."""


class Terminal:
    """The command's controlling terminal, 120×40 with 256 colours. Leaves no process behind.

    Attributes:
        started: ``time.perf_counter()`` just before the process was made.
        sent: How many bytes the program has sent so far.
    """

    def __init__(self, command: Sequence[str], pass_fds: Sequence[int] = ()) -> None:
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._chunks: list[tuple[float, bytes]] = []
        self.sent = 0
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            command, preexec_fn=lambda: os.login_tty(slave), pass_fds=(slave, *pass_fds), env=environment()
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Of the program."""
        return self._process.pid

    def close(self) -> None:
        """End the program and let go of the terminal."""
        self._process.send_signal(signal.SIGTERM)
        deadline = time.perf_counter() + 10
        while self._process.poll() is None and time.perf_counter() < deadline:
            self.receive(0.05)
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def receive(self, seconds: float) -> None:
        """Take what the program sends for so long; nothing is interpreted meanwhile."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            if not select.select([self._master], [], [], left)[0]:
                return
            try:
                chunk = os.read(self._master, 65536)
            except OSError:  # EIO: the program has closed its side
                time.sleep(left)
                return
            self.sent += len(chunk)
            self._chunks.append((time.perf_counter(), chunk))

    def press(self, keys: str) -> None:
        """Send these keys."""
        os.write(self._master, keys.encode())

    def display(self) -> list[str]:
        """The lines a terminal would show now."""
        while self._chunks:
            self._stream.feed(self._chunks.pop(0)[1])
        return list(self._screen.display)

    def shown_at(self, condition: Callable[[list[str]], bool], seconds: float = 20.0) -> float:
        """When the bytes came with which the screen first satisfied ``condition`` (``time.perf_counter()``).

        The bytes are interpreted when no more come: doing it meanwhile is slow and would hold up the program.

        Raises:
            TimeoutError: It did not within ``seconds``; says what was on the screen.
        """
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            before = self.sent
            self.receive(QUIET)
            while self.sent == before and self._chunks:
                moment, chunk = self._chunks.pop(0)
                self._stream.feed(chunk)
                if condition(list(self._screen.display)):
                    return moment
        raise TimeoutError("not seen on the screen:\n" + "\n".join(self._screen.display))


def environment() -> dict[str, str]:
    """The same terminal for every run: 256 colours, UTF-8, nothing that steers Textual."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", VARIABLE) if name in os.environ}
    return {**kept, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}

"""Lending the terminal to another program, and taking it back whatever becomes of that program.

It is a shell as a rule, with job control of its own: other process groups are in front while it runs, its children
may be in pid namespaces of their own, and it may be stopped, killed in the middle of a line, or outlive its pod.
"""

from __future__ import annotations

import locale
import os
import select
import shlex
import signal
import subprocess
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from pausetui.kernel.processes import ProcFolder
from pausetui.text import harmless

AT_ONCE = 1.0
"""A shell that ends sooner than this, in seconds, with an error, has said why, and that has to be read."""
PATIENCE = 1.0
"""Seconds between hanging up on a program and killing it."""
PAUSE = 0.1
PROMPT = "debian_chroot"
"""What Debian's and Ubuntu's bash begins its prompt with, in brackets: where one is."""
ENDING = (signal.SIGTERM, signal.SIGHUP)
INTERRUPTING = (signal.SIGINT, signal.SIGQUIT)

_PROC = ProcFolder("/proc")


def lend_terminal(argv: Sequence[str], title: str) -> str:
    """Run a program in our terminal until it ends; only in the main thread.

    Who tells us to end meanwhile means the program as well: it is hung up on, as by a terminal that goes away.

    Returns:
        How it ended, in words; also if it could not be started.
    """
    guest = _Guest(argv, {**os.environ, PROMPT: harmless(title)})
    try:
        with guest.told_of_our_end(), _interrupts_are_for_the_guest():
            _say(f"\nA shell in {title}. `exit` leads back to pausetui.\n+ {shlex.join(argv)}\n")
            began = time.monotonic()
            with _kept_terminal():
                code = guest.run()
            if code and time.monotonic() - began < AT_ONCE:
                _say(f"\nIt ended at once, with {code}. Enter leads back.\n")
                guest.wait_for_enter()
    except OSError as error:
        return f"{argv[0]}: {error.strerror}"
    return f"exit {code}" if code >= 0 else f"ended by {signal.Signals(-code).name}"


class _Guest:
    """The program that has the terminal, with all that it started."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self._argv = argv
        self._environment = environment
        self._running: dict[int, int] = {}
        """By pid, a pidfd: of the program while it runs, and once it was hung up on of all below it."""
        self._has_to_end = False
        self._killing: threading.Timer | None = None

    def run(self) -> int:
        """Start it and wait for its end.

        Returns:
            Its exit code, or minus the number of the signal that ended it.

        Raises:
            OSError: It could not be started.
        """
        with subprocess.Popen(self._argv, env=self._environment) as child:
            pidfd = os.pidfd_open(child.pid)
            self._running[child.pid] = pidfd
            try:
                if self._has_to_end:
                    self._hang_up()
                child.returncode = _exit_code(child.pid, pidfd)
            finally:
                self._let_go()
        return child.returncode

    def wait_for_enter(self) -> None:
        """Let what was said be read.

        Raises:
            OSError: The terminal is gone.
        """
        while not self._has_to_end:
            if select.select([0], [], [], PAUSE)[0]:
                os.read(0, 1024)
                return

    @contextmanager
    def told_of_our_end(self) -> Iterator[None]:
        """Hand on what tells us to end, then do what was to be done about it before."""
        before = {number: signal.getsignal(number) for number in ENDING}

        def end(got: int, frame: FrameType | None) -> None:
            self._has_to_end = True
            self._hang_up()
            handler = before[signal.Signals(got)]
            if callable(handler):
                handler(got, frame)

        with _handled(dict.fromkeys(ENDING, end)):
            yield

    def _hang_up(self) -> None:
        if self._running and self._killing is None:
            self._send(signal.SIGHUP)
            self._send(signal.SIGCONT)
            self._killing = threading.Timer(PATIENCE, self._send, [signal.SIGKILL])
            self._killing.daemon = True
            self._killing.start()

    def _send(self, number: signal.Signals) -> None:
        for pid in tuple(self._running):
            for new, pidfd in _opened_below(pid):
                if self._running.setdefault(new, pidfd) != pidfd:
                    os.close(pidfd)
        for pidfd in self._running.values():
            with suppress(ProcessLookupError, PermissionError):
                signal.pidfd_send_signal(pidfd, number)

    def _let_go(self) -> None:
        """It has ended; if it was hung up on, let all below it end, too."""
        if self._killing is not None:
            self._killing.cancel()
            self._killing.join()
            deadline = time.monotonic() + PATIENCE
            if not all(_ends_by(deadline, pidfd) for pidfd in self._running.values()):
                self._send(signal.SIGKILL)
        while self._running:
            os.close(self._running.popitem()[1])


def _exit_code(pid: int, pidfd: int) -> int:
    """Wait for a child's end; wake it when it is stopped, for in this terminal there is nobody else who could."""
    while True:
        _, status = os.waitpid(pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status)
        time.sleep(PAUSE)
        signal.pidfd_send_signal(pidfd, signal.SIGCONT)


def _ends_by(deadline: float, pidfd: int) -> bool:
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))


def _opened_below(pid: int) -> Iterator[tuple[int, int]]:
    """The pids of all that hangs below a process, with a pidfd of each."""
    for child in (_PROC.read(f"{pid}/task/{pid}/children", 65536) or b"").split():
        with suppress(OSError):  # it has ended by itself
            pidfd = os.pidfd_open(int(child))
            stat = _PROC.stat(int(child))
            if stat is None or stat.parent != pid:
                os.close(pidfd)
                continue
            yield int(child), pidfd
            yield from _opened_below(int(child))


def _say(text: str) -> None:
    os.write(1, text.encode(locale.getencoding(), "replace"))


@contextmanager
def _kept_terminal() -> Iterator[None]:
    """Afterwards the terminal is set as it was, and we are the ones in front.

    A shell that was killed leaves it raw; one in another pid namespace can't name us when it gives it back.
    """
    attributes = None
    with suppress(termios.error):
        attributes = termios.tcgetattr(0)
    try:
        yield
    finally:
        with _handled({signal.SIGTTOU: signal.SIG_IGN}), suppress(OSError, termios.error):  # it may be gone
            os.tcsetpgrp(0, os.getpgrp())
            if attributes is not None:
                termios.tcsetattr(0, termios.TCSANOW, attributes)


@contextmanager
def _interrupts_are_for_the_guest() -> Iterator[None]:
    """What ctrl+c means is for the program in front to say. A handler, unlike ignoring, is not inherited by it."""
    with _handled(dict.fromkeys(INTERRUPTING, lambda got, frame: None)):
        yield


@contextmanager
def _handled(handlers: dict[signal.Signals, signal._HANDLER]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""The terminal itself: a driver that survives its loss, and what to do when a signal says to end.

Textual's own driver neither handles SIGTERM and SIGHUP nor notices that the terminal is gone: it leaves the
terminal raw, or spins for ever on the end of its input.
"""

from __future__ import annotations

import os
import selectors
import signal
import termios
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, Protocol, cast

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)
PATIENCE = 3.0
"""Seconds that an orderly end may take; after that the process ends anyway (a stalled terminal blocks writing)."""
TICK = 0.1
READ_SIZE = 4096
NO_FOCUS_REPORTS = "\x1b[?1004l"
RESTORE = "\x1b[?2004l\x1b[?7h\x1b[<u\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1049l\x1b[?25h\x1b[?1004l"


class LosesTerminal(Protocol):
    """An app that wants to know that its terminal is gone."""

    def on_terminal_lost(self) -> None:
        """End; called on any thread."""


class TerminalDriver(LinuxDriver):
    """Textual's driver for Linux, without focus reports, and ending the app when the terminal is gone."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file = cast("IO[str]", _Output(self._file, self._lost))  # type: ignore[assignment]

    def start_application_mode(self) -> None:
        """Start, and switch off the reports that repaint everything when a window gains or loses the focus."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.write(NO_FOCUS_REPORTS)

    def run_input_thread(self) -> None:
        """Read keys until the app ends or the terminal is gone."""
        try:
            self._read_keys()
        except OSError:
            self._lost()

    def _read_keys(self) -> None:
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(TICK):
                    raw = os.read(self.fileno, READ_SIZE)
                    if not raw:
                        self._lost()
                        return
                    for event in parser.feed(decode(raw)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def _lost(self) -> None:
        cast("LosesTerminal", self._app).on_terminal_lost()


class _Output:
    """The terminal as a file that drops what is written once nobody is there to read it."""

    def __init__(self, file: IO[str] | None, lost: Callable[[], None]) -> None:
        self._file = file
        self._when_lost = lost
        self._gone = file is None

    def write(self, text: str) -> int:
        if not self._gone:
            self._try(lambda file: file.write(text))
        return len(text)

    def flush(self) -> None:
        if not self._gone:
            self._try(lambda file: file.flush())

    def fileno(self) -> int:
        if self._file is None:
            raise OSError("there is no terminal")
        return self._file.fileno()

    def isatty(self) -> bool:
        return True

    def _try(self, operation: Callable[[IO[str]], object]) -> None:
        assert self._file is not None
        try:
            operation(self._file)
        except OSError:
            self._gone = True
            self._when_lost()


class Ending:
    """Ends the program in an orderly way when a signal says so, and in any way if that takes too long.

    The handlers are Python's own, not the event loop's, so that they run even while the loop is blocked in
    writing to a terminal that does not read.

    Args:
        ask: Asks the app to end with this exit code; called in the main thread, between any two instructions.
    """

    def __init__(self, ask: Callable[[int], None], patience: float = PATIENCE) -> None:
        self._ask = ask
        self._patience = patience
        self._done = threading.Event()
        self._watched = False
        self._attributes = _attributes()
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Ending:
        for number in ENDING:
            self._before[number] = signal.signal(number, lambda got, frame: self.begin(128 + got))
        return self

    def __exit__(self, *details: object) -> None:
        self._done.set()
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal() returned

    def begin(self, code: int) -> None:
        """Ask for the end, and see to it that it comes."""
        self.watch(code)
        self._ask(code)

    def watch(self, code: int) -> None:
        """From now on the end has to come within the time that is allowed for it."""
        if not self._watched:
            self._watched = True
            threading.Thread(target=self._insist, args=(code,), name="pausetui-ending", daemon=True).start()

    def _insist(self, code: int) -> None:
        if self._done.wait(self._patience):
            return
        restore(self._attributes)
        os._exit(code)


def restore(attributes: list[Any] | None) -> None:
    """Put the terminal back as far as it lets us, without ever waiting for it."""
    try:
        terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return
    try:
        if attributes is not None:
            termios.tcflush(terminal, termios.TCOFLUSH)
            termios.tcsetattr(terminal, termios.TCSANOW, attributes)
        os.write(terminal, RESTORE.encode())
    except (OSError, termios.error):
        return
    finally:
        os.close(terminal)


def _attributes() -> list[Any] | None:
    try:
        return termios.tcgetattr(0)
    except (OSError, termios.error):
        return None

"""A program in tmux, driven by keys and read off its screen, as a person does it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from tests.waiting import until


class Tmux:
    """A tmux server of our own with one window. Leaves nothing behind."""

    def __init__(self, command: Sequence[str], columns: int = 80, lines: int = 24) -> None:
        self._socket = f"pausetui-test-{uuid4().hex[:8]}"
        size = ("-x", str(columns), "-y", str(lines))
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, "--", *command)
        self._tmux("set-option", "remain-on-exit", "on")
        self._server = int(self._tmux("display-message", "-p", "#{pid}"))
        self._path = self._tmux("display-message", "-p", "#{socket_path}").strip()
        self._program = int(self._tmux("display-message", "-p", "#{pane_pid}"))

    def __enter__(self) -> Tmux:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None
    ) -> None:
        server = os.pidfd_open(self._server)
        try:
            if self.is_running():
                os.kill(self._program, signal.SIGTERM)
                until(lambda: not self.is_running(), what="the end of the program")
            self._tmux("kill-server")
            until(lambda: ended(server), what="the end of the tmux server")
        finally:
            os.close(server)
            Path(self._path).unlink(missing_ok=True)

    def is_running(self) -> bool:
        return self._tmux("display-message", "-p", "#{pane_dead}").strip() == "0"

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: ``C-d``, ``Enter``, ``Down``."""
        self._tmux("send-keys", *keys)

    def write(self, text: str) -> None:
        """Type a text."""
        self._tmux("send-keys", "-l", text)

    def lines(self) -> list[str]:
        """What is on the screen."""
        return self._tmux("capture-pane", "-p").splitlines()

    def until_shown(self, condition: Callable[[list[str]], str | None], seconds: float = 20) -> str:
        """What ``condition`` finds on the screen, as soon as it finds it."""
        try:
            return until(lambda: condition(self.lines()), seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; on the screen:\n" + "\n".join(self.lines())) from None

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-L", self._socket, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout


def ended(pidfd: int) -> bool:
    """Whether the process is gone, also if it is not our child."""
    try:
        signal.pidfd_send_signal(pidfd, 0)
    except ProcessLookupError:
        return True
    return False

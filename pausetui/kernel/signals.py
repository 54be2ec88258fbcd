"""Ending a process without ever ending another one: a pidfd, checked, then used."""

from __future__ import annotations

import os
import select
import signal
from dataclasses import dataclass
from types import TracebackType

from pausetui.core.observation import ProcessId
from pausetui.errors import ActionRefused


@dataclass(slots=True)
class CheckedProcess:
    """A process that was checked to be the one meant, held by a pidfd, so that it can't become another.

    Attributes:
        process: Which one.
        name: Its ``comm``, made harmless.
    """

    process: ProcessId
    name: str
    _pidfd: int

    def send(self, number: signal.Signals) -> None:
        """Send a signal to this very process.

        Raises:
            ActionRefused: It is gone, or we may not.
        """
        try:
            signal.pidfd_send_signal(self._pidfd, number)
        except ProcessLookupError:
            raise ActionRefused(self._sending(number), "it has ended by itself") from None
        except PermissionError as error:
            raise ActionRefused(self._sending(number), str(error.strerror), "Run pausetui as root.") from error

    def ended_within(self, seconds: float) -> bool:
        """Whether it ends (or has ended) within so many seconds."""
        poller = select.poll()
        poller.register(self._pidfd, select.POLLIN)
        return bool(poller.poll(int(seconds * 1000)))

    def close(self) -> None:
        """Let go of it. A second call does nothing."""
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1

    def __enter__(self) -> CheckedProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _sending(self, number: signal.Signals) -> str:
        return f"sending {number.name} to pid {self.process.pid} ({self.name})"

"""A program that runs, in a session of its own so that all it started can be ended with it."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

PATHS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""Where programs are on a node."""

_PATIENCE = 2.0
"""Seconds that we wait for the end of what we killed; a process may be stuck in the kernel."""
_EVERY = 0.001
"""Seconds between two looks at whether it ended; it has closed its pipes by then, or was killed."""
_CHUNK = 65_536


class Running:
    """A started program and what it prints. Its input is /dev/null, its messages are not translated."""

    def __init__(self, argv: Sequence[str]) -> None:
        """Start it; no shell is involved.

        Raises:
            OSError: It is not there, or may not be executed.
        """
        # Here, because they cost as much as the rest of our start.
        from subprocess import DEVNULL, PIPE

        from plumbum import local

        self._process = local[argv[0]][list(argv[1:])].popen(
            stdin=DEVNULL, stdout=PIPE, stderr=PIPE, new_session=True, cwd="/", env={"LC_ALL": "C"}
        )
        assert self._process.pid is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self.pid: int = self._process.pid
        """Also the id of its process group."""
        self._out: IO[str] = self._process.stdout
        self._err: IO[str] = self._process.stderr

    @property
    def pipes(self) -> tuple[int, int]:
        """The descriptors that give what it prints on stdout and on stderr."""
        return self._out.fileno(), self._err.fileno()

    def collect(self, deadline: float, most: int) -> tuple[bytes, bytes]:
        """All that it prints on stdout and on stderr until it closes both, or little more than ``most`` bytes.

        Raises:
            TimeoutError: It had not closed them at ``deadline``, a time.monotonic().
        """
        printed = {descriptor: bytearray() for descriptor in self.pipes}
        poller = select.poll()
        for descriptor in printed:
            poller.register(descriptor, select.POLLIN)
        still_open = len(printed)
        while still_open and sum(map(len, printed.values())) <= most:
            ready = poller.poll(max(0.0, deadline - time.monotonic()) * 1000)
            if not ready:
                raise TimeoutError
            for descriptor, _ in ready:
                chunk = os.read(descriptor, _CHUNK)
                printed[descriptor] += chunk
                if not chunk:
                    poller.unregister(descriptor)
                    still_open -= 1
        out, err = printed.values()
        return bytes(out), bytes(err)

    def wait(self, deadline: float) -> int:
        """Its exit code, or -N if signal N ended it.

        Raises:
            TimeoutError: It had not ended at ``deadline``, a time.monotonic().
        """
        while not self._has_ended():
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(_EVERY)
        return self._process.wait()

    def close(self) -> None:
        """End it and all that it started, unless it was waited for, and let go of its pipes."""
        if self._process.returncode is None:
            # It was not waited for, so its pid, and its group's, is still nobody else's.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            with suppress(TimeoutError):
                self.wait(time.monotonic() + _PATIENCE)
        self._out.close()
        self._err.close()

    def _has_ended(self) -> bool:
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

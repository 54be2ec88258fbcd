"""``crictl events`` as a hint: that it says something, not what.

Only where nobody is robbed of events. containerd before 2.0 gives each event to one subscriber, and one of them
is kubelet's (github.com/containerd/containerd/issues/7318). CRI-O ends the call at once, with exit code 0, unless
its ``enable_pod_events`` is on; older ones and cri-dockerd know no such call. It is started once and never again.
"""

from __future__ import annotations

import os
import re
import select
import sys
from contextlib import suppress

from pausetui.backends.crictl.program import Program
from pausetui.backends.crictl.running import Running

_DIES_WITH_US = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL: when the thread that made it ends
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""
_CHUNK = 65_536


def is_fair(runtime_name: str, runtime_version: str) -> bool:
    """Whether listening to this runtime takes no event away from anybody.

    Args:
        runtime_name: As ``crictl version`` says it: "containerd", "cri-o".
        runtime_version: Likewise: "1.6.20~ds1", "v2.1.9".
    """
    if runtime_name == "cri-o":
        return True
    major = re.match(r"v?(\d+)", runtime_version)
    return runtime_name == "containerd" and major is not None and int(major[1]) >= 2


class Events:
    """A running ``crictl events``; it ends with us, however we end."""

    def __init__(self, program: Program) -> None:
        """Start it. Where that fails it has ended."""
        self._running: Running | None = None
        self._epoll = select.epoll()
        with suppress(OSError, ValueError):
            told = program.command_line("events", "-o", "json")
            self._running = Running((sys.executable, "-I", "-S", "-c", _DIES_WITH_US, str(os.getpid()), *told))
            for pipe in self._running.pipes:
                self._epoll.register(pipe, select.EPOLLIN)

    def fileno(self) -> int:
        """Readable when it said something, or ended."""
        return self._epoll.fileno()

    @property
    def ended(self) -> bool:
        """Whether there is nothing to be expected of it any more."""
        return self._running is None

    def changed(self) -> bool:
        """Whether there was an event, or a part of one, since the last call."""
        told = False
        while self._running is not None and (ready := self._epoll.poll(0)):
            out, _ = self._running.pipes
            for pipe, _ in ready:
                said = os.read(pipe, _CHUNK)
                told |= pipe == out and bool(said)
                if not said:
                    self._epoll.unregister(pipe)
                    if pipe == out:
                        self._end()
                        break
        return told

    def close(self) -> None:
        """End it."""
        self._end()
        self._epoll.close()

    def _end(self) -> None:
        if self._running is not None:
            self._running.close()
            self._running = None

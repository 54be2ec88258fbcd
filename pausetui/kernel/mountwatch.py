"""Whether anything was mounted or unmounted where we are: a pod's network namespace is pinned by a mount.

The kernel marks ``/proc/self/mountinfo`` as exceptional (POLLPRI) once per open file and change, and whoever
polls first consumes it (proc_pid_mounts(5)). So there are two open files: one that wakes, one that is asked.
"""

from __future__ import annotations

import os
import select


class MountWatch:
    """Tells that the mounts of our own mount namespace have changed since we last asked."""

    def __init__(self, path: str) -> None:
        """``path`` is the mountinfo to watch. Where it can't be opened, nothing is ever told."""
        self._files: list[int] = []
        self._asked = select.poll()
        try:
            self._files = [os.open(path, os.O_RDONLY | os.O_CLOEXEC) for _ in range(2)]
        except OSError:
            return
        self._asked.register(self._files[1], select.POLLPRI)

    def fileno(self) -> int | None:
        """Exceptional (EPOLLPRI) after a change; None if that can't be watched."""
        return self._files[0] if self._files else None

    def changed(self) -> bool:
        """Whether there was a change since the last call."""
        return bool(self._files) and bool(self._asked.poll(0))

    def close(self) -> None:
        """Let go of the files."""
        while self._files:
            os.close(self._files.pop())

"""Who has ended since we last asked: one pidfd for each process, in two epolls.

A pidfd becomes readable when its process ends, whatever becomes of the pid afterwards, and keeps nothing alive.
The processes of pods are in the first epoll, whose readiness is a hint that wakes us; all others are in the
second, which is only asked when we look anyway: a busy host must not wake us for each of its processes. Until it
is known which of the two a process belongs to, it is in a poll object, which takes no system call to enter.
"""

from __future__ import annotations

import errno
import os
import resource
import select
from collections.abc import Iterable

RESERVED_DESCRIPTORS = 256
"""How many descriptors are left to the rest of the program."""

_BATCH = 1024


class DeathWatch:
    """Watches processes by pidfd. Where it can't (no descriptor to spare, an old kernel) it says so."""

    def __init__(self, enabled: bool = True) -> None:
        """``enabled`` is False where the pids that are read are not ours to open."""
        self._enabled = enabled
        self._waking = select.epoll()
        self._quiet = select.epoll()
        self._unsorted = select.poll()
        self._in: dict[int, select.epoll | select.poll] = {}
        self._pidfds: dict[int, int] = {}
        self._pid_of: dict[int, int] = {}
        self._ended: set[int] = set()
        self._room = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - RESERVED_DESCRIPTORS

    def fileno(self) -> int:
        """Readable when a process that wakes us has ended and was not collected yet."""
        return self._waking.fileno()

    def watch(self, pid: int) -> bool:
        """Watch whoever has this pid now. False if that is not possible."""
        if not self._enabled or (len(self._pidfds) >= self._room and not self._make_room()):
            return False
        try:
            pidfd = os.pidfd_open(pid)
        except OSError as error:
            self._enabled = error.errno not in (errno.ENOSYS, errno.EPERM)
            return False
        if pid in self._pidfds:
            self.forget(pid)
        self._pidfds[pid] = pidfd
        self._pid_of[pidfd] = pid
        self._unsorted.register(pidfd, select.POLLIN)
        self._in[pidfd] = self._unsorted
        return True

    def wake_for(self, pid: int, wanted: bool) -> None:
        """Whether the end of this process is to wake us."""
        pidfd = self._pidfds.get(pid)
        if pidfd is not None:
            self._put(pidfd, self._waking if wanted else self._quiet)

    def watched(self, pid: int) -> bool:
        """Whether the end of this process will be noticed here."""
        return pid in self._pidfds

    def forget(self, pid: int) -> None:
        """Watch this process no longer."""
        pidfd = self._pidfds.pop(pid, None)
        if pidfd is None:
            return
        self._in.pop(pidfd).unregister(pidfd)
        del self._pid_of[pidfd]
        os.close(pidfd)

    def note_waking(self) -> bool:
        """Take note of those that woke us, so that ``fileno`` is quiet again. True if there was any."""
        return self._note(self._waking)

    def collect(self) -> set[int]:
        """Everyone who has ended since the last call. They are not watched any more."""
        self._note(self._waking)
        self._note(self._quiet)
        self._note_all(self._unsorted.poll(0))
        ended, self._ended = self._ended, set()
        return ended

    def close(self) -> None:
        """Let go of everything."""
        for pid in tuple(self._pidfds):
            self.forget(pid)
        self._waking.close()
        self._quiet.close()

    def _note(self, epoll: select.epoll) -> bool:
        any_ended = False
        while events := epoll.poll(0, _BATCH):
            any_ended = True
            self._note_all(events)
        return any_ended

    def _note_all(self, events: Iterable[tuple[int, int]]) -> None:
        for pidfd, _ in events:
            pid = self._pid_of[pidfd]
            self.forget(pid)
            self._ended.add(pid)

    def _put(self, pidfd: int, place: select.epoll | select.poll) -> None:
        before = self._in.get(pidfd)
        if before is place:
            return
        if before is not None:
            before.unregister(pidfd)
        place.register(pidfd, select.POLLIN)
        self._in[pidfd] = place

    def _make_room(self) -> bool:
        """Raise our soft limit of open descriptors, in steps, as far as the hard one lets us."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 2 * (soft + RESERVED_DESCRIPTORS)
        target = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if target <= soft:
            return False
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
        except (OSError, ValueError):
            return False
        self._room = target - RESERVED_DESCRIPTORS
        return len(self._pidfds) < self._room

"""Whether a name came or went in some folders, which may come and go themselves; nothing in them is opened.

inotify(7), one descriptor. Every folder on the way is watched, too: it tells when the next one comes, and when a
cgroup goes, which does not say so itself.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable, Iterator

_CLOEXEC, _NONBLOCK = os.O_CLOEXEC, os.O_NONBLOCK
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x40, 0x80, 0x100, 0x200
_DELETE_SELF, _MOVE_SELF, _UNMOUNT, _OVERFLOW, _IGNORED = 0x400, 0x800, 0x2000, 0x4000, 0x8000
_ONLYDIR = 0x01000000
_NAMES = _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE
_SELF = _DELETE_SELF | _MOVE_SELF | _UNMOUNT | _OVERFLOW | _IGNORED
"""include/uapi/linux/inotify.h."""

_HEADER = struct.Struct("iIII")
"""struct inotify_event: watch, what happened, cookie, length of the name that follows."""
_CHUNK = 65_536


class FolderWatch:
    """Tells that a name came or went in one of several folders since we last asked."""

    def __init__(self, paths: Iterable[str]) -> None:
        """Where the kernel or its limits give no inotify, nothing is ever told.

        Args:
            paths: Absolute paths of folders; none of them need be there.
        """
        self._paths = tuple(dict.fromkeys(os.path.normpath(path) for path in paths))
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor: int = self._libc.inotify_init1(_CLOEXEC | _NONBLOCK)
        self._targets: set[int] = set()
        self._steps: set[tuple[int, bytes]] = set()
        self._arm()

    def fileno(self) -> int | None:
        """Readable when there may have been a change; None if that can't be watched."""
        return self._descriptor if self._descriptor >= 0 else None

    def changed(self) -> bool:
        """Whether there was a change since the last call."""
        told = again = False
        for watch, what, name in self._events():
            told |= watch in self._targets and bool(what & _NAMES)
            again |= bool(what & _SELF) or (watch, name) in self._steps
        if again:
            before = self._targets
            self._arm()
            told |= self._targets != before
        return told

    def close(self) -> None:
        """Let go of everything."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _arm(self) -> None:
        """Watch what there is now, from the top: what comes meanwhile is told by what it comes into."""
        if self._descriptor < 0:
            return
        before = self._targets | {watch for watch, _ in self._steps}
        self._targets, self._steps = set(), set()
        for path in self._paths:
            self._arm_for(path)
        for watch in before - self._targets - {watch for watch, _ in self._steps}:
            self._libc.inotify_rm_watch(self._descriptor, watch)

    def _arm_for(self, path: str) -> None:
        names = path.strip("/").split("/")
        for depth, name in enumerate(names):
            above = self._watch("/" + "/".join(names[:depth]))
            if above is not None:
                self._steps.add((above, os.fsencode(name)))
        here = self._watch(path)
        if here is not None:
            self._targets.add(here)

    def _watch(self, path: str) -> int | None:
        watch: int = self._libc.inotify_add_watch(
            self._descriptor, os.fsencode(path), _NAMES | _DELETE_SELF | _MOVE_SELF | _ONLYDIR
        )
        return watch if watch >= 0 else None

    def _events(self) -> Iterator[tuple[int, int, bytes]]:
        while self._descriptor >= 0:
            try:
                read = os.read(self._descriptor, _CHUNK)
            except BlockingIOError:
                return
            place = 0
            while place < len(read):
                watch, what, _, length = _HEADER.unpack_from(read, place)
                place += _HEADER.size + length
                yield watch, what, read[place - length : place].rstrip(b"\0")

"""Marks of network namespaces that we may not read, by who shows them (see ``core.observation.NetMark``).

Each network namespace has files of its own below ``/proc/PID/net``, with inode numbers from the kernel's range for
/proc (``proc_alloc_inum``, fs/proc/generic.c). Asking for one takes no rights, opens nothing and keeps nothing
alive. Before Linux 5.0 a process that changed its namespace may go on showing the old one's (commit 1fde6f21d90f).
"""

from __future__ import annotations

from collections.abc import Iterator

from pausetui.core.observation import NetMark
from pausetui.kernel.processes import ProcFolder

_INIT = 1


class Marks:
    """Which hidden process has which mark. A mark whose last holder is gone is another one when it comes back."""

    def __init__(self, proc: ProcFolder) -> None:
        self._proc = proc
        self._of: dict[int, NetMark] = {}
        self._holders: dict[NetMark, set[int]] = {}
        self._ended: dict[int, int] = {}

    def read(self, pid: int) -> None:
        """Read which mark this process shows now."""
        inode, before = self._proc.net_inode(pid), self._of.get(pid)
        if before is not None and before.inode == inode:
            return
        if inode is None:
            self.release(pid)
            return
        mark = self._named(inode)
        self._holders.setdefault(mark, set()).add(pid)
        self._let_go(pid)
        self._of[pid] = mark

    def release(self, pid: int) -> None:
        """This process has ended, or its namespaces can be read now."""
        self._let_go(pid)
        self._of.pop(pid, None)

    def of(self, pid: int) -> NetMark | None:
        """The mark of a hidden process."""
        return self._of.get(pid)

    def now(self, pid: int) -> NetMark | None:
        """The mark that any process shows at this moment, hidden or not; nothing is remembered."""
        inode = self._proc.net_inode(pid)
        return self._named(inode) if inode is not None else None

    def hosts(self) -> NetMark | None:
        """The mark of the host's network namespace: that of pid 1. None if pid 1 is not listed."""
        return self._of.get(_INIT) or self.now(_INIT)

    def holders(self) -> Iterator[tuple[NetMark, int]]:
        """Each mark with the lowest pid that has it."""
        for mark, pids in self._holders.items():
            yield mark, min(pids)

    def _named(self, inode: int) -> NetMark:
        return NetMark(inode, self._ended.get(inode, 0))

    def _let_go(self, pid: int) -> None:
        mark = self._of.get(pid)
        if mark is None:
            return
        pids = self._holders[mark]
        pids.discard(pid)
        if not pids:
            del self._holders[mark]
            self._ended[mark.inode] = mark.generation + 1

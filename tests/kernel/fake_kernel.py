"""A kernel small enough to know the truth: processes in UTS namespaces whose inode numbers come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from pausetui.core.namespaces import IdentifiedBy, NamespaceKind
from pausetui.kernel.ledger import Ledger
from pausetui.kernel.nsfs import IdentityReader, Seen
from pausetui.kernel.processes import Label, Labels, ProcFolder

FIRST_INODE = 4026532100
UTS_PLACE = 2


@dataclass(frozen=True)
class Uts:
    """One namespace: the truth about it is its number."""

    number: int
    inode: int


class FakeKernel(ProcFolder):
    """Processes by pid, each in one UTS namespace. The lowest free inode number is given out first."""

    def __init__(self) -> None:
        super().__init__("/proc")
        self._numbers = count(1)
        self._pids = count(100)
        self.inside: dict[int, Uts] = {}
        self.history: dict[int, list[Uts]] = {}
        self.meanwhile: Callable[[], None] = lambda: None

    def _new(self) -> Uts:
        taken = {uts.inode for uts in self.inside.values()}
        inode = next(number for number in count(FIRST_INODE) if number not in taken)
        return Uts(next(self._numbers), inode)

    def _move(self, pid: int, uts: Uts) -> None:
        self.inside[pid] = uts
        self.history.setdefault(pid, []).append(uts)

    def start(self, beside: int | None) -> int:
        """A new process, in a namespace of its own or in that of another."""
        pid = next(self._pids)
        self._move(pid, self._new() if beside is None else self.inside[beside])
        return pid

    def unshare(self, pid: int) -> None:
        """The old namespace is let go first, so that its number may come back at once."""
        del self.inside[pid]
        self._move(pid, self._new())

    def end(self, pid: int) -> None:
        del self.inside[pid]

    # -- what the ledger asks -------------------------------------------------------------------------------

    def labels(self, pid: int) -> Labels | None:
        self.meanwhile()
        uts = self.inside.get(pid)
        if uts is None:
            return None
        labels: list[Label | None] = [None] * len(NamespaceKind)
        labels[UTS_PLACE] = f"uts:[{uts.inode}]".encode()
        return tuple(labels)

    def label(self, pid: int, kind: str) -> Label | None:
        labels = self.labels(pid)
        return labels[UTS_PLACE] if labels is not None else None


class FakeReader(IdentityReader):
    """Tells the truth, or nothing but the inode number."""

    def __init__(self, kernel: FakeKernel, way: IdentifiedBy) -> None:
        super().__init__(way)
        self._kernel = kernel
        self._way = way

    def read(self, path: str, kind: NamespaceKind) -> Seen | None:
        self._kernel.meanwhile()
        uts = self._kernel.inside.get(int(path.split("/")[2]))
        if uts is None:
            return None
        if self._way is IdentifiedBy.GENERATION:
            return Seen(uts.inode, None, self._way)
        return Seen(uts.inode, uts.number, self._way)


class Looker:
    """Feeds a ledger as the scan does."""

    def __init__(self, kernel: FakeKernel, way: IdentifiedBy) -> None:
        self.kernel = kernel
        self.ledger = Ledger(kernel, FakeReader(kernel, way), same=lambda pid: pid in kernel.inside)
        self.known: set[int] = set()

    def look(self, pids: set[int] | None = None) -> set[int]:
        """Read these (by default everyone) and all that are new. Returns those that were read and are believed."""
        self._bury()
        listed = set(self.kernel.inside)
        due = listed - self.known | (listed if pids is None else pids & listed)
        for pid in due:
            self._read(pid)
        read = set(due)
        for _ in range(4):
            self._bury()
            again = self.ledger.settle()
            if not again:
                break
            for pid in again:
                self._read(pid)
            read |= again
        return read & self.known

    def _read(self, pid: int) -> None:
        labels = self.kernel.labels(pid)
        if labels is None:
            self.known.discard(pid)
            self.ledger.release(pid)
        else:
            self.known.add(pid)
            self.ledger.hold(pid, labels)

    def _bury(self) -> None:
        for pid in self.known - self.kernel.inside.keys():
            self.known.discard(pid)
            self.ledger.release(pid)

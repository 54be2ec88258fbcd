"""Which namespaces are the host's own.

Pid 1 is in them, if it may be read (root may not everywhere: a pid 1 with a capability more is closed to it).
Else the initial namespaces, known by their fixed inode numbers, if any process is seen in them. Else those of
kthreadd, pid 2, which never leaves them. Else our own, but not our network if that is seen not to be pid 1's (a
container with the host's pids). Each kind is decided for itself.

In a container with a pid namespace of its own, pid 1 is the container's, and so is everything called the host's.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace

from pausetui.core.namespaces import KINDS, NOTHING_KNOWN, NamespaceId, NamespaceKind, Namespaces
from pausetui.kernel.ledger import Ledger
from pausetui.kernel.nsfs import INITIAL_INODES
from pausetui.kernel.processes import ProcFolder

_INIT, _KTHREADD = 1, 2
_MOST_ANSWERS = 10_000


class HostNamespaces:
    """The host's namespaces as far as they are known."""

    def __init__(self, ledger: Ledger, own_pid: int | None, proc: ProcFolder) -> None:
        """``own_pid`` is our pid in the /proc that is read, or None if that is not ours."""
        self._ledger = ledger
        self._proc = proc
        self._own_pid = own_pid
        self._answers: dict[int, tuple[Namespaces, bool]] = {}
        self.value = NOTHING_KNOWN

    def settle(self, known: Container[int]) -> bool:
        """Decide anew after a look. True if the answer has changed."""
        sources: tuple[Callable[[NamespaceKind], NamespaceId | None], ...] = (
            self._of(_INIT, known),
            self._initial,
            self._of(_KTHREADD, known),
            self._own(known),
        )
        found = {kind.value: _first(kind, sources) for kind in KINDS}
        decided = replace(NOTHING_KNOWN, **found)
        if decided == self.value:
            return False
        self.value = decided
        self._answers.clear()
        return True

    def differs(self, namespaces: Namespaces) -> bool:
        """Whether any of these, as far as known, is not the host's."""
        asked = self._answers.get(id(namespaces))
        if asked is not None and asked[0] is namespaces:
            return asked[1]
        answer = any(namespace != self.value.get(namespace.kind) for namespace in namespaces.known())
        if len(self._answers) > _MOST_ANSWERS:
            self._answers.clear()
        self._answers[id(namespaces)] = namespaces, answer
        return answer

    def _of(self, pid: int | None, known: Container[int]) -> Callable[[NamespaceKind], NamespaceId | None]:
        return self._ledger.namespaces(pid).get if pid is not None and pid in known else NOTHING_KNOWN.get

    def _own(self, known: Container[int]) -> Callable[[NamespaceKind], NamespaceId | None]:
        own = self._of(self._own_pid, known)
        return lambda kind: None if kind is NamespaceKind.NET and self._is_elsewhere() else own(kind)

    def _is_elsewhere(self) -> bool:
        ours = self._proc.net_inode(self._own_pid) if self._own_pid is not None else None
        return ours is not None and self._proc.net_inode(_INIT) not in (None, ours)

    def _initial(self, kind: NamespaceKind) -> NamespaceId | None:
        return self._ledger.identity(f"{kind}:[{INITIAL_INODES[kind]}]".encode())


def _first(
    kind: NamespaceKind, sources: tuple[Callable[[NamespaceKind], NamespaceId | None], ...]
) -> NamespaceId | None:
    return next((found for source in sources if (found := source(kind)) is not None), None)

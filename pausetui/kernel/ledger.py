"""Which namespace a label stands for, now.

``net:[4026532177]`` is a label: the kernel gives the number to a new namespace as soon as the old one is gone.
Two namespaces that live at the same time never share one, though, and everything here follows from that:

* If a label is known to stand for a namespace, and after a look that namespace is found alive under that label
  once more, then every process that showed the label in between was in it. So one identity read per label and
  look, after all the reading, vouches for any number of processes (``settle``).
* Where the kernel gives no identity, a namespace lives as long as one that had it (a process with its start
  time, a thread, or a bind mount) is found to have it again. If none of them has, the label has a new owner:
  the next generation.

A holder that is not read again is believed to be where it was; whoever feeds the ledger re-reads each of them
in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from pausetui.core.namespaces import KINDS, NOTHING_KNOWN, NamespaceId, Namespaces
from pausetui.kernel.groups import Group, Groups
from pausetui.kernel.identities import Identities
from pausetui.kernel.nsfs import IdentityReader, Seen, kind_of, never_reused
from pausetui.kernel.processes import Label, Labels, ProcFolder


class Ledger:
    """Who is in which namespace. Holders are numbers: pids and thread ids, which share one range."""

    def __init__(
        self,
        proc: ProcFolder,
        reader: IdentityReader,
        *,
        same: Callable[[int], bool] = lambda _: True,
        recheck_pins: Callable[[], None] = lambda: None,
    ) -> None:
        """How to look at holders.

        Args:
            proc: Where they are read.
            reader: How a namespace is identified.
            same: Whether the number of a holder still belongs to the same process or thread.
            recheck_pins: Reads the bind mounts again; called when nothing else vouches for a label.
        """
        self._proc = proc
        self._reader = reader
        self._same = same
        self._recheck_pins = recheck_pins
        self._identities = Identities()
        self._groups = Groups(self._end_if_unheld)
        self._pins: dict[Label, set[str]] = {}
        self._came: dict[tuple[Labels, Labels], set[int]] = {}
        self._shown: dict[Labels, int] = {}
        self._new: set[Label] = set()
        self._unsure: set[Label] = set()
        self._doubtful: set[int] = set()
        self._changed: set[int] = set()

    # -- telling it what was read ---------------------------------------------------------------------------

    def hold(self, holder: int, labels: Labels) -> None:
        """This holder shows these labels now."""
        self._shown[labels] = holder
        before = self._groups.of(holder)
        if before is not None and before.labels == labels:
            return
        group = self._groups.find(labels) or self._open_group(labels, holder)
        self._came.setdefault((before.labels if before is not None else (), labels), set()).add(holder)
        self._groups.join(holder, group)

    def release(self, holder: int) -> None:
        """This holder has ended, or is in no namespace any more."""
        self._groups.remove(holder)

    def pin(self, label: Label, mount: str, seen: Seen | None) -> NamespaceId | None:
        """A bind mount holds a namespace; ``seen`` is what opening it said. None if the label is none."""
        identity = self._identities.get(label) or self._identities.name(label, seen)
        if identity is None:
            return None
        if seen is not None and seen.id is not None and identity.id not in (None, seen.id):
            self._doubtful |= self._recycle(label, seen, set())
        self._pins.setdefault(label, set()).add(mount)
        return self._identities.get(label)

    def unpin(self, label: Label, mount: str) -> None:
        """That bind mount is gone."""
        mounts = self._pins.get(label, set())
        mounts.discard(mount)
        if not mounts:
            self._pins.pop(label, None)
            self._end_if_unheld(label)

    # -- asking it ------------------------------------------------------------------------------------------

    def namespaces(self, holder: int) -> Namespaces:
        """What a holder is in, as far as known."""
        group = self._groups.of(holder)
        return group.namespaces if group is not None else NOTHING_KNOWN

    def labels(self, holder: int) -> Labels | None:
        """The labels a holder showed when it was last read."""
        group = self._groups.of(holder)
        return group.labels if group is not None else None

    def identity(self, label: Label) -> NamespaceId | None:
        """Which namespace a label stands for, or None if nobody is known to be in it."""
        return self._identities.get(label)

    def groups(self) -> Iterator[tuple[Namespaces, int]]:
        """Each distinct combination of namespaces that is in use, with one holder that is in it."""
        return ((group.namespaces, next(iter(group.holders))) for group in self._groups)

    def in_mount_namespace(self, mnt: NamespaceId) -> Iterator[int]:
        """All holders that are in this mount namespace."""
        return chain.from_iterable(group.holders for group in self._groups if group.namespaces.mnt == mnt)

    # -- after each look ------------------------------------------------------------------------------------

    def settle(self) -> set[int]:
        """Make sure that what was shown since the last call is what we think it is.

        Returns:
            Holders that have to be read again, because what we thought of them does not hold.
        """
        readers = {label: holder for labels, holder in self._shown.items() for label in labels if label}
        came, new, unsure = self._arrivals(), self._new, self._unsure
        again, self._doubtful = self._doubtful, set()
        self._shown, self._came, self._new, self._unsure = {}, {}, set(), set()
        for label in unsure:
            if not self._name_again(label):
                self._unsure.add(label)
            # What they showed was shown before this identity was read, so it vouches for none of them.
            again.update(self._holders(label))
        for label, holder in readers.items():
            identity = self._identities.get(label)
            arrived = came.get(label, set())
            if identity is None or never_reused(identity.inode) or (label in new and len(arrived) < 2):
                continue
            if identity.id is not None:
                again |= self._confirm(label, identity, holder)
            elif label not in new and arrived and not self._still_held(label, arrived):
                again |= self._recycle(label, None, arrived)
        return again

    def changed(self) -> set[int]:
        """Holders whose namespaces were given another identity since the last call, though not read again."""
        changed, self._changed = self._changed, set()
        return changed

    def _arrivals(self) -> dict[Label, set[int]]:
        arrived: dict[Label, set[int]] = {}
        for (before, labels), holders in self._came.items():
            for label in labels:
                if label is not None and label not in before:
                    arrived.setdefault(label, set()).update(holders)
        return arrived

    def _name_again(self, label: Label) -> bool:
        """Whoever first showed this label was gone or elsewhere before its identity was read; ask all again."""
        identity = self._identities.get(label)
        if identity is None:
            return True
        for holder in self._holders(label):
            seen = self._read(holder, identity)
            if seen is not None:
                self._identities.name(label, seen)
                self._rebuild(label)
                return True
            if not self._can_open(holder, identity) and self._proc.label(holder, identity.kind) == label:
                return True
        return False

    def _can_open(self, holder: int, identity: NamespaceId) -> bool:
        path = self._proc.namespace_path(holder, identity.kind)
        return self._reader.read(path, identity.kind) is not None

    def _confirm(self, label: Label, identity: NamespaceId, reader: int) -> set[int]:
        moved: set[int] = set()
        for holder in chain((reader,), self._holders(label)):
            if holder in moved:
                continue
            seen = self._read(holder, identity)
            if seen is None:
                moved.add(holder)
                continue
            recycled = seen.id is not None and seen.id != identity.id
            return moved | self._recycle(label, seen, set()) if recycled else moved
        return moved

    def _read(self, holder: int, identity: NamespaceId) -> Seen | None:
        """What a holder is in now, if its label is still the same."""
        seen = self._reader.read(self._proc.namespace_path(holder, identity.kind), identity.kind)
        return seen if seen is not None and seen.inode == identity.inode else None

    def _still_held(self, label: Label, arrived: set[int]) -> bool:
        kind = kind_of(label)
        others = (holder for holder in self._holders(label) if holder not in arrived)
        if any(self._proc.label(holder, kind) == label and self._same(holder) for holder in others):
            return True
        if label in self._pins:
            self._recheck_pins()
        return label in self._pins

    def _recycle(self, label: Label, seen: Seen | None, arrived: set[int]) -> set[int]:
        """The label has a new owner. Everyone else who was thought to have it must be looked at again."""
        self._identities.end(label)
        self._identities.name(label, seen)
        self._rebuild(label)
        return {holder for holder in self._holders(label) if holder not in arrived}

    # -- the books ------------------------------------------------------------------------------------------

    def _holders(self, label: Label) -> Iterator[int]:
        return chain.from_iterable(group.holders for group in self._groups.showing(label))

    def _open_group(self, labels: Labels, holder: int) -> Group:
        for kind, label in zip(KINDS, labels, strict=True):
            if label is None or self._identities.get(label) is not None:
                continue
            seen = self._reader.read(self._proc.namespace_path(holder, kind), kind)
            named = self._identities.name(label, seen)
            self._new.add(label)
            if named is not None and (seen is None or seen.inode != named.inode):
                self._unsure.add(label)
        return self._groups.open(labels, self._combined(labels))

    def _combined(self, labels: Labels) -> Namespaces:
        return Namespaces(*map(self._identities.get, labels))

    def _rebuild(self, label: Label) -> None:
        for group in self._groups.showing(label):
            group.namespaces = self._combined(group.labels)
            self._changed |= group.holders

    def _end_if_unheld(self, label: Label) -> None:
        if label not in self._pins and not self._groups.is_shown(label):
            self._identities.end(label)

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
from dataclasses import dataclass, field
from itertools import chain

from pausetui.core.namespaces import KINDS, NOTHING_KNOWN, IdentifiedBy, NamespaceId, NamespaceKind, Namespaces
from pausetui.kernel.nsfs import IdentityReader, Seen, inode_of, kind_of, never_reused
from pausetui.kernel.processes import Label, Labels, ProcFolder


@dataclass(slots=True)
class _Group:
    """All holders with the very same eight labels: on most machines nearly all of them."""

    labels: Labels
    namespaces: Namespaces
    holders: set[int] = field(default_factory=set)


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
        self._groups: dict[Labels, _Group] = {}
        self._group_of: dict[int, _Group] = {}
        self._by_label: dict[Label, set[Labels]] = {}
        self._identity: dict[Label, NamespaceId] = {}
        self._ended: dict[Label, int] = {}
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
        group = self._group_of.get(holder)
        if group is not None and group.labels == labels:
            self._shown[labels] = holder
            return
        before = group.labels if group is not None else ()
        target = self._groups.get(labels) or self._open_group(labels, holder)
        target.holders.add(holder)
        self._group_of[holder] = target
        self._shown[labels] = holder
        self._came.setdefault((before, labels), set()).add(holder)
        if group is not None:
            self._leave(group, holder)

    def release(self, holder: int) -> None:
        """This holder has ended, or is in no namespace any more."""
        group = self._group_of.pop(holder, None)
        if group is not None:
            self._leave(group, holder)

    def pin(self, label: Label, mount: str, seen: Seen | None) -> NamespaceId | None:
        """A bind mount holds a namespace; ``seen`` is what opening it said. None if the label is none."""
        identity = self._identity.get(label)
        if identity is None:
            identity = self._name(label, seen)
        elif seen is not None and seen.id is not None and identity.id not in (None, seen.id):
            self._doubtful |= self._recycle(label, seen, set())
            identity = self._identity[label]
        if identity is None:
            return None
        self._pins.setdefault(label, set()).add(mount)
        return identity

    def unpin(self, label: Label, mount: str) -> None:
        """That bind mount is gone."""
        mounts = self._pins.get(label, set())
        mounts.discard(mount)
        if not mounts:
            self._pins.pop(label, None)
            self._drop_if_unheld(label)

    # -- asking it ------------------------------------------------------------------------------------------

    def namespaces(self, holder: int) -> Namespaces:
        """What a holder is in, as far as known."""
        group = self._group_of.get(holder)
        return group.namespaces if group is not None else NOTHING_KNOWN

    def labels(self, holder: int) -> Labels | None:
        """The labels a holder showed when it was last read."""
        group = self._group_of.get(holder)
        return group.labels if group is not None else None

    def identity(self, label: Label) -> NamespaceId | None:
        """Which namespace a label stands for, or None if nobody is known to be in it."""
        return self._identity.get(label)

    def groups(self) -> Iterator[tuple[Namespaces, int]]:
        """Each distinct combination of namespaces that is in use, with one holder that is in it."""
        for group in self._groups.values():
            yield group.namespaces, next(iter(group.holders))

    def holders(self, label: Label) -> Iterator[int]:
        """Every holder that showed this label when it was last read."""
        for labels in self._by_label.get(label, ()):
            yield from self._groups[labels].holders

    # -- after each look ------------------------------------------------------------------------------------

    def settle(self) -> set[int]:
        """Make sure that what was shown since the last call is what we think it is.

        Returns:
            Holders that have to be read again, because what we thought of them does not hold.
        """
        readers = {label: holder for labels, holder in self._shown.items() for label in labels if label}
        came = self._arrivals()
        new, unsure = self._new, self._unsure
        self._shown, self._came, self._new, self._unsure = {}, {}, set(), set()
        again, self._doubtful = self._doubtful, set()
        for label in unsure:
            self._name_again(label)
        for label, holder in readers.items():
            identity = self._identity.get(label)
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

    def _name_again(self, label: Label) -> None:
        """Whoever first showed this label was gone before its identity was read; ask the others."""
        for holder in self.holders(label):
            identity = self._identity[label]
            seen = self._reader.read(self._proc.namespace_path(holder, identity.kind), identity.kind)
            if seen is not None and seen.inode == identity.inode:
                self._name(label, seen)
                self._rebuild(label)
                return

    def _confirm(self, label: Label, identity: NamespaceId, reader: int) -> set[int]:
        moved: set[int] = set()
        for holder in chain((reader,), self.holders(label)):
            if holder in moved:
                continue
            seen = self._reader.read(self._proc.namespace_path(holder, identity.kind), identity.kind)
            if seen is None or seen.inode != identity.inode:
                moved.add(holder)
                continue
            if seen.id is not None and seen.id != identity.id:
                return moved | self._recycle(label, seen, set())
            return moved
        return moved

    def _still_held(self, label: Label, arrived: set[int]) -> bool:
        kind = kind_of(label)
        others = (holder for holder in self.holders(label) if holder not in arrived)
        if any(self._proc.label(holder, kind) == label and self._same(holder) for holder in others):
            return True
        if label in self._pins:
            self._recheck_pins()
        return label in self._pins

    def _recycle(self, label: Label, seen: Seen | None, arrived: set[int]) -> set[int]:
        """The label has a new owner. Everyone else who was thought to have it must be looked at again."""
        self._ended[label] = self._ended.get(label, 0) + 1
        self._name(label, seen)
        self._rebuild(label)
        return {holder for holder in self.holders(label) if holder not in arrived}

    # -- the books ------------------------------------------------------------------------------------------

    def _open_group(self, labels: Labels, holder: int) -> _Group:
        for place, label in enumerate(labels):
            if label is not None and label not in self._identity:
                kind = KINDS[place]
                seen = self._reader.read(self._proc.namespace_path(holder, kind), kind)
                named = self._name(label, seen)
                self._new.add(label)
                if named is not None and (seen is None or seen.inode != named.inode):
                    self._unsure.add(label)
        group = _Group(labels, self._combined(labels))
        self._groups[labels] = group
        for label in labels:
            if label is not None:
                self._by_label.setdefault(label, set()).add(labels)
        return group

    def _name(self, label: Label, seen: Seen | None) -> NamespaceId | None:
        try:
            kind, inode = NamespaceKind(kind_of(label)), inode_of(label)
        except ValueError:
            return None
        if seen is not None and seen.id is not None and seen.inode == inode:
            identity = NamespaceId(kind, inode, seen.id, seen.by)
        else:
            identity = NamespaceId(kind, inode, None, IdentifiedBy.GENERATION, self._ended.get(label, 0))
        self._identity[label] = identity
        return identity

    def _combined(self, labels: Labels) -> Namespaces:
        known = [self._identity.get(label) if label is not None else None for label in labels]
        return Namespaces(*known)

    def _rebuild(self, label: Label) -> None:
        for labels in self._by_label.get(label, ()):
            group = self._groups[labels]
            group.namespaces = self._combined(labels)
            self._changed |= group.holders

    def _leave(self, group: _Group, holder: int) -> None:
        group.holders.discard(holder)
        if group.holders:
            return
        del self._groups[group.labels]
        for label in group.labels:
            if label is None:
                continue
            groups = self._by_label[label]
            groups.discard(group.labels)
            if not groups:
                del self._by_label[label]
                self._drop_if_unheld(label)

    def _drop_if_unheld(self, label: Label) -> None:
        if label not in self._by_label and label not in self._pins and label in self._identity:
            del self._identity[label]
            self._ended[label] = self._ended.get(label, 0) + 1

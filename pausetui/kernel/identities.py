"""The identity that a label has now, and how many namespaces with that label we have seen end."""

from __future__ import annotations

from pausetui.core.namespaces import IdentifiedBy, NamespaceId, NamespaceKind
from pausetui.kernel.nsfs import Seen, inode_of, kind_of
from pausetui.kernel.processes import Label


class Identities:
    """One identity for each label that is in use."""

    def __init__(self) -> None:
        self._now: dict[Label, NamespaceId] = {}
        self._ended: dict[Label, int] = {}

    def get(self, label: Label | None) -> NamespaceId | None:
        """What a label stands for, or None if nobody is known to show it."""
        return self._now.get(label) if label is not None else None

    def name(self, label: Label, seen: Seen | None) -> NamespaceId | None:
        """From now on the label stands for what was seen, or for its next generation. None: it is no label."""
        try:
            kind, inode = NamespaceKind(kind_of(label)), inode_of(label)
        except ValueError:
            return None
        if seen is not None and seen.id is not None and seen.inode == inode:
            identity = NamespaceId(kind, inode, seen.id, seen.by)
        else:
            identity = NamespaceId(kind, inode, None, IdentifiedBy.GENERATION, self._ended.get(label, 0))
        self._now[label] = identity
        return identity

    def end(self, label: Label) -> None:
        """The namespace that the label stood for is gone."""
        if self._now.pop(label, None) is not None:
            self._ended[label] = self._ended.get(label, 0) + 1

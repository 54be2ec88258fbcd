"""Who shows which labels: holders in groups, one group for each combination of eight labels that occurs.

On most machines nearly all processes are in one group, and a pod's processes in a few; so what is worked out for
a group is worked out once. Holders are numbers: pids and thread ids, which share one range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pausetui.core.namespaces import Namespaces
from pausetui.kernel.processes import Label, Labels


@dataclass(slots=True)
class Group:
    """All holders with the very same eight labels, and the namespaces that these stand for."""

    labels: Labels
    namespaces: Namespaces
    holders: set[int] = field(default_factory=set)


class Groups:
    """All groups that have a holder."""

    def __init__(self, unheld: Callable[[Label], None]) -> None:
        """``unheld`` is told each label that nobody shows any more."""
        self._unheld = unheld
        self._by_labels: dict[Labels, Group] = {}
        self._by_holder: dict[int, Group] = {}
        self._by_label: dict[Label, set[Labels]] = {}

    def __iter__(self) -> Iterator[Group]:
        return iter(self._by_labels.values())

    def of(self, holder: int) -> Group | None:
        """The group of a holder."""
        return self._by_holder.get(holder)

    def find(self, labels: Labels) -> Group | None:
        """The group of these labels."""
        return self._by_labels.get(labels)

    def showing(self, label: Label) -> Iterator[Group]:
        """All groups with this label among theirs."""
        return (self._by_labels[labels] for labels in self._by_label.get(label, ()))

    def is_shown(self, label: Label) -> bool:
        """Whether anybody shows this label."""
        return label in self._by_label

    def open(self, labels: Labels, namespaces: Namespaces) -> Group:
        """A new group, which is to get its first holder at once."""
        group = self._by_labels[labels] = Group(labels, namespaces)
        for label in labels:
            if label is not None:
                self._by_label.setdefault(label, set()).add(labels)
        return group

    def join(self, holder: int, group: Group) -> None:
        """This holder is in this group now, and in no other: it never lets go of what both have."""
        before = self._by_holder.get(holder)
        group.holders.add(holder)
        self._by_holder[holder] = group
        if before is not None:
            self._leave(before, holder)

    def remove(self, holder: int) -> None:
        """This holder is in no group any more."""
        group = self._by_holder.pop(holder, None)
        if group is not None:
            self._leave(group, holder)

    def _leave(self, group: Group, holder: int) -> None:
        group.holders.discard(holder)
        if group.holders:
            return
        del self._by_labels[group.labels]
        for label in group.labels:
            if label is None:
                continue
            others = self._by_label[label]
            others.discard(group.labels)
            if not others:
                del self._by_label[label]
                self._unheld(label)

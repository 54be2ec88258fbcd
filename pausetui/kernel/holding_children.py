"""Which namespaces keep others alive: a pid namespace's children, and all that a user namespace owns.

The kernel tells only the way up, ioctl_nsfs(2): of each namespace the parent and the owner. So whatever can be
found is asked, and what is met on the way up too: that may have no process in it. Each is open while it is asked.
"""

from __future__ import annotations

import os
from fcntl import ioctl

from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.kernel.nsfs import IdentityReader, open_namespace
from pausetui.kernel.processes import Label

NS_GET_USERNS = 0xB701
"""``_IO(0xb7, 1)``, include/uapi/linux/nsfs.h, Linux 4.9: the user namespace that owns one."""
NS_GET_PARENT = 0xB702
"""``_IO(0xb7, 2)``, as above: the parent of a pid or user namespace."""
_HAVE_PARENTS = (NamespaceKind.PID, NamespaceKind.USER)


class Family:
    """Climbs from every namespace it is shown to those that this one keeps alive.

    Attributes:
        below: By label of a namespace, each that keeps it alive, and whether it is owned by it.
    """

    def __init__(self, reader: IdentityReader, *, owners: bool) -> None:
        """``owners``: also ask which user namespace owns each."""
        self.below: dict[Label, dict[NamespaceId, bool]] = {}
        self._reader = reader
        self._owners = owners
        self._climbed: set[NamespaceId] = set()

    def climb(self, path: str, kind: NamespaceKind) -> None:
        """Begin at the namespace that can be opened here; one that is gone has nothing to say."""
        try:
            descriptor = open_namespace(path, follow=True)
        except OSError:
            return
        try:
            self._climb(descriptor, kind)
        finally:
            os.close(descriptor)

    def _climb(self, descriptor: int, kind: NamespaceKind) -> NamespaceId:
        seen = self._reader.read_open(descriptor, kind)
        here = NamespaceId(kind, seen.inode, seen.id, seen.by)
        if here not in self._climbed:
            self._climbed.add(here)
            if kind in _HAVE_PARENTS:
                self._up(descriptor, here, NS_GET_PARENT, kind)
            if self._owners and kind is not NamespaceKind.USER:  # the owner of a user namespace is its parent
                self._up(descriptor, here, NS_GET_USERNS, NamespaceKind.USER)
        return here

    def _up(self, descriptor: int, here: NamespaceId, request: int, kind: NamespaceKind) -> None:
        try:
            above = ioctl(descriptor, request)
        except OSError:  # the top, or outside of what we may see
            return
        try:
            found = self._climb(above, kind)
        finally:
            os.close(above)
        self.below.setdefault(found.label.encode(), {})[here] = request == NS_GET_USERNS

"""What keeps namespaces alive: processes, threads, descriptors, child namespaces, sockets, orphaned connections.

Asked only when somebody wants to know, for it reads the links of every descriptor on the machine. Everything
that is opened meanwhile is closed at once, so nothing is held by having looked.

Not found: sockets that are neither bound nor connected, or registered with io_uring; tun devices; a mounted
``/proc`` and pidfds, which hold a pid namespace; credentials of open files, which hold a user namespace; attached
shared memory, which holds an ipc namespace.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from pausetui.core.holding import Holding
from pausetui.core.namespaces import KINDS, NamespaceId, NamespaceKind
from pausetui.kernel.holding_children import Family
from pausetui.kernel.holding_finding import Finding, Names
from pausetui.kernel.holding_place import is_there, sockets_of
from pausetui.kernel.holding_scan import Scanned, Scanner
from pausetui.kernel.nsfs import IdentityReader
from pausetui.kernel.places import Place, opener
from pausetui.kernel.processes import Label, ProcFolder


def find_holders(
    proc: ProcFolder, places: Sequence[Place], pins: Collection[str] = ()
) -> dict[NamespaceId, Holding]:
    """Look once for all that keeps these namespaces alive.

    Blocks for some 50 ms on a node with 300 processes; not for the thread of the screen.

    Args:
        proc: The ``/proc`` that the pids are of.
        places: The namespaces; one that is not there any more is left out of the answer.
        pins: Where they are bind mounted, in whatever mount namespace; who opened one there is found by that.

    Returns:
        What was found, for each.

    Raises:
        OSError: ``/proc`` itself can't be read.
    """
    reader = IdentityReader()
    there = [place for place in places if is_there(reader, place.namespace, opener(proc, place))]
    if not there:
        return {}
    inside = sockets_of(proc, there)
    wanted = {place.namespace.kind for place in there}
    with_owners = NamespaceKind.USER in wanted
    kinds = KINDS if with_owners else wanted
    inodes = {inode for one in inside.values() if one is not None for inode in one.protocols}
    found = Scanner(proc, kinds, inodes, pins).scan()
    family = Family(reader, owners=with_owners)
    if with_owners or NamespaceKind.PID in wanted:
        _climb(proc, family, found, there, kinds)
    names = Names(proc)
    return {
        place.namespace: Finding(proc, reader, found, family, names, place).holding(inside.get(place.namespace))
        for place in there
    }


def _climb(
    proc: ProcFolder,
    family: Family,
    found: Scanned,
    places: Iterable[Place],
    kinds: Collection[NamespaceKind],
) -> None:
    """From every namespace that can be found: by a process, its children to be, a descriptor, a pin."""
    ways: list[tuple[Label, str]] = []
    ways += ((label, f"{pids[0]}/ns/{_kind(label)}") for label, pids in found.members.items())
    ways += ((label, f"{pids[0]}/ns/{_kind(label)}_for_children") for label, pids in found.for_children.items())
    ways += ((label, f"{open_[0][0]}/fd/{open_[0][1]}") for label, open_ in found.descriptors.items())
    base = proc.path.rstrip("/")
    for label, way in ways:
        if (kind := _kind(label)) in kinds:
            family.climb(f"{base}/{way}", kind)
    for place in places:
        if place.pid is None and place.pin is not None:
            family.climb(place.pin, place.namespace.kind)


def _kind(label: Label) -> NamespaceKind:
    return NamespaceKind(label.partition(b":")[0].decode())

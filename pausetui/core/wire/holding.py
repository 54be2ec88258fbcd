"""What else keeps a namespace alive, as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from pausetui.core.holding import HeldByChild, HeldByDescriptor, HeldBySocket, Holding, Named
from pausetui.core.json_value import Json


def holding_to_json(holding: Holding | None) -> dict[str, Json]:
    """The keys that an entry of ``namespaces`` has for it.

    All are null where nobody looked. One is also where nothing was found and not everybody could be asked.
    """
    if holding is None:
        return dict.fromkeys(("threads", "for_children", "descriptors", "children", "sockets", "connections"))
    sockets, connections = holding.sockets, holding.connections
    return {
        "threads": _known([{**_process(one.process), "tid": one.tid} for one in holding.threads], holding),
        "for_children": _known([_process(one) for one in holding.for_children], holding),
        "descriptors": _known([_descriptor(one) for one in holding.descriptors], holding),
        "children": _known([_child(one) for one in holding.children], holding),
        "sockets": None if sockets is None else _known([_socket(one) for one in sockets], holding),
        "connections": None
        if connections is None
        else [{"state": one.state, "local": one.local, "remote": one.remote} for one in connections],
    }


def _known(found: Sequence[Json], holding: Holding) -> Json:
    return list(found) if found or not holding.unasked else None


def _process(process: Named) -> dict[str, Json]:
    return {"pid": process.id.pid, "start_ticks": process.id.start_ticks, "name": process.name}


def _descriptor(one: HeldByDescriptor) -> dict[str, Json]:
    return {**_process(one.process), "fd": one.number, "path": one.path or None}


def _child(one: HeldByChild) -> dict[str, Json]:
    space = one.namespace
    return {
        "kind": space.kind.value,
        "inode": space.inode,
        "id": space.id,
        "identified_by": space.identified_by.value,
        "generation": space.generation,
        "owned": one.owned,
    }


def _socket(one: HeldBySocket) -> dict[str, Json]:
    return {
        "protocol": one.protocol,
        "inode": one.inode,
        "owners": [{**_process(owner.process), "fd": owner.number} for owner in one.owners],
    }

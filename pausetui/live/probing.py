"""Trying a port of a pod's localhost because somebody asked for it: checked, carried out, and put on record."""

from __future__ import annotations

from pausetui.core.network import NetworkView
from pausetui.core.probe_telling import Asked, Probed
from pausetui.core.vantage import Vantage
from pausetui.errors import ActionRefused
from pausetui.kernel.netview import NetworkPlace, inspect_networks
from pausetui.kernel.places import Place
from pausetui.kernel.probe import probe
from pausetui.kernel.processes import ProcFolder
from pausetui.live.journal import Journal


def look_from(proc: ProcFolder, seen: Vantage) -> NetworkView:
    """The network that a port would be tried in; blocks for some milliseconds."""
    place = NetworkPlace(seen.net, seen.process.pid, members=tuple(seen.owners))
    return inspect_networks(proc, (place,))[seen.net]


def try_port(proc: ProcFolder, journal: Journal, number: str, seen: Vantage, asked: Asked) -> Probed:
    """Connect from there; blocks for some seconds at most.

    Args:
        proc: The ``/proc`` that the pids are of.
        journal: Where it is put on record.
        number: Its id there.
        seen: From where.
        asked: Which port.

    Raises:
        ActionRefused: The process through which the namespace is reached has ended.
    """
    stat = proc.stat(seen.process.pid)
    if stat is None or stat.start_ticks != seen.process.start_ticks:
        raise ActionRefused(str(asked), f"pid {seen.process.pid} of {seen.title} has ended")
    journal.probe_asked(number, seen.title, str(asked), seen.process)
    results = probe(proc, Place(seen.net, seen.process.pid), asked.port, head=asked.head)
    journal.probe_told(number, seen.title, results)
    return Probed(results, look_from(proc, seen))

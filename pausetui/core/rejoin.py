"""Joins look after look, and not again what neither the runtime nor the kernel says anew.

Programs of the host start and end all the time. A look in which nothing else happened gives the snapshot before,
the very same pods in it, with new times and vitals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pausetui.core.belonging import may_belong
from pausetui.core.homes import are_there, homes
from pausetui.core.inventory import Inventory
from pausetui.core.join import join, joined, vitals_of
from pausetui.core.join_pod import Look, look_at, records_of
from pausetui.core.namespaces import NamespaceId
from pausetui.core.observation import Observation, Process
from pausetui.core.snapshot import Snapshot

_INIT = 1
"""Where it isn't listed nothing can be said of those that aren't either: see ``belief``."""


@dataclass(frozen=True, slots=True)
class _Last:
    """The last look that was joined whole, what came of it since, and the pids on which that depends."""

    look: Look
    snapshot: Snapshot
    concerned: frozenset[int]


class Joiner:
    """``join`` for one session, which remembers the snapshot before."""

    def __init__(self) -> None:
        self._last: _Last | None = None

    def join(
        self, inventory: Inventory | None, observation: Observation, taken_at: datetime, *, backend: str
    ) -> Snapshot:
        """As ``core.join.join``, with what this gave before as ``previous``."""
        last = self._last
        previous = last.snapshot if last is not None else None
        if inventory is None:
            return join(None, observation, taken_at, previous, backend=backend)
        changed = _changed_networks(last, inventory, observation) if last is not None else None
        if last is not None and changed:
            look = replace(last.look, inventory=inventory, observation=observation)
            snapshot = joined(look, taken_at, previous, changed)
            self._last = replace(last, look=look, snapshot=snapshot)
            return snapshot
        if last is not None and changed is not None:
            found = last.snapshot.homes
            snapshot = replace(
                last.snapshot,
                taken_at=taken_at,
                observed_at=observation.observed_at,
                inventory_at=inventory.inventory_at,
                vitals=vitals_of(last.snapshot.pods, observation),
                homes=found if are_there(found, observation) else homes(last.snapshot.pods, observation),
                ways_in=observation.ways_in,
            )
            look = replace(last.look, inventory=inventory, observation=observation)
            self._last = replace(last, look=look, snapshot=snapshot)
            return snapshot
        look = look_at(inventory, observation)
        snapshot = joined(look, taken_at, previous)
        self._last = _Last(look, snapshot, frozenset(_concerned(look)))
        return snapshot


def _changed_networks(last: _Last, inventory: Inventory, observation: Observation) -> frozenset[NamespaceId] | None:
    """In which networks something is configured otherwise; None if anything else that matters is different, too."""
    told, seen = last.look.inventory, last.look.observation
    if told.pods is not inventory.pods or replace(told, inventory_at=inventory.inventory_at) != inventory:
        return None
    if (told.inventory_at > seen.observed_at) is not (inventory.inventory_at > observation.observed_at):
        return None  # one that is missing may be too young for the look, or gone
    but_for_processes = replace(
        seen,
        observed_at=observation.observed_at,
        processes=observation.processes,
        vitals=observation.vitals,
        hidden=observation.hidden,
        networks=observation.networks,
    )
    if but_for_processes != observation or _concerns(last, observation):
        return None
    before, after = seen.networks, observation.networks
    if before is after:
        return frozenset()
    return frozenset(net for net in before.keys() | after.keys() if before.get(net) != after.get(net))


def _concerns(last: _Last, now: Observation) -> bool:
    """Whether a process came, went or changed that is a pod's, or may be."""
    return any(
        pid in last.concerned or (process is not None and may_belong(process, now))
        for pid, process in _changed(last.look.observation.processes, now.processes)
    )


def _changed(before: Mapping[int, Process], after: Mapping[int, Process]) -> Iterator[tuple[int, Process | None]]:
    """Those that came or changed, and the pids of those that went."""
    if before is after:
        return
    for pid, process in after.items():
        if before.get(pid) is not process:
            yield pid, process
    for pid in before.keys() - after.keys():
        yield pid, None


def _concerned(look: Look) -> Iterator[int]:
    yield _INIT
    yield from look.belonging.concerned
    for pod in look.inventory.pods:
        for record in records_of(pod):
            pid = record.process.pid if record.process else record.pid
            if pid:
                yield pid

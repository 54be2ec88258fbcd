"""Inventory and observation made one snapshot: the runtime names things, the kernel says what is so.

Where the two disagree the kernel wins for processes, namespaces and addresses, and the runtime's answer stays
beside it (``runtime_addresses``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from pausetui.core.homes import homes
from pausetui.core.inventory import Inventory, Runtime
from pausetui.core.join_pod import Look, joined_pod, look_at
from pausetui.core.leftover import as_problems, former_networks
from pausetui.core.namespaces import NamespaceId
from pausetui.core.observation import Observation, Problem, ProcessId, Vitals
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.core.unclaimed import unclaimed


def join(
    inventory: Inventory | None,
    observation: Observation,
    taken_at: datetime,
    previous: Snapshot | None = None,
    *,
    backend: str = "",
) -> Snapshot:
    """Join what the runtime last said with what the kernel says now.

    Args:
        inventory: The newest answer, or None if the runtime has never answered.
        observation: The newest look.
        taken_at: Now, UTC.
        previous: The snapshot before; its equal pods are used again, so that nothing downstream compares twice.
        backend: What the backend is called, for when it has never answered.
    """
    answered = inventory or Inventory(backend, taken_at, Runtime(backend), stale=True)
    snapshot = joined(look_at(answered, observation), taken_at, previous)
    return snapshot if inventory else replace(snapshot, inventory_at=None)


def joined(
    look: Look,
    taken_at: datetime,
    previous: Snapshot | None,
    networks: Collection[NamespaceId] | None = None,
) -> Snapshot:
    """The snapshot of a look; times and ``previous`` as of ``join``.

    Args:
        look: What it goes by.
        taken_at: Now, UTC.
        previous: The snapshot before.
        networks: Nothing but these differs from what the one before went by; None if anything may.
    """
    answered, observation = look.inventory, look.observation
    old = {pod.key: pod for pod in previous.pods} if previous else {}
    same = {key: pod for key, pod in old.items() if networks is not None and not _has_one_of(pod, networks)}
    made = (same.get(record.key) or _kept(joined_pod(record, look), old) for record in answered.pods)
    pods = tuple(sorted(made, key=lambda pod: (pod.title, pod.key)))
    if previous is not None and len(pods) == len(previous.pods) and all(map(_same, pods, previous.pods)):
        pods = previous.pods
    former = former_networks(pods, previous, look.belonging)
    return Snapshot(
        taken_at=taken_at,
        observed_at=observation.observed_at,
        inventory_at=answered.inventory_at,
        stale=answered.stale,
        node=observation.node,
        backend=answered.backend,
        runtime=answered.runtime,
        pods=pods,
        problems=(*_problems(look), *as_problems(former, look.belonging, observation)),
        vitals=vitals_of(pods, observation),
        read_only_because=observation.read_only_because,
        host=observation.host,
        former_networks=former,
        remarks=answered.remarks,
        unclaimed=unclaimed(pods, observation, look.belonging),
        abilities=answered.abilities,
        homes=homes(pods, observation),
        ways_in=observation.ways_in,
    )


def vitals_of(pods: Iterable[Pod], observation: Observation) -> dict[ProcessId, Vitals]:
    """The vitals of all processes in these pods, as far as known."""
    return {
        process.id: vitals
        for pod in pods
        for container in pod.containers()
        for process in container.processes
        if (vitals := observation.vitals.get(process.id)) is not None
    }


def _has_one_of(pod: Pod, networks: Collection[NamespaceId]) -> bool:
    """Whether a container of a pod is in one of these networks, or one is pinned for it."""
    used = (one.namespaces.net in networks for one in pod.containers())
    return any(used) or any(pin.namespace in networks for pin in pod.pins)


def _same(one: Pod, other: Pod) -> bool:
    return one is other


def _kept(pod: Pod, old: dict[str, Pod]) -> Pod:
    before = old.get(pod.key)
    return before if before is not None and before == pod else pod


def _problems(look: Look) -> tuple[Problem, ...]:
    doubts = tuple(belief.problem for belief in look.beliefs.values() if belief.problem is not None)
    return (*look.inventory.problems, *look.observation.problems, *doubts)

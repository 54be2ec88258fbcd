"""Network namespaces that a pod had before and that somebody from outside still keeps alive, address and all.

A shell that joined a pod's network goes on living in it when the pod is remade. The pod has lost that network and
its address; they are not gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from pausetui.core.belonging import Belonging
from pausetui.core.namespaces import NamespaceId
from pausetui.core.observation import Observation, Problem, Process
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.core.wording import addresses

PASSING = timedelta(seconds=3)
"""Whoever came less long ago may be about to go."""
Former = Mapping[str, tuple[NamespaceId, ...]]
"""Network namespaces that a pod had before, by pod key."""


def former_networks(pods: Iterable[Pod], previous: Snapshot | None, belonging: Belonging) -> Former:
    """The former network namespaces in which a process from outside still is."""
    if previous is None:
        return {}
    before = {pod.key: (*_own(pod, previous), *previous.former_networks.get(pod.key, ())) for pod in previous.pods}
    found = {}
    for pod in pods:
        present = {one.namespaces.net for one in pod.containers()}
        kept = tuple(
            net for net in dict.fromkeys(before.get(pod.key, ())) if net not in present and belonging.outside(net)
        )
        if kept:
            found[pod.key] = kept
    return found


def _own(pod: Pod, previous: Snapshot) -> tuple[NamespaceId, ...]:
    net = pod.net
    return (net,) if net is not None and net != previous.host.net else ()


def as_problems(former: Former, belonging: Belonging, observation: Observation) -> tuple[Problem, ...]:
    """What is to be said of each."""
    return tuple(
        _problem(key, net, holders, observation)
        for key in former
        for net in former[key]
        if (holders := _lasting(belonging.outside(net), observation))
    )


def _lasting(holders: tuple[Process, ...], observation: Observation) -> tuple[Process, ...]:
    """Without those that came just now: a plug-in that takes the network down is in it for a moment."""
    now = observation.observed_at
    return tuple(one for one in holders if one.started_at is None or now - one.started_at > PASSING)


def _problem(key: str, net: NamespaceId, holders: tuple[Process, ...], observation: Observation) -> Problem:
    names = ", ".join(f"{holder.name} (pid {holder.pid})" for holder in holders[:3])
    more = f" and {len(holders) - 3} more" if len(holders) > 3 else ""
    network = observation.networks.get(net)
    with_address = f", with {addresses(network.addresses)}" if network and network.addresses else ""
    return Problem(
        key,
        f"the pod's former network {net.inode} still exists",
        f"held by {names}{more}{with_address}",
        "it ends when they do",
    )

"""Namespaces that only a bind mount keeps alive: no process is in them, and no pod that is known has them.

A runtime that crashed between a pod's end and its clean-up leaves such pins, with the address still inside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from shlex import quote

from pausetui.core.belonging import Belonging
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.observation import Observation
from pausetui.core.snapshot import Pod, Unclaimed


def unclaimed(pods: Iterable[Pod], observation: Observation, belonging: Belonging) -> tuple[Unclaimed, ...]:
    """Every namespace that is pinned and otherwise nobody's, by the first of its paths."""
    if not observation.pins:
        return ()
    of_pods = {(pin.kind, pin.path) for pod in pods for pin in pod.pins}
    pins: dict[NamespaceId, dict[str, int | None]] = defaultdict(dict)
    claimed: set[NamespaceId] = set()
    for pin in observation.pins:
        space = pin.namespace
        pins[space][pin.path] = pin.pid
        if (space.kind, pin.path) in of_pods or observation.is_hosts(space) or belonging.by_namespace.get(space):
            claimed.add(space)
    return tuple(
        Unclaimed(
            space,
            tuple(found),
            _addresses(space, observation),
            {path: pid for path, pid in found.items() if pid is not None},
        )
        for space, found in pins.items()
        if space not in claimed
    )


def to_end(one: Unclaimed, path: str) -> str:
    """The command that removes one of its pins; the namespace ends with the last of all that hold it."""
    folder, _, name = path.rpartition("/")
    remove = f"umount -l {quote(path)} && rm {quote(path)}"  # lazily: it may be open, which is told beside it
    if path in one.elsewhere:
        # "ip" is not to be had in every container; what it would do is this.
        return f"nsenter -t {one.elsewhere[path]} -m sh -c {quote(remove)}"
    return f"ip netns delete {quote(name)}" if folder in ("/run/netns", "/var/run/netns") else remove


def _addresses(space: NamespaceId, observation: Observation) -> tuple[str, ...] | None:
    if space.kind is not NamespaceKind.NET:
        return ()
    network = observation.networks.get(space)
    return network.addresses if network else None

"""What shares a network namespace and yet is no pod, or no container of one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from pausetui.backends.proc_found import FoundContainer, by_start
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.observation import Observation, Process

UNWIRED = frozenset(
    {"lo", "tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "sit0", "ip6tnl0", "ip6gre0"}
)
"""Links that the kernel itself puts into every new network namespace (net.core.fb_tunnels_only_for_init_net)."""

PAUSE_NAMES = frozenset({"pause", "catatonit"})
"""What Kubernetes' pause and Podman's call themselves."""

SETTLED = timedelta(seconds=5)
"""How long after its start something may still be given its hostname or its first container."""


def without_sharers(containers: Iterable[FoundContainer]) -> tuple[FoundContainer, ...]:
    """Leave out what was only put into the network from outside: a shell by nsenter, a helper of the runtime.

    The earliest of all stays if it has made more than the network namespace, or if there is nothing else.
    """
    ordered = sorted(containers, key=by_start)
    inside = [one for one in ordered if one.contained]
    first = ordered[0]
    made_more = not first.apart.isdisjoint((NamespaceKind.IPC, NamespaceKind.UTS))
    if not first.contained and (made_more or not inside):
        inside.insert(0, first)
    return tuple(inside)


def is_a_pod(net: NamespaceId, containers: Sequence[FoundContainer], observation: Observation) -> bool:
    """Whether a group that no cgroup names is worth being called a pod.

    Several containers that share a network are. One alone is, if it was made as containers are (own processes
    and files, or own hostname and IPC) or somebody wired it. Browser sandboxes, services with PrivateNetwork=
    and ``unshare -n`` are alone in a network with only the loopback, and are none.
    """
    if len(containers) > 1:
        return True
    if _may_be_about_to_start_pods(containers[0].main, observation):
        return False
    network = observation.networks.get(net)
    if network is not None and not UNWIRED.issuperset(network.interfaces):
        return True
    alone = containers[0]
    if alone.main.cgroup is not None and alone.main.cgroup.endswith(".service"):
        return False
    made_as = ({NamespaceKind.PID, NamespaceKind.MNT}, {NamespaceKind.IPC, NamespaceKind.UTS})
    return any(kinds <= alone.apart for kinds in made_as)


def _may_be_about_to_start_pods(process: Process, observation: Observation) -> bool:
    """Whether it was started so lately that it may be a container manager whose first pod is still to come."""
    started = process.started_at
    return started is not None and observation.observed_at - started < SETTLED and process.name not in PAUSE_NAMES


def manager_namespaces(observation: Observation) -> frozenset[NamespaceId]:
    """Network namespaces, not the host's, whose processes started containers in other ones."""
    found = set()
    host = observation.host.net
    for process in observation.processes.values():
        net = process.namespaces.net
        if net is None or net == host:
            continue
        parent = observation.processes.get(process.parent)
        starter = parent.namespaces.net if parent is not None else None
        if parent is None or starter is None or starter in (net, host):
            continue
        if _starts_a_container(parent, process):
            found.add(starter)
    return frozenset(found)


def _starts_a_container(parent: Process, child: Process) -> bool:
    """A browser's sandbox has a network and processes of its own; a container a hostname, or files too."""
    differing = {kind for kind in NamespaceKind if parent.namespaces.get(kind) != child.namespaces.get(kind)}
    return NamespaceKind.UTS in differing or {NamespaceKind.PID, NamespaceKind.MNT} <= differing

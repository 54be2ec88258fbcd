"""What shares a network namespace and yet is no pod, or no container of one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from pausetui.backends.proc_found import FoundContainer, by_start
from pausetui.backends.proc_trees import depth
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import Net, Observation, Process

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

    The earliest of all stays if it has made more than the network namespace (or if that may not be read), or if
    there is nothing else.
    """
    ordered = sorted(containers, key=by_start)
    first = ordered[0]
    inside = [one for one in ordered if one.contained and not _was_sent_into_another(one, ordered)]
    made_more = first.hidden or not first.apart.isdisjoint((NamespaceKind.IPC, NamespaceKind.UTS))
    if not first.contained and (made_more or not inside):
        inside.insert(0, first)
    return tuple(inside)


def _was_sent_into_another(container: FoundContainer, all_of_them: Sequence[FoundContainer]) -> bool:
    """Whether it was started in a container that was there before (``exec``), where the files don't tell.

    It has a pid in somebody else's pid namespace. Where only the first of the pod has one, members share that.
    """
    if not container.hidden or container is all_of_them[0] or _is_process_1(container.main):
        return False
    beside = (one for one in all_of_them[1:] if one is not container and _is_process_1(one.main))
    return any(depth(one.main) == depth(container.main) for one in beside)


def _is_process_1(process: Process) -> bool:
    return process.namespace_pids[-1:] == (1,)


def is_a_pod(net: Net, containers: Sequence[FoundContainer], observation: Observation) -> bool:
    """Whether a group that no cgroup names is worth being called a pod.

    Several containers that share a network are. One alone is, if it was made as containers are (own processes
    and files, or own hostname and IPC) or somebody wired it. Browser sandboxes, services with PrivateNetwork=
    and ``unshare -n`` are alone in a network with only the loopback, and are none. Of several whose namespaces may
    not be read, that they share the network is one sign alone: it takes wires, too, or a first one called pause.
    """
    wired = _is_wired(net, observation)
    if len(containers) > 1:
        return wired or not containers[0].hidden or containers[0].main.name in PAUSE_NAMES
    if _may_be_about_to_start_pods(containers[0].main, observation):
        return False
    if wired:
        return True
    alone = containers[0]
    if alone.main.cgroup is not None and alone.main.cgroup.endswith(".service"):
        return False
    made_as = ({NamespaceKind.PID, NamespaceKind.MNT}, {NamespaceKind.IPC, NamespaceKind.UTS})
    return any(kinds <= alone.apart for kinds in made_as)


def _is_wired(net: Net, observation: Observation) -> bool:
    network = observation.network_of(net)
    return network is not None and not UNWIRED.issuperset(network.interfaces)


def _may_be_about_to_start_pods(process: Process, observation: Observation) -> bool:
    """Whether it was started so lately that it may be a container manager whose first pod is still to come."""
    started = process.started_at
    return started is not None and observation.observed_at - started < SETTLED and process.name not in PAUSE_NAMES


def manager_namespaces(observation: Observation) -> frozenset[Net]:
    """Network namespaces, not the host's, whose processes started containers in other ones."""
    found = set()
    host = observation.host_net
    for process in observation.processes.values():
        net = observation.net_of(process)
        if net is None or net == host:
            continue
        parent = observation.processes.get(process.parent)
        starter = observation.net_of(parent) if parent is not None else None
        if parent is None or starter is None or starter in (net, host):
            continue
        if parent.namespaces.unreadable or process.namespaces.unreadable:
            starts_a_container = process.name in PAUSE_NAMES or _is_wired(net, observation)
        else:
            starts_a_container = _starts_a_container(parent, process)
        if starts_a_container:
            found.add(starter)
    return frozenset(found)


def _starts_a_container(parent: Process, child: Process) -> bool:
    """A browser's sandbox has a network and processes of its own; a container a hostname, or files too."""
    differing = {kind for kind in NamespaceKind if parent.namespaces.get(kind) != child.namespaces.get(kind)}
    return NamespaceKind.UTS in differing or {NamespaceKind.PID, NamespaceKind.MNT} <= differing

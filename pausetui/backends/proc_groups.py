"""Pods and containers concluded from one look at the kernel: who shares what, and who was started by whom.

Pure. What a runtime's cgroup says comes first: a container is its cgroup's container id, a pod its uid. Where
no cgroup says anything, a pod is a network namespace that is not the host's, and its containers are told apart
by mount namespace and by who started whom. Where namespaces may not be read, what marks the network stands for it
(``core.observation.NetMark``), and the depth of the pids for the pid namespace.

A group that only looks sandboxed is no pod: see ``proc_sandboxes``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace

from pausetui.backends.proc_found import Found, FoundContainer, FoundPod, by_start
from pausetui.backends.proc_sandboxes import is_a_pod, manager_namespaces, without_sharers
from pausetui.backends.proc_trees import Ancestry, apart_from, in_order, main_of, split_into_containers
from pausetui.core.observation import Net, Observation, Process
from pausetui.kernel.cgroups import NAMES_NOTHING, CgroupNames, parse


def find_pods(
    observation: Observation,
    own_names: CgroupNames = NAMES_NOTHING,
    managers: frozenset[Net] = frozenset(),
) -> Found:
    """Conclude which pods there are. The order of the processes plays no part.

    Args:
        observation: The look.
        own_names: What the cgroup of the machine's pid 1 names: a machine that is itself a container is in the
            same cgroup as everything on it, which therefore tells nothing apart.
        managers: Those found at the look before.
    """
    boxes, loose = _sorted_out(observation, own_names)
    ancestry = Ancestry(observation)
    boxed = [_container(processes, names, ancestry) for names, processes in boxes]
    starters = manager_namespaces(observation) | (managers & _nets(observation))
    taken = {one.net for one in boxed}
    groups = [*_named_groups(boxed, observation)]
    for net, processes in loose.items():
        if net in taken or net in starters:
            continue
        containers = without_sharers(
            [_container(each, NAMES_NOTHING, ancestry) for each in split_into_containers(processes, ancestry)]
        )
        if is_a_pod(net, containers, observation):
            groups.append(FoundPod(containers, net, False))
    pods = sorted((_marked(pod, starters) for pod in groups), key=lambda pod: pod.containers[0].main.id)
    return Found(tuple(pods), starters)


def _sorted_out(
    observation: Observation, own: CgroupNames
) -> tuple[list[tuple[CgroupNames, list[Process]]], dict[Net, list[Process]]]:
    """Processes by the container that their cgroup names, and the others that are not in the host's network."""
    boxes: dict[Hashable, tuple[CgroupNames, list[Process]]] = {}
    loose: dict[Net, list[Process]] = defaultdict(list)
    host = observation.host_net
    foreign = (
        process
        for process in observation.processes.values()
        if not process.zombie and (process.cgroup or observation.net_of(process) != host)
    )
    for process in in_order(foreign):
        names = parse(process.cgroup) if process.cgroup else NAMES_NOTHING
        if names.container_id is not None and names.container_id == own.container_id:
            names = NAMES_NOTHING
        if names.monitor:
            continue
        identity = _identity(names, process)
        net = observation.net_of(process)
        if identity is not None:
            boxes.setdefault(identity, (names, []))[1].append(process)
        elif net is not None and host is not None and net != host:
            loose[net].append(process)
    return list(boxes.values()), loose


def _identity(names: CgroupNames, process: Process) -> Hashable | None:
    """What tells a container from the others, where its cgroup names at least its pod."""
    if names.container_id is not None:
        return names.container_id
    pod = names.pod_uid or names.podman_pod
    return (pod, process.namespaces.mnt) if pod is not None else None


def _container(processes: Sequence[Process], names: CgroupNames, ancestry: Ancestry) -> FoundContainer:
    main = main_of(processes, ancestry)
    apart = apart_from(main, processes, ancestry)
    return FoundContainer(main, tuple(processes), names, apart, ancestry.observation.net_of(main))


def _named_groups(boxed: Sequence[FoundContainer], observation: Observation) -> Iterator[FoundPod]:
    """Containers with a cgroup, by pod; one without a pod belongs to the pod whose network it is in."""
    host = observation.host_net
    own = {one.main.id: one.net for one in boxed if host is not None and one.net is not None and one.net != host}
    pod_of_net = {net: one.pod for one in boxed if one.pod and (net := own.get(one.main.id)) is not None}
    groups: dict[Hashable, list[FoundContainer]] = defaultdict(list)
    for one in boxed:
        net = own.get(one.main.id)
        pod = one.pod or (pod_of_net.get(net) if net is not None else None)
        if pod is not None:
            groups[pod].append(one)
        elif net is not None or one.net is None or host is None:
            groups[net or one.names.container_id].append(one)
    for containers in groups.values():
        yield _pod_of_named(tuple(sorted(containers, key=by_start)), observation)


def _pod_of_named(containers: tuple[FoundContainer, ...], observation: Observation) -> FoundPod:
    host = observation.host_net
    nets = [one.net for one in containers if one.net is not None]
    own = [net for net in nets if net != host] if host is not None else []
    host_network = None if not nets or host is None else not own
    uid = next((one.names.pod_uid for one in containers if one.names.pod_uid), None)
    podman_pod = next((one.names.podman_pod for one in containers if one.names.podman_pod), None)
    return FoundPod(containers, own[0] if own else None, host_network, uid, podman_pod)


def _nets(observation: Observation) -> frozenset[Net]:
    nets = (observation.net_of(process) for process in observation.processes.values())
    return frozenset(net for net in nets if net is not None)


def _marked(pod: FoundPod, starters: frozenset[Net]) -> FoundPod:
    if pod.net is None or pod.net not in starters:
        return pod
    return replace(pod, starts_pods=True)

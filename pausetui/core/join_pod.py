"""One pod of a snapshot: what the runtime says of it, with what the kernel has of its processes and namespaces."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from pausetui.core.belief import Belief, believe
from pausetui.core.belonging import Belonging, pods_own
from pausetui.core.inventory import ContainerRecord, ContainerState, Inventory, PodRecord, PodState
from pausetui.core.namespaces import NOTHING_KNOWN, NamespaceId
from pausetui.core.observation import Net, Observation, Pin
from pausetui.core.snapshot import Container, Pod, PodPin

ENDED = "ended"
"""The reason given for a container that the kernel knows to have ended before its runtime says so."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one join goes by.

    Attributes:
        beliefs: By container key.
        pins: The places in ``observation.pins`` of those of each namespace, and of those at each path.
    """

    inventory: Inventory
    observation: Observation
    beliefs: dict[str, Belief]
    belonging: Belonging
    pins: dict[NamespaceId | str, list[int]]


def look_at(answered: Inventory, observation: Observation) -> Look:
    """Find out whose process is whose."""
    beliefs = {
        record.key: believe(record, answered, observation) for pod in answered.pods for record in records_of(pod)
    }
    mains = {belief.process.id: key for key, belief in beliefs.items() if belief.process is not None}
    ids = {
        record.runtime_id: record.key for pod in answered.pods for record in records_of(pod) if record.runtime_id
    }
    return Look(answered, observation, beliefs, Belonging(observation, mains, ids), _places(observation.pins))


def records_of(pod: PodRecord) -> tuple[ContainerRecord, ...]:
    """Those of all containers of a pod."""
    return (pod.pause, *pod.members) if pod.pause else pod.members


def joined_pod(record: PodRecord, look: Look) -> Pod:
    """The pod of a record."""
    pause = _container(record.pause, look) if record.pause else None
    members = tuple(_container(member, look) for member in record.members)
    orphans = _orphans(pause, members, look)
    members = tuple(replace(one, stranded_with=_left(one, look)) if one.key in orphans else one for one in members)
    containers = (pause, *members) if pause else members
    host_network = record.host_network
    net = _net(pause, look) if pause else None
    if host_network is None and net is not None and look.observation.host_net is not None:
        host_network = net == look.observation.host_net
    pod = Pod(
        key=record.key,
        backend=look.inventory.backend,
        namespace=record.namespace,
        name=record.name,
        uid=record.uid,
        state=_pod_state(record, look),
        attempt=record.attempt,
        host_network=host_network,
        brought_back_by=record.brought_back_by,
        runtime_addresses=record.runtime_addresses,
        sandboxes=record.sandboxes,
        pause=pause,
        members=members,
        orphans=orphans,
        sharers=look.belonging.sharers(containers),
        pins=_pins(record, containers, look),
        note=record.note,
        runtime_handler=record.runtime_handler,
        usage=record.usage,
        shares_nothing=record.shares_nothing,
    )
    return _with_network(pod, record, look)


def _pod_state(record: PodRecord, look: Look) -> PodState:
    pause_is_gone = record.pause is not None and look.beliefs[record.pause.key].gone
    return PodState.NOTREADY if record.state is PodState.READY and pause_is_gone else record.state


def _container(record: ContainerRecord, look: Look) -> Container:
    belief = look.beliefs[record.key]
    process = belief.process
    return Container(
        key=record.key,
        name=record.name,
        role=record.role,
        state=ContainerState.EXITED if belief.gone else record.state,
        attempt=record.attempt,
        restarts=record.restarts,
        runtime_id=record.runtime_id,
        sandbox_id=record.sandbox_id,
        image=record.image,
        process=process.id if process else None,
        started_at=record.started_at or (process.started_at if process else None),
        finished_at=record.finished_at,
        exit_code=record.exit_code,
        reason=ENDED if belief.gone and not record.reason else record.reason,
        previous=record.previous,
        processes=look.belonging.processes(record.key, process) if process else (),
        namespaces=process.namespaces if process else NOTHING_KNOWN,
        cannot_read=process is not None and process.namespaces.unreadable,
        mounts=record.mounts,
        evidence=record.evidence,
        command=process.command if process else (),
        image_bytes=record.image_bytes,
        usage=record.usage,
        grace_seconds=record.grace_seconds,
        restart_policy=record.restart_policy,
        joins=record.joins,
        start_error=record.start_error,
    )


def _net(container: Container, look: Look) -> Net | None:
    """The network namespace of a container's main process, or its mark where only that is known."""
    process = look.beliefs[container.key].process
    return look.observation.net_of(process) if process is not None else None


def _left(orphan: Container, look: Look) -> tuple[str, ...] | None:
    """What is in the network namespace that an orphan is stranded in: links, then addresses."""
    net = _net(orphan, look)
    network = look.observation.network_of(net) if net is not None else None
    return (*network.interfaces, *network.addresses) if network is not None else None


def _orphans(pause: Container | None, members: tuple[Container, ...], look: Look) -> tuple[str, ...]:
    """Running members that are not in the pod's network: the pause's or, with no pause, the first member's.

    So are those that joined the network of a container which has ended, if the addresses went with it.
    """
    holder = pause or next((member for member in members if member.process is not None), None)
    net = _net(holder, look) if holder else None
    is_held = pause is None or pause.process is not None
    up = {one.runtime_id for one in (pause, *members) if is_held and one is not None and one.process is not None}
    return tuple(
        member.key
        for member in members
        if (net is not None and _net(member, look) not in (None, net))
        or (member.joins is not None and member.joins not in up and _has_no_address(member, look))
    )


def _has_no_address(member: Container, look: Look) -> bool:
    net = _net(member, look)
    network = look.observation.network_of(net) if net is not None else None
    return network is not None and not network.addresses


def _places(pins: tuple[Pin, ...]) -> dict[NamespaceId | str, list[int]]:
    places: dict[NamespaceId | str, list[int]] = defaultdict(list)
    for place, pin in enumerate(pins):
        places[pin.namespace].append(place)
        places[_plain(pin.path)].append(place)
    return places


def _pins(record: PodRecord, containers: tuple[Container, ...], look: Look) -> tuple[PodPin, ...]:
    own = (*pods_own(containers, look.observation), *((_plain(record.netns_path),) if record.netns_path else ()))
    places = sorted({place for each in own for place in look.pins.get(each, ())})
    found = (look.observation.pins[place] for place in places)
    return tuple(PodPin(pin.namespace.kind, pin.path, pin.namespace) for pin in found)


def _plain(path: str) -> str:
    """The runtime says /var/run where the kernel says /run."""
    return path.removeprefix("/var")


def _with_network(pod: Pod, record: PodRecord, look: Look) -> Pod:
    """The pod with what the kernel has in its network namespace."""
    if pod.host_network:
        return replace(pod, addresses=(), links=(), routes=())
    net = pod.net
    if net is None:
        places = look.pins.get(_plain(record.netns_path), ()) if record.netns_path else ()
        pinned = (look.observation.pins[place].namespace for place in places)
        net = next((space for space in pinned if space.kind == "net"), None)
    shown = net or next((mark for one in pod.containers() if (mark := _net(one, look)) is not None), None)
    if shown is not None:
        network = look.observation.network_of(shown)
        return (
            replace(pod, addresses=network.addresses, links=network.links, routes=network.routes)
            if network
            else pod
        )
    return pod if _may_be_hidden(pod) else replace(pod, addresses=(), links=(), routes=())


def _may_be_hidden(pod: Pod) -> bool:
    return any(
        container.cannot_read or (container.state is ContainerState.RUNNING and container.process is None)
        for container in pod.containers()
    )

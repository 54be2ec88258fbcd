"""What can be wrong with the networks of pods that are there: cut off, addresses given twice, ports taken twice."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator

from pausetui.core.anchor import has_helpers_address
from pausetui.core.cut_off import lacks_default_route, links_down
from pausetui.core.doctor.finding import Examined, Finding, FindingId
from pausetui.core.port_clashes import ClashKind, PortClash, port_clashes
from pausetui.core.prose import listed
from pausetui.core.snapshot import Pod
from pausetui.core.tabs.network_overview import owners_of
from pausetui.core.wording import addresses

ONE_NETWORK = ("crictl", "lab")
"""Backends whose pods are all wired alike; an engine's networks may have no way out on purpose."""


def links_all_down(examined: Examined) -> Iterator[Finding]:
    """A Ready pod with an address, none of whose links is up."""
    for pod in examined.pods:
        down = links_down(pod)
        if not down:
            continue
        switched_off = [link.name for link in down if link.state == "down"]
        near = "switch it on" if switched_off else "switch on its other end, on the node"
        yield Finding(
            FindingId.LINK_DOWN,
            pod.key,
            pod.title,
            "No link of the pod is up: nothing reaches it, and it reaches nobody, though it is Ready and has its "
            "address.",
            tuple(f"{link.name}: {link.state}" for link in down),
            f"{near}, and add its routes again: those went with it",
            _inside(pod, f"ip link set {shlex.quote(switched_off[0])} up") if switched_off else "ip -br link",
        )


def lost_default_routes(examined: Examined) -> Iterator[Finding]:
    """A Ready pod without a default route, though most others have one."""
    if examined.snapshot.backend not in ONE_NETWORK:
        return
    for pod in examined.pods:
        if lacks_default_route(pod, examined.snapshot.pods):
            yield Finding(
                FindingId.NO_DEFAULT_ROUTE,
                pod.key,
                pod.title,
                "The pod has no default route, and most other pods here have one: it reaches only what is on its "
                "own links.",
                (f"routes: {'; '.join(pod.routes or ()) or 'none'}", f"address: {addresses(pod.addresses)}"),
                "compare with another pod, and add it again, or have the sandbox made anew",
                _inside(pod, "ip route"),
            )


def _inside(pod: Pod, command: str) -> str:
    """The command in the pod's network, where a process leads there."""
    members = (one for one in pod.containers() if one.process is not None and one.namespaces.net == pod.net)
    first = next(members, None)
    return f"nsenter -n -t {first.process.pid} {command}" if first is not None and first.process else ""


def duplicate_addresses(examined: Examined) -> Iterator[Finding]:
    """One address that two pods of this machine have, of one runtime, which means of one network."""
    if examined.snapshot.backend == "proc":
        return  # whatever runtimes there are, each with networks of its own
    owners: dict[str, list[Pod]] = defaultdict(list)
    for pod in examined.snapshot.pods:
        for address in () if pod.host_network or has_helpers_address(pod) else pod.addresses or ():
            owners[address].append(pod)
    shown = {pod.key for pod in examined.pods}
    for address, pods in owners.items():
        about = [pod for pod in pods if pod.key in shown]
        told = {one for pod in pods for one in pod.runtime_addresses}
        # What no runtime gave out is of a second network, and there may be two of those.
        if about and len({pod.net for pod in pods}) > 1 and (address in told or not told):
            yield Finding(
                FindingId.DUPLICATE_ADDRESS,
                about[0].key,
                address,
                "Two pods of this machine have the same address: which of them gets a packet is chance.",
                tuple(f"{pod.title} has {address}" for pod in pods),
                "see who answers for it, then have the wrong one made anew",
                f"ip neigh show {address}",
            )


def port_clashes_of_pods(examined: Examined) -> Iterator[Finding]:
    """Two programs of a pod that listen on one port, which a shared port space allows in some ways."""
    for pod in examined.pods:
        view = examined.snapshot.networks.get(pod.key)
        owners = owners_of(pod)
        for clash in port_clashes(view.listeners or (), owners) if view else ():
            if _is_meant(clash):
                continue
            names = [
                owners.get(pid, f"pid {pid}") for one in (clash.first, clash.second) for pid in one.owners or ()
            ]
            yield Finding(
                FindingId.PORT_CLASH,
                pod.key,
                f"{pod.title} port {clash.first.port}",
                "Two programs of one pod listen on the same port: members share one port space.",
                (str(clash), f"they are {listed(list(dict.fromkeys(names)))}"),
                f"give one of them another port than {clash.first.port}",
            )


def _is_meant(clash: PortClash) -> bool:
    """Two that each chose an address of their own, as a proxy does in front of a server on 127.0.0.1."""
    anywhere = {"0.0.0.0", "::"}
    return clash.kind is ClashKind.SPLIT and not anywhere & {clash.first.address, clash.second.address}

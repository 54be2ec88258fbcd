"""What can be wrong between the networks of pods that are there: addresses given twice, ports taken twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pausetui.core.anchor import has_helpers_address
from pausetui.core.doctor.finding import Examined, Finding, FindingId
from pausetui.core.network_overview import owners_of
from pausetui.core.port_clashes import ClashKind, PortClash, port_clashes
from pausetui.core.prose import listed
from pausetui.core.snapshot import Pod


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

"""What can be wrong with networks: leftovers of pods that are gone, and addresses given twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pausetui.core.doctor.finding import Examined, Finding
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.network_overview import owners_of
from pausetui.core.port_clashes import port_clashes
from pausetui.core.prose import listed
from pausetui.core.snapshot import Unclaimed
from pausetui.core.wording import addresses


def leaked_pins(examined: Examined) -> Iterator[Finding]:
    """Network namespaces that a bind mount keeps alive, though no process and no pod is left in them."""
    before = {one.namespace for one in examined.before.unclaimed}
    for one in examined.snapshot.unclaimed:
        if one.namespace.kind is NamespaceKind.NET and one.namespace in before:
            yield _leaked(one)


def _leaked(one: Unclaimed) -> Finding:
    path = one.paths[0]
    name = path.rpartition("/")[2]
    with_address = "" if not one.addresses else ", and its end of a veth with it"
    return Finding(
        "leaked-netns",
        path,
        name,
        f"A network namespace that no process is in and no pod has: a runtime ended before it could clean up "
        f"(containerd/cri#568). Its address stays in use{with_address}.",
        (f"{one.namespace.label} pinned at {', '.join(one.paths)}", f"inside: {addresses(one.addresses)}"),
        f"ip netns delete {name}" if "/netns/" in path else f"umount {path} && rm {path}",
    )


def reserved_for_nobody(examined: Examined) -> Iterator[Finding]:
    """Addresses that host-local keeps for sandboxes that are gone."""
    if examined.reservations is None or examined.snapshot.backend != "crictl" or examined.snapshot.stale:
        return
    ids = {sandbox.id for pod in examined.snapshot.pods for sandbox in pod.sandboxes}
    ids |= {sandbox.id for pod in examined.before.pods for sandbox in pod.sandboxes}
    for one in examined.reservations:
        if one.container_id and one.container_id not in ids:
            yield Finding(
                "address-reserved-for-nobody",
                one.path,
                f"{one.network} {one.address}",
                "An address is kept for a sandbox that no longer exists. Enough of them, and new pods get none "
                "(containerd#5768).",
                (f"{one.path} names {one.container_id[:13]}, which the runtime does not know",),
                f"rm {one.path}",
            )


def duplicate_addresses(examined: Examined) -> Iterator[Finding]:
    """One address that two pods of this machine have, of one runtime, which means of one network."""
    if examined.snapshot.backend == "proc":
        return  # whatever runtimes there are, each with networks of its own
    owners: dict[str, list[str]] = defaultdict(list)
    keys: dict[str, str] = {}
    for pod in examined.snapshot.pods:
        if pod.host_network:
            continue
        for address in pod.addresses or ():
            owners[address].append(pod.title)
            keys.setdefault(address, pod.key)
    nets = {pod.title: pod.net for pod in examined.snapshot.pods}
    for address, titles in owners.items():
        if len({nets[title] for title in titles}) > 1:
            yield Finding(
                "duplicate-address",
                keys[address],
                address,
                "Two pods of this machine have the same address: which of them gets a packet is chance.",
                tuple(f"{title} has {address}" for title in titles),
                f"ip neigh show {address}",
            )


def port_clashes_of_pods(examined: Examined) -> Iterator[Finding]:
    """Two programs of a pod that listen on one port, which a shared port space allows in some ways."""
    for pod in examined.snapshot.pods:
        view = examined.snapshot.networks.get(pod.key)
        owners = owners_of(pod)
        for clash in port_clashes(view.listeners or (), owners) if view else ():
            names = [
                owners.get(pid, f"pid {pid}") for one in (clash.first, clash.second) for pid in one.owners or ()
            ]
            yield Finding(
                "port-clash",
                pod.key,
                f"{pod.title} port {clash.first.port}",
                "Two programs of one pod listen on the same port: members share one port space.",
                (str(clash), f"they are {listed(list(dict.fromkeys(names)))}"),
                f"give one of them another port than {clash.first.port}",
            )

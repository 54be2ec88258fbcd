"""What pods that are gone have left on the node: namespaces, veths, addresses."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from pausetui.core.doctor.finding import Examined, Finding, FindingId
from pausetui.core.doctor.veths import FarEnd, Veth, in_nobodys_namespace, with_both_ends_here
from pausetui.core.inventory import PodState
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.prose import listed
from pausetui.core.snapshot import Unclaimed
from pausetui.core.unclaimed import to_end
from pausetui.core.wording import addresses

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_OF_CRI = re.compile(rf"/netns/(?:cni-[0-9a-zA-Z-]+|{_UUID})$")
"""containerd (pkg/netns: cni- and a UUID) and CRI-O (internal/config/nsmgr: a UUID)."""
_OF_DOCKER = re.compile(r"/netns/[0-9a-f]{12}$")
"""libnetwork: osl.GenerateKey; "default", "ingress_sbox", "1-…" and "lb_…" in that folder are no container's."""
_OF_PODMAN = re.compile(rf"/netns/(?:netns|cni)-{_UUID}$")
"""containers/common: pkg/netns."""
_NAMED = {"crictl": (_OF_CRI,), "docker": (_OF_DOCKER,), "podman": (_OF_PODMAN,)}
_BY_ANY = (_OF_CRI, _OF_DOCKER, _OF_PODMAN)
_SANDBOX_ID = re.compile("[0-9a-f]{64}")
LEAK = "a runtime ended before it could clean up (containerd/cri#568)"
MAY_BE_COMING = "Unless a pod is stuck in its creation just now: that has a network before it has a process."


def leaked_pins(examined: Examined) -> Iterator[Finding]:
    """Network namespaces that a bind mount keeps alive, though no process and no pod is left in them."""
    for one in _leaked(examined):
        path = _path(one)
        with_address = "" if not one.addresses else ", and its end of a veth with it"
        yield Finding(
            FindingId.LEAKED_NETNS,
            path,
            path.rpartition("/")[2],
            f"A network namespace that no process is in and no pod has: {LEAK}. Its address stays in "
            f"use{with_address}. {MAY_BE_COMING}",
            (f"{one.namespace.label} pinned at {', '.join(one.paths)}", f"inside: {addresses(one.addresses)}"),
            "remove the pin: the namespace ends with it",
            to_end(one, _path(one)),
        )


def _path(one: Unclaimed) -> str:
    """Where its runtime pinned it: a container that has the node below /host sees the same pin there, too."""
    return min(one.paths, key=len)


def _leaked(examined: Examined) -> tuple[Unclaimed, ...]:
    """Nobody's pins, now and a moment ago, with a name that a runtime of whose pods we know gives them."""
    node = examined.node
    if examined.namespace is not None or examined.runtime_is_silent or node is None or _may_be_of_a_pod(examined):
        return ()
    before = {one.namespace for one in examined.before.unclaimed}
    return tuple(
        one
        for one in examined.snapshot.unclaimed
        if one.namespace.kind is NamespaceKind.NET
        and one.namespace in before
        and one.namespace.inode in node.only_pinned
        and _is_a_runtimes(one.paths, examined.snapshot.backend)
    )


def _may_be_of_a_pod(examined: Examined) -> bool:
    """Whether there is a pod of which it is not known where its network is."""
    return any(
        pod.state is PodState.READY
        and not pod.host_network
        and pod.net is None
        and not any(pin.kind is NamespaceKind.NET for pin in pod.pins)
        for pod in examined.snapshot.pods
    )


def _is_a_runtimes(paths: tuple[str, ...], backend: str) -> bool:
    # Somebody's own "ip netns add vpn" has no process either, and is no leak.
    names = _NAMED.get(backend, _BY_ANY)
    return any(name.search(path) for path in paths for name in names)


def leaked_veths(examined: Examined) -> Iterator[Finding]:
    """Veths of the node whose other ends no pod has any more."""
    now, then = examined.node, examined.node_before
    if examined.namespace is not None or examined.runtime_is_silent or now is None or then is None:
        return
    before = {(one.enter, one.index, one.end) for one in then.veths}
    lasting = tuple(one for one in now.veths if (one.enter, one.index, one.end) in before)
    pins = {one.namespace.inode: one for one in _leaked(examined)}
    for one in lasting:
        pin = pins.get(one.pinned.inode) if one.end is FarEnd.PINNED and one.pinned else None
        if pin is not None:
            yield _of_a_pin(one, pin, to_end(pin, _path(pin)))
    for one in in_nobodys_namespace(lasting):
        yield _of_nobody(one)
    for one, other in with_both_ends_here(lasting):
        yield _of_both_ends(one, other)


def _of_a_pin(one: Veth, pin: Unclaimed, command: str) -> Finding:
    inside = f"inside: {addresses(pin.addresses)}"
    seen = f"its other end is in {pin.namespace.label}, which nothing but the pin {_path(pin)} keeps alive"
    what = "the namespace of its other end has no process and no pod"
    return _finding(one, what, (seen, inside), "remove the pin: the veth ends with it", command)


def _of_nobody(one: Veth) -> Finding:
    inside = one.inside
    assert inside is not None
    links = ", ".join(name for name, _ in inside.links)
    held = (
        f"it is held by {listed(list(inside.holders))}, which has it open"
        if inside.holders
        else "no process has it open: a socket, or a connection that is still ending, keeps it alive"
    )
    seen = "its other end is in a network namespace that no process is in and no bind mount leads to"
    what = "its other end is in a network namespace that nobody can reach any more"
    evidence = (seen, f"inside: {links}, {addresses(inside.addresses)}", held)
    return _finding(one, what, evidence, "delete the veth: both ends go, and the address with them")


def _of_both_ends(one: Veth, other: Veth) -> Finding:
    seen = f"its other end, {other.name}, is on the node, too: down, without an address, port of nothing"
    what = "its other end never got into a pod, or came back from one"
    return _finding(one, what, (seen,), "delete the veth: both ends go")


def _finding(one: Veth, what: str, evidence: tuple[str, ...], do: str, command: str = "") -> Finding:
    port = f"{one.name} is a port of {one.bridge}" if one.bridge else f"{one.name} is on the node"
    return Finding(
        FindingId.LEAKED_VETH,
        f"/sys/class/net/{one.name}",
        one.name,
        f"The node's end of a veth that no pod uses: {what}. As a rule {LEAK}.",
        (port, *evidence),
        do,
        command or shlex.join((*one.enter.split(), "ip", "link", "delete", one.name)),
    )


def reserved_for_nobody(examined: Examined) -> Iterator[Finding]:
    """Addresses that host-local keeps for sandboxes that are gone."""
    if examined.namespace is not None or examined.snapshot.backend != "crictl" or examined.runtime_is_silent:
        return
    ids = {sandbox.id for pod in examined.snapshot.pods for sandbox in pod.sandboxes}
    ids |= {sandbox.id for pod in examined.before.pods for sandbox in pod.sandboxes}
    for one in examined.reservations or ():
        if _SANDBOX_ID.fullmatch(one.container_id) and one.container_id not in ids:
            yield Finding(
                FindingId.ADDRESS_RESERVED_FOR_NOBODY,
                one.path,
                f"{one.network} {one.address}",
                "An address is kept for a sandbox that no longer exists. Enough of them, and new pods get none "
                f"(containerd#5768). {MAY_BE_COMING}",
                (f"{one.path} names {one.container_id[:13]}, which the runtime does not know",),
                "give the address back",
                shlex.join(("rm", one.path)),
            )

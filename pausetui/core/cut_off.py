"""A pod that is Ready and has its address, and from which no packet gets anywhere. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from pausetui.core.inventory import PodState
from pausetui.core.observation import LinkState
from pausetui.core.snapshot import Pod

OF_THE_KERNEL = frozenset(
    ("lo", "tunl0", "gre0", "gretap0", "erspan0", "sit0", "ip_vti0", "ip6_vti0", "ip6tnl0", "ip6gre0", "ip6gretap0")
)
"""Links that every new network namespace may have by itself, those of tunnels switched off
(net.core.fb_tunnels_only_for_init_net, Linux's networking/sysctl documentation)."""
DEFAULT = "default"


def links_down(pod: Pod) -> tuple[LinkState, ...]:
    """The links of a Ready pod none of which is up; () if one is, or there are none, or that is not known."""
    if pod.state is not PodState.READY or pod.host_network or not (pod.addresses or pod.runtime_addresses):
        return ()
    links = tuple(link for link in pod.links or () if link.name not in OF_THE_KERNEL)
    return () if any(link.state == "up" for link in links) else links


def lacks_default_route(pod: Pod, others: Iterable[Pod]) -> bool:
    """Whether a pod whose links are up has no default route, though most others that have an address do.

    Where all of a node's pods are of one network, as CNI makes them, they are wired alike.
    """
    if not _is_whole(pod) or pod.routes is None or _has_default(pod.routes):
        return False
    told = [one.routes for one in others if one is not pod and _is_whole(one) and one.routes is not None]
    return sum(map(_has_default, told)) * 2 > len(told)


def _is_whole(pod: Pod) -> bool:
    return pod.state is PodState.READY and bool(pod.addresses) and not pod.host_network and not links_down(pod)


def _has_default(routes: tuple[str, ...]) -> bool:
    return any(route.split(" ", 1)[0] == DEFAULT for route in routes)

"""The network inside the pod of ``scenes``: with rates, listeners, a port clash, rules, and a failed neighbour."""

from __future__ import annotations

from dataclasses import replace

from pausetui.core.network import (
    Counters,
    LegacyTable,
    Link,
    LinkAddress,
    Listener,
    Neighbour,
    NetworkView,
    NftRules,
    PacketRules,
    Peer,
    Route,
)
from pausetui.core.snapshot import Pod

SECONDS = 2.0
"""Between the two views."""


def counters(megabytes: float, dropped: int = 0) -> Counters:
    size = int(megabytes * 1_000_000)
    return Counters(size, size // 10, size // 1000, size // 2000, 0, 0, dropped, 0)


def view_of(pod: Pod, *, megabytes: float = 14.0, dropped: int = 6, read_at: float = 102.0) -> NetworkView:
    """What is seen in a pod's network; of its pids the pause's is 1000, nginx 1001, the sidecar 1002."""
    assert pod.net is not None
    return NetworkView(
        net=pod.net,
        read_at=read_at,
        source="netlink",
        links=(
            Link(
                "lo", 1, "loopback", up=True, lower_up=True, operstate="unknown", mtu=65536, counters=counters(0.0)
            ),
            Link(
                "eth0",
                2,
                "veth",
                up=True,
                lower_up=True,
                operstate="up",
                mac="0a:58:0a:f4:01:05",
                mtu=1450,
                peer=Peer(7, "veth1f2e3d4c", "cni0", on_host=True),
                counters=counters(megabytes, dropped),
            ),
        ),
        addresses=(
            LinkAddress("127.0.0.1", 8, "lo", "host", ("permanent",)),
            LinkAddress("10.244.1.5", 24, "eth0", "global", ("permanent",)),
            LinkAddress("fe80::858:aff:fef4:105", 64, "eth0", "link", ("tentative",)),
        ),
        routes=(
            Route(4, "default", "10.244.1.1", "eth0"),
            Route(4, "10.244.1.0/24", None, "eth0", protocol="kernel", source="10.244.1.5"),
            Route(4, "10.96.0.0/12", None, None, "blackhole", 20),
        ),
        neighbours=(
            Neighbour("10.244.1.1", "0a:58:0a:f4:01:01", "eth0", "reachable"),
            Neighbour("10.244.1.9", None, "eth0", "failed"),
        ),
        listeners=(
            Listener("tcp", 4, "0.0.0.0", 80, inode=1, owners=(1001,)),
            Listener("tcp", 6, "::", 80, v6_only=True, inode=2, owners=(1002,)),
            Listener("udp", 4, "127.0.0.1", 53, inode=3, owners=()),
        ),
        connections={"ESTABLISHED": 12, "TIME_WAIT": 3},
        abstract_sockets=1,
        rules=PacketRules(NftRules(("ip mesh",), 2, 4), (LegacyTable(4, "nat", 3), LegacyTable(6, "filter", 0))),
    )


def view_before(pod: Pod) -> NetworkView:
    """The same, so many seconds before."""
    return view_of(pod, megabytes=10.0, dropped=0, read_at=102.0 - SECONDS)


def without_a_way_out(view: NetworkView) -> NetworkView:
    """Its link is switched off, and with it the address and the default route are gone."""
    assert view.links is not None
    assert view.addresses is not None
    lo, eth0 = view.links
    off = replace(eth0, up=False, lower_up=False)
    return replace(view, links=(lo, off), addresses=view.addresses[:1], routes=())

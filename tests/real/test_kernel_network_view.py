"""The network inside a namespace, against iproute2."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pausetui.core.network import Peer
from pausetui.core.rates import rates
from pausetui.kernel.netview import NetworkPlace, inspect_networks
from tests.real.netpods import PROC, ip, ip_json, net_of, place_of, pod, view_of, wired
from tests.real.spawn import in_netns, output_of, python, sleeping
from tests.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def wires() -> Iterator[tuple[int, int]]:
    with wired() as (inside, node):
        ip(
            inside,
            "addr add 10.9.0.2/24 dev eth0",
            "addr add 10.9.0.3/24 dev eth0",
            "addr add 10.77.0.1 peer 10.77.0.2/32 dev eth0",
            "addr add fd00:9::2/64 dev eth0 nodad",
            "route add default via 10.9.0.1",
            "route add 10.50.0.0/16 metric 7 nexthop via 10.9.0.4 nexthop via 10.9.0.5",
            "route add blackhole 10.60.0.0/16",
            "route add 10.70.0.0/16 dev eth0 table 99",
            "-6 route add default via fd00:9::1",
            "neigh add 10.9.0.9 lladdr 02:00:00:00:00:09 dev eth0",
            "neigh add fd00:9::9 lladdr 02:00:00:00:00:09 dev eth0",
            "link add br0 type bridge",
            "link add p0 type veth peer name p1",
            "link set p0 master br0 mtu 1400",
        )
        # Until the links have found out that they are up, and the addresses that nobody else has them.
        until(lambda: "tentative" not in str(ip_json(inside, "addr show dev eth0")))
        yield inside, node


def test_links_are_those_of_ip(wires: tuple[int, int]) -> None:
    inside, _ = wires
    links = view_of(inside).links
    theirs = ip_json(inside, "-d link")
    assert links is not None
    assert [(one.index, one.name, one.mtu, str(one.operstate).upper(), one.master) for one in links] == [
        (one["ifindex"], one["ifname"], one["mtu"], one["operstate"], one.get("master")) for one in theirs
    ]
    assert [(one.up, one.lower_up) for one in links] == [
        ("UP" in one["flags"], "LOWER_UP" in one["flags"]) for one in theirs
    ]
    assert [one.mac for one in links if one.name != "lo"] == [
        one["address"] for one in theirs if one["ifname"] != "lo"
    ]
    assert [one.kind for one in links] == [
        one.get("linkinfo", {}).get("info_kind", one["link_type"]) for one in theirs
    ]


def test_addresses_are_those_of_ip(wires: tuple[int, int]) -> None:
    inside, _ = wires
    theirs = [
        (each["local"], each["prefixlen"], link["ifname"], each["scope"], each.get("address"))
        for link in ip_json(inside, "addr")
        for each in link["addr_info"]
    ]
    found = view_of(inside).addresses
    assert found is not None
    assert {(one.address, one.prefix, one.link, one.scope, one.other) for one in found} == set(theirs)
    assert ("10.77.0.1", 32, "eth0", "global", "10.77.0.2") in theirs
    assert next(one.flags for one in found if one.address == "10.9.0.3") == ("secondary", "permanent")


def test_routes_are_those_of_ip(wires: tuple[int, int]) -> None:
    inside, _ = wires
    found = view_of(inside).routes
    assert found is not None
    for version in (4, 6):
        theirs = [
            (
                one["dst"],
                hop.get("gateway"),
                hop.get("dev"),
                one.get("type", "unicast"),
                one.get("metric", 0),
                one.get("protocol"),
                one.get("prefsrc"),
            )
            for one in ip_json(inside, f"-{version} -d route")
            for hop in one.get("nexthops", [one])
        ]
        assert [
            (one.destination, one.gateway, one.link, one.kind, one.metric, one.protocol, one.source)
            for one in found
            if one.version == version
        ] == [(with_length(dst, version), *rest) for dst, *rest in theirs]


def with_length(destination: str, version: int) -> str:
    """``ip`` leaves the length of a whole address out."""
    whole = destination == "default" or "/" in destination
    return destination if whole else f"{destination}/{32 if version == 4 else 128}"


def test_neighbours_are_those_of_ip(wires: tuple[int, int]) -> None:
    inside, _ = wires
    found = view_of(inside).neighbours
    assert found is not None
    assert {(one.address, one.mac, one.link, one.state) for one in found} == {
        (one["dst"], one.get("lladdr"), one["dev"], one["state"][0].lower()) for one in ip_json(inside, "neigh")
    }
    assert ("10.9.0.9", "02:00:00:00:00:09", "eth0", "permanent") in {
        (one.address, one.mac, one.link, one.state) for one in found
    }


def test_the_other_end_of_a_veth_is_named_with_its_bridge(wires: tuple[int, int]) -> None:
    inside, node = wires
    index = next(one["ifindex"] for one in ip_json(node, "link") if one["ifname"] == "veth0")
    peers = {one.name: one.peer for one in view_of(inside, near=(node,)).links or ()}
    assert peers["eth0"] == Peer(index, "veth0", "cni0", on_host=False, net=net_of(node))
    assert peers["lo"] is None
    assert peers["p0"] is not None
    assert (peers["p0"].name, peers["p0"].net) == ("p1", net_of(inside))


def test_an_end_in_a_namespace_that_nobody_named_has_only_its_number(wires: tuple[int, int]) -> None:
    inside, _ = wires
    peer = next(one.peer for one in view_of(inside).links or () if one.name == "eth0")
    assert peer is not None
    assert (peer.name, peer.bridge, peer.on_host, peer.net) == (None, None, False, None)


def test_an_end_where_we_are_is_the_hosts() -> None:
    code = """
import subprocess
from tests.real.netpods import ip, pod, view_of
run = lambda command: subprocess.run(command.split(), check=True)
with pod() as inside:
    run("ip link add cni0 type bridge")
    run(f"ip link add veth7 type veth peer name eth0 netns {inside}")
    run("ip link set veth7 master cni0")
    peer = next(one.peer for one in view_of(inside).links if one.name == "eth0")
print(peer.name, peer.bridge, peer.on_host, peer.net)
"""
    # A network namespace of our own plays the host, so that no link is made in the real one.
    assert output_of(["unshare", "-n", *python(code)]).split() == ["veth7", "cni0", "True", "None"]


def test_counters_become_rates() -> None:
    with pod() as inside:
        before = view_of(inside)
        in_netns(inside, *python(SEND))
        after = view_of(inside)
    found = rates(before, after)["lo"]
    seconds = after.read_at - before.read_at
    assert round(found.tx_packets * seconds) == 5
    assert round(found.rx_bytes * seconds) == 5 * (20 + 8 + 100)


SEND = """
import socket
datagrams = socket.AF_INET, socket.SOCK_DGRAM
with socket.socket(*datagrams) as taken, socket.socket(*datagrams) as sent:
    taken.bind(("127.0.0.1", 0))
    for _ in range(5):
        sent.sendto(bytes(100), taken.getsockname())
"""


def test_packet_rules_are_counted() -> None:
    with pod() as inside:
        assert view_of(inside).rules is not None
        for command in (
            "nft add table ip mesh",
            "nft add chain ip mesh output { type nat hook output priority 0 ; }",
            "nft add rule ip mesh output tcp dport 80 redirect to :15001",
            "nft add rule ip mesh output tcp dport 81 redirect to :15001",
            "iptables-legacy -t nat -A OUTPUT -p tcp -j REDIRECT --to-port 15001",
            "ip6tables-legacy -P INPUT DROP",
        ):
            in_netns(inside, *command.split())
        rules = view_of(inside).rules
    assert rules is not None
    assert rules.nft is not None
    assert (rules.nft.tables, rules.nft.chains, rules.nft.rules) == (("ip mesh",), 1, 2)
    assert [(one.version, one.name, one.rules) for one in rules.legacy or ()] == [(4, "nat", 1), (6, "filter", 0)]
    assert rules.count == 3


def test_looking_makes_no_table_of_iptables() -> None:
    with pod() as inside:
        rules = view_of(inside).rules
        assert rules is not None
        assert (rules.count, rules.legacy) == (0, ())
        view_of(inside)
        argv = ["nsenter", "-n", "-t", str(inside), "cat", "/proc/self/net/ip_tables_names"]
        assert subprocess.run(argv, check=True, capture_output=True).stdout == b""


def test_one_that_is_gone_spoils_no_other() -> None:
    with sleeping() as ended, pod() as first, pod() as second, pod() as third:
        gone = NetworkPlace(net_of(second), ended.pid)
        ended.kill()
        ended.wait()
        places = [place_of(first), gone, place_of(third)]
        views = inspect_networks(PROC, places)
    assert [views[one.net].source for one in places] == ["netlink", "", "netlink"]
    assert views[gone.net].links is None
    assert [problem.what for problem in views[gone.net].problems] == ["its network"]


def test_another_namespace_in_the_same_place_is_not_taken_for_it() -> None:
    with pod() as first, pod() as second:
        wrong = NetworkPlace(net_of(first), second)
        view = inspect_networks(PROC, [wrong])[wrong.net]
    assert (view.source, view.links) == ("", None)
    assert view.problems[0].why == "another namespace is there now"


def test_one_that_has_got_the_number_of_a_dead_one_is_not_taken_for_it() -> None:
    with pod() as inside:
        now = net_of(inside)
        assert now.id is not None
        before = replace(now, id=now.id + 1)
        view = inspect_networks(PROC, [NetworkPlace(before, inside)])[before]
    assert (view.source, view.links) == ("", None)


def test_a_pin_without_a_process_leads_there(tmp_path: Path) -> None:
    code = """
import subprocess, sys
from pausetui.kernel.netview import NetworkPlace, inspect_networks
from tests.real.netpods import PROC, ip, net_of, pod
pin = sys.argv[1]
with pod() as inside:
    ip(inside, "link add br7 type bridge")
    net = net_of(inside)
    open(pin, "w").close()
    subprocess.run(["mount", "--bind", f"/proc/{inside}/ns/net", pin], check=True)
view = inspect_networks(PROC, [NetworkPlace(net, pin=pin)])[net]
print(*[link.name for link in view.links])
subprocess.run(["umount", pin], check=True)
"""
    assert output_of(["unshare", "-m", *python(code, str(tmp_path / "pin"))]).split() == ["lo", "br7"]

"""What is told of the network inside a pod."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from pausetui.core.namespaces import NamespaceKind
from pausetui.core.network import NetworkView, Peer, with_host
from pausetui.core.observation import Problem
from pausetui.core.prose import Entry
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.core.tabs.network_overview import entries
from tests import networks
from tests.factories import HOST, NOW, ns, pod, snapshot
from tests.strategies import snapshots


def said(found: tuple[Entry, ...]) -> list[str]:
    return [f"{entry.label} {entry.text}".strip() for entry in found]


def told(view: NetworkView | None = None, before: NetworkView | None = None, one: Pod | None = None) -> list[str]:
    shown = one or pod()
    return said(entries(snapshot(shown), shown, view or networks.view_of(shown), before))


def with_peer(peer: Peer | None) -> NetworkView:
    view = networks.view_of(pod())
    assert view.links is not None
    lo, eth0 = view.links
    return replace(view, links=(lo, replace(eth0, peer=peer)))


def test_a_link_is_told_with_state_mac_mtu_and_its_other_end() -> None:
    line = "eth0 veth up · 0a:58:0a:f4:01:05 · mtu 1450 · other end veth1f2e3d4c on the host, port of cni0"
    assert line in told()
    assert "10.244.1.5/24, fe80::858:aff:fef4:105/64 tentative" in told()


@pytest.mark.parametrize(
    ("peer", "words"),
    [
        (Peer(7, "veth7", "cni0", on_host=True), "other end veth7 on the host, port of cni0"),
        (
            Peer(7, "veth7", "lab0", net=ns(NamespaceKind.NET, 600)),
            "other end veth7 in net 4026532600, port of lab0",
        ),
        (Peer(7), "other end link 7 in a network that is not known"),
        (Peer(3, "p1", net=networks.view_of(pod()).net), "other end p1"),  # type: ignore[arg-type]
    ],
)
def test_where_the_other_end_is_is_told(peer: Peer, words: str) -> None:
    (line,) = [line for line in told(with_peer(peer)) if line.startswith("eth0")]
    assert line.endswith(f" · {words}")


def test_an_end_in_the_hosts_network_is_marked_also_if_pausetui_runs_elsewhere() -> None:
    view = with_host(with_peer(Peer(7, "veth7", "cni0", net=HOST.net)), HOST.net)
    assert [link.peer.on_host for link in view.links or () if link.peer] == [True]
    elsewhere = with_peer(Peer(7, "veth7", "lab0", net=ns(NamespaceKind.NET, 600)))
    assert with_host(elsewhere, HOST.net) is elsewhere


def test_what_passed_between_two_looks_is_told_as_rates() -> None:
    one = pod()
    lines = told(networks.view_of(one), networks.view_before(one))
    assert "in 2.0 MB/s, out 200.0 kB/s, dropped 3.0/s" in lines
    assert not [line for line in told() if "/s" in line]


def test_who_listens_is_told_by_container() -> None:
    lines = told()
    assert "tcp 0.0.0.0:80 nginx (pid 1001)" in lines
    assert "udp 127.0.0.1:53 of no process that is known: somebody outside has it open" in lines


def test_a_port_clash_is_told() -> None:
    assert [line for line in told() if line.startswith("clash") and "80" in line]


def test_ways_out_are_told_in_the_words_of_ip_and_the_timeline() -> None:
    lines = told()
    assert "default via 10.244.1.1 on eth0" in lines
    assert "blackhole 10.96.0.0/12, metric 20" in lines


def test_no_way_out_is_told() -> None:
    lines = told(networks.without_a_way_out(networks.view_of(pod())))
    assert "no default: only itself can be reached" in lines
    assert [line for line in lines if line.startswith("eth0 veth down")]


def test_neighbours_that_do_not_answer_are_told() -> None:
    assert "10.244.1.9 ? on eth0, failed" in told()


def test_connections_are_counted_by_state() -> None:
    assert "12 ESTABLISHED, 3 TIME_WAIT" in told()


def test_packet_rules_are_counted_with_their_tables() -> None:
    line = "7 rules in ip mesh, iptables nat: packets are redirected or dropped here, as by a mesh"
    assert line in told()


def test_what_could_not_be_read_is_told_beside_the_rest() -> None:
    view = replace(networks.view_of(pod()), listeners=None, problems=(Problem("x", "listening sockets", "why"),))
    lines = told(view)
    assert "unseen  listening sockets: why" in lines
    assert "not known" in lines


def test_an_address_that_the_kernel_has_not_is_told_with_both_ages() -> None:
    one = replace(pod(), addresses=())
    taken = snapshot(one, seconds=400)
    shown = replace(taken, inventory_at=NOW, observed_at=taken.taken_at - timedelta(seconds=2))
    lines = said(entries(shown, one, None))
    assert "kernel  no address, read <1m ago" in lines
    assert "runtime lab says 10.244.1.5, asked 6m ago" in lines


def test_a_runtime_that_says_none_is_told_with_its_age() -> None:
    assert "runtime lab says no address, asked <1m ago" in told(one=replace(pod(), runtime_addresses=()))


def test_where_both_say_the_same_no_age_is_told() -> None:
    assert "kernel  10.244.1.5" in told()
    assert "runtime says the same" in told()


def test_the_hosts_network_is_not_told_as_the_pods() -> None:
    assert len(told(one=replace(pod(), host_network=True))) == 2


@given(snapshots())
def test_something_can_be_said_of_any_pod(shown: Snapshot) -> None:
    for one in shown.pods:
        assert said(entries(shown, one, None))

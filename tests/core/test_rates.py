"""Counters of two looks make rates."""

from __future__ import annotations

from pausetui.core.network import Counters, Link, NetworkView
from pausetui.core.observation import NetMark
from pausetui.core.rates import Rates, rates

HERE = NetMark(1)


def view(at: float, *links: Link, net: NetMark = HERE) -> NetworkView:
    return NetworkView(net, at, links=links)


def eth0(count: int, index: int = 2) -> Link:
    return Link("eth0", index, counters=Counters(*[count * step for step in range(1, 9)]))


def test_rates_are_what_has_grown_a_second() -> None:
    assert rates(view(10, eth0(100)), view(12, eth0(200))) == {"eth0": Rates(50, 100, 150, 200, 250, 300, 350, 400)}


def test_a_link_made_anew_has_no_rates() -> None:
    assert rates(view(10, eth0(100)), view(12, eth0(200, index=3))) == {}
    assert rates(view(10, eth0(100)), view(12, eth0(50))) == {}
    assert rates(view(10), view(12, eth0(50))) == {}


def test_without_time_between_them_or_of_two_namespaces_there_are_no_rates() -> None:
    assert rates(view(10, eth0(100)), view(10, eth0(200))) == {}
    assert rates(view(10, eth0(100)), view(12, eth0(200), net=NetMark(2))) == {}


def test_what_was_not_read_has_no_rates() -> None:
    assert rates(view(10, eth0(100)), view(12, Link("eth0", 2))) == {}
    assert rates(NetworkView(HERE, 10), view(12, eth0(1))) == {}

"""When a pod that is Ready is cut off, and when it only looks so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pausetui.core.cut_off import lacks_default_route, links_down
from pausetui.core.inventory import PodState
from pausetui.core.observation import LinkState
from pausetui.core.snapshot import Pod
from tests import factories

LOOPBACK, TUNNEL = LinkState("lo", "up", 65536), LinkState("tunl0", "down", 1480)
DEFAULT = ("default via 10.244.1.1 dev eth0",)


def wired(*states: str, routes: tuple[str, ...] | None = DEFAULT) -> Pod:
    links = tuple(LinkState(f"eth{number}", state, 1500) for number, state in enumerate(states))
    return replace(factories.pod(), links=(LOOPBACK, TUNNEL, *links), routes=routes)


@pytest.mark.parametrize("state", ["down", "no carrier"])
def test_a_ready_pod_none_of_whose_links_is_up_is_cut_off(state: str) -> None:
    assert [link.name for link in links_down(wired(state))] == ["eth0"]


@pytest.mark.parametrize(
    "pod",
    [
        wired("up"),
        wired("down", "up"),
        wired(),
        replace(wired("down"), links=None),
        replace(wired("down"), state=PodState.NOTREADY),
        replace(wired("down"), host_network=True),
        replace(wired("down"), addresses=(), runtime_addresses=()),
    ],
    ids=["up", "one up", "none but the kernel's", "not known", "not Ready", "the host's", "without an address"],
)
def test_no_other_pod_is_cut_off(pod: Pod) -> None:
    assert links_down(pod) == ()


def test_a_pod_that_alone_has_no_default_route_lacks_it() -> None:
    lost, other = wired("up", routes=("10.244.1.0/24 dev eth0",)), wired("up")
    assert lacks_default_route(lost, (lost, other))
    assert not lacks_default_route(other, (lost, other))


@pytest.mark.parametrize(
    "others",
    [(), (wired("up", routes=()),), (wired("up"), wired("up", routes=())), (wired("up", routes=None),)],
    ids=["nobody", "none has one", "half have none", "not known"],
)
def test_where_others_have_none_either_or_it_is_not_known_nothing_is_lacking(others: tuple[Pod, ...]) -> None:
    lost = wired("up", routes=())
    assert not lacks_default_route(lost, (lost, *others))


def test_a_pod_whose_link_is_down_has_lost_its_routes_with_it() -> None:
    assert not lacks_default_route(wired("down", routes=()), (wired("up"),))

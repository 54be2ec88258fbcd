"""What is told of a pod's network when it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pausetui.core.changes import Change, ChangeKind, Event
from pausetui.core.diff import diff
from pausetui.core.diff_network import routes_changed
from pausetui.core.memory import NOTHING, SETTLES_IN, remember
from pausetui.core.observation import LinkState
from pausetui.core.snapshot import Pod
from pausetui.core.timeline import Timeline, extended
from tests.factories import NOW, pod, snapshot

ETH0 = LinkState("eth0", "up", 1500)
LO = LinkState("lo", "up", 65536)
DEFAULT = "default via 10.88.0.1 dev eth0"


def wired(*links: LinkState, routes: tuple[str, ...] = (DEFAULT,), **more: object) -> Pod:
    return replace(pod(), links=links or (ETH0, LO), routes=routes, **more)  # type: ignore[arg-type]


def changes(before: Pod, after: Pod) -> tuple[Change, ...]:
    return diff(snapshot(before), snapshot(after, seconds=60))


@pytest.mark.parametrize(
    ("now", "text", "fact"),
    [
        (LinkState("eth0", "down", 1500), "eth0 is down", "eth0 down mtu 1500"),
        (
            LinkState("eth0", "no carrier", 1500),
            "eth0 has no carrier: its other end is down",
            "eth0 no carrier mtu 1500",
        ),
        (LinkState("eth0", "up", 1400), "eth0 mtu 1500 → 1400", "eth0 up mtu 1400"),
        (LinkState("eth0", "down", 1400), "eth0 is down, mtu 1500 → 1400", "eth0 down mtu 1400"),
    ],
)
def test_a_link_that_changed_is_told(now: LinkState, text: str, fact: str) -> None:
    (change,) = changes(wired(), wired(now, LO))
    assert (change.kind, change.text) == (ChangeKind.LINK_CHANGED, text)
    assert (change.before, change.after) == ("eth0 up mtu 1500", fact)


def test_a_link_that_went_and_one_that_came_are_told() -> None:
    told = changes(wired(), wired(replace(ETH0, name="eth1"), LO))
    assert [one.text for one in told] == ["link eth0 is gone", "link eth1 appeared, up"]
    assert [(one.before is None, one.after is None) for one in told] == [(False, True), (True, False)]


def test_a_default_route_that_went_is_told_with_what_that_means() -> None:
    (change,) = changes(wired(), wired(routes=()))
    assert (change.kind, change.before, change.after) == (ChangeKind.ROUTE_CHANGED, (DEFAULT,), ())
    assert change.text == "default via 10.88.0.1 gone, no way out is left"


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ((), (DEFAULT,), "default via 10.88.0.1 added"),
        (
            (DEFAULT,),
            ("default via 10.88.0.9 dev eth0",),
            "default via 10.88.0.1 gone, default via 10.88.0.9 added",
        ),
        ((DEFAULT,), ("default via 10.88.0.1 dev eth1",), f"{DEFAULT} gone, default via 10.88.0.1 dev eth1 added"),
        ((), ("10.50.0.0/16 via 10.88.0.2 dev eth0 metric 7",), "route 10.50.0.0/16 via 10.88.0.2 metric 7 added"),
        ((), ("blackhole 10.60.0.0/16",), "route blackhole 10.60.0.0/16 added"),
        (tuple(f"10.{n}.0.0/16 dev eth0" for n in range(9)), (), "9 routes gone"),
    ],
)
def test_ways_out_are_told_shortly(before: tuple[str, ...], after: tuple[str, ...], text: str) -> None:
    assert routes_changed(before, after) == text


def test_what_can_no_longer_be_read_is_no_change() -> None:
    unread = replace(wired(), links=None, routes=None)
    assert changes(wired(), unread) == ()
    assert changes(unread, wired()) == ()


def test_another_network_is_told_by_its_address_alone() -> None:
    other = pod(base=300, address="10.244.1.8")
    kinds = {one.kind for one in changes(wired(), replace(other, links=(LO,), routes=()))}
    assert ChangeKind.ADDRESS_CHANGED in kinds
    assert not kinds & {ChangeKind.LINK_CHANGED, ChangeKind.ROUTE_CHANGED}


def test_what_comes_with_a_pods_first_seconds_is_no_change_of_its_own() -> None:
    memory = remember(remember(NOTHING, snapshot(pod("other", base=700))), snapshot(wired(LO, routes=())))
    before = snapshot(wired(LO, routes=()))
    soon, later = SETTLES_IN.total_seconds() - 1, SETTLES_IN.total_seconds()
    assert diff(before, snapshot(wired(), seconds=soon), memory) == ()
    assert len(diff(before, snapshot(wired(), seconds=later), memory)) == 2


def test_a_network_that_was_there_from_the_beginning_is_not_being_made() -> None:
    first = snapshot(wired())
    memory = remember(NOTHING, first)
    assert len(diff(first, snapshot(wired(routes=()), seconds=0.1), memory)) == 1
    again = remember(memory, snapshot(wired(), seconds=1))
    assert len(diff(first, snapshot(wired(routes=()), seconds=1.1), again)) == 1


def test_what_one_look_shows_of_a_network_is_one_line() -> None:
    gone = wired(replace(ETH0, state="down"), LO, routes=(), addresses=())
    events = [Event(seq, NOW, change) for seq, change in enumerate(changes(wired(), gone), 1)]
    assert [event.change.kind.value for event in events] == ["address_changed", "link_changed", "route_changed"]
    (line,) = extended(Timeline(), events).lines
    assert line.text == ("IP 10.244.1.5 is gone · eth0 is down · default via 10.88.0.1 gone, no way out is left")


def test_what_two_looks_show_are_two_lines() -> None:
    (down,) = changes(wired(), wired(replace(ETH0, state="down"), LO))
    (up,) = changes(wired(replace(ETH0, state="down"), LO), wired())
    events = [Event(1, NOW, down), Event(2, NOW + timedelta(seconds=1), up)]
    assert [line.text for line in extended(Timeline(), events).lines] == ["eth0 is down", "eth0 is up"]

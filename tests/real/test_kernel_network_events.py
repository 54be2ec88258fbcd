"""What changes in a pod's network is heard without being looked for, where it has an id here."""

from __future__ import annotations

import pytest

from tests.real.spawn import output_of, python

pytestmark = pytest.mark.real

# A network namespace of our own plays the host: no link is made in the real one, and no other hint wakes us there.
NODE = """
import select, subprocess, sys
from contextlib import closing
from pausetui.kernel.netevents import NetworkEvents
from pausetui.kernel.observer import Observer
from tests.real.netpods import ip, ip_json, pod
from tests.waiting import until
def run(command):
    subprocess.run(command.split(), check=True)
def settled(events, inside):
    ip(inside, "link")  # gives our namespace its id there, which is an event, too
    while select.select([events.fileno()], [], [], 0.5)[0]:
        events.collect()
def heard(events):
    ready = bool(select.select([events.fileno()], [], [], 10)[0])
    return ready and sorted(number for _, number in events.collect().ids)
def prepared(inside):
    # Two ends of one wire, without addresses of their own making: nothing happens to them later by itself.
    ip(inside, "link add eth7 type veth peer name eth8")
    ip(inside, *(f"link set {name} addrgenmode none" for name in ("eth7", "eth8")), "link set eth7 up")
    ip(inside, "link set eth8 up", "addr add 10.9.0.2/24 dev eth7")
    until(lambda: [one["operstate"] for one in ip_json(inside, "link")][1:3] == ["UP", "UP"])
"""


def on_a_node(code: str, *arguments: str) -> list[str]:
    return output_of(["unshare", "-nm", *python(NODE + code, *arguments)]).split("\n")


@pytest.mark.parametrize(
    "change",
    [
        "addr add 10.9.0.3/24 dev eth7",
        "addr del 10.9.0.2/24 dev eth7",
        "addr add fd00:9::2/64 dev eth7 nodad",
        "link set eth7 mtu 1400",
        "link set eth7 down",
        "link add br8 type bridge",
        "route add 10.50.0.0/16 via 10.9.0.1",
        "route add blackhole 10.60.0.0/16",
        "-6 route add blackhole fd00:60::/64",
    ],
)
def test_a_change_in_a_wired_pod_is_heard_by_its_id(change: str) -> None:
    code = """
with pod() as inside, closing(NetworkEvents()) as events:
    prepared(inside)
    run(f"ip link add veth7 type veth peer name eth0 netns {inside}")
    settled(events, inside)
    ip(inside, sys.argv[1])
    print(heard(events))
"""
    assert on_a_node(code, change)[0] == "[0]"


@pytest.mark.parametrize("change", ["addr add 10.9.0.3/24 dev eth7", "route add 10.50.0.0/16 via 10.9.0.1"])
def test_the_observer_is_woken_and_no_runtime_has_to_be_asked(change: str) -> None:
    code = """
with pod() as inside, closing(Observer()) as observer:
    prepared(inside)
    run(f"ip link add veth7 type veth peer name eth0 netns {inside}")
    observer.observe()
    while select.select([observer.fileno()], [], [], 0.5)[0]:
        observer.drain()
    ip(inside, sys.argv[1])
    print(bool(select.select([observer.fileno()], [], [], 10)[0]), observer.drain())
"""
    assert on_a_node(code, change)[0] == "True False"


def test_a_route_of_our_own_asks_for_no_look() -> None:
    code = """
run("ip link set lo up")
with closing(NetworkEvents()) as events:
    run("ip route add blackhole 10.60.0.0/16")
    select.select([events.fileno()], [], [], 10)
    print(bool(events.collect()))
"""
    assert on_a_node(code)[0] == "False"


def test_a_pod_without_an_id_here_is_not_heard() -> None:
    code = """
with pod() as inside, closing(NetworkEvents()) as events:
    prepared(inside)
    settled(events, inside)
    ip(inside, "addr add 10.9.0.3/24 dev eth7")
    print(bool(select.select([events.fileno()], [], [], 0.5)[0]))
"""
    assert on_a_node(code)[0] == "False"

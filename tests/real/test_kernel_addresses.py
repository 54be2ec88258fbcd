"""Addresses inside other network namespaces, read from outside."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing

import pytest

from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.observation import LinkState, Network, Process
from pausetui.kernel.addresses import network_from_files
from pausetui.kernel.netns import Visitor
from pausetui.kernel.networks import INTERVAL, YOUNG_SECONDS, Networks
from pausetui.kernel.observer import Observer
from pausetui.kernel.places import Place
from pausetui.kernel.processes import ProcFolder
from tests.real.netpods import net_of
from tests.real.spawn import NOBODY, in_netns, output_of, python, sleeping
from tests.waiting import until

pytestmark = pytest.mark.real
NET = NamespaceKind.NET


@pytest.fixture
def observer() -> Iterator[Observer]:
    with closing(Observer()) as made:
        yield made


@pytest.fixture
def pod() -> Iterator[int]:
    """The pid of a process in a network namespace with a bridge that has addresses."""
    with sleeping(NET) as process:
        in_netns(process.pid, "ip", "link", "add", "br0", "type", "bridge")
        in_netns(process.pid, "ip", "link", "set", "br0", "up")
        in_netns(process.pid, "ip", "link", "set", "lo", "up")
        for address in ("10.9.0.20/24", "10.9.0.3/24", "169.254.1.1/16", "fd00:9::20/64", "fd00:9::3/64"):
            in_netns(process.pid, "ip", "addr", "add", address, "dev", "br0")
        yield process.pid


def network_of(observer: Observer, pid: int) -> Network | None:
    observation = observer.observe()
    net = observation.processes[pid].namespaces.net
    return observation.networks.get(net) if net is not None else None


EXPECTED = ("10.9.0.3", "10.9.0.20", "fd00:9::3", "fd00:9::20")


def test_addresses_are_sorted_and_without_loopback_and_link_local(observer: Observer, pod: int) -> None:
    found = network_of(observer, pod)
    assert found is not None
    assert (found.addresses, found.interfaces, found.source) == (EXPECTED, ("br0", "lo"), "netlink")


def test_links_and_ways_out_come_with_the_addresses(observer: Observer, pod: int) -> None:
    in_netns(pod, "ip", "route", "add", "default", "via", "10.9.0.1")
    in_netns(pod, "ip", "link", "set", "br0", "mtu", "1400")
    found = network_of(observer, pod)
    assert found is not None
    assert found.links is not None
    assert [(link.name, link.mtu) for link in found.links] == [("br0", 1400), ("lo", 65536)]
    assert found.links[1] == LinkState("lo", "up", 65536)
    assert found.routes == ("default via 10.9.0.1 dev br0",)


def test_the_files_say_the_same_as_netlink(pod: int) -> None:
    assert network_from_files(ProcFolder("/proc"), pod) == Network(EXPECTED, ("br0", "lo"), "fib_trie")


def test_a_changed_address_is_seen(observer: Observer, pod: int) -> None:
    network_of(observer, pod)
    in_netns(pod, "ip", "addr", "del", "10.9.0.3/24", "dev", "br0")
    in_netns(pod, "ip", "addr", "add", "10.9.0.4/32", "dev", "br0")

    def addresses() -> bool:
        network = network_of(observer, pod)
        return network is not None and network.addresses[:2] == ("10.9.0.4", "10.9.0.20")

    until(addresses)


def test_a_namespace_without_any_link_up_has_no_address(observer: Observer) -> None:
    with sleeping(NET) as process:
        found = network_of(observer, process.pid)
    assert found is not None
    assert (found.addresses, found.source) == ((), "netlink")


def test_the_hosts_network_is_not_listed(observer: Observer) -> None:
    observation = observer.observe()
    assert observation.host.net not in observation.networks


def test_nobody_reads_the_network_of_his_own_processes() -> None:
    code = f"""
import ctypes, encodings.unicode_escape, json, os, subprocess  # all that is needed later: nobody may not import it
from pausetui.kernel.observer import Observer
os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
script = "ip link add br0 type bridge; ip link set br0 up; ip addr add 10.9.0.7/24 dev br0; echo; read x"
pod = subprocess.Popen(["unshare", "-Urn", "sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
pod.stdout.readline()
observer = Observer()
observation = observer.observe()
network = observation.networks[observation.processes[pod.pid].namespaces.net]
print(json.dumps([network.addresses, network.interfaces, network.source]))
observer.close()
pod.communicate()
"""
    assert json.loads(output_of(python(code))) == [["10.9.0.7"], ["br0", "lo"], "fib_trie"]


def test_a_change_in_a_namespace_that_is_linked_to_ours_wakes_us() -> None:
    code = """
import select, subprocess, sys, time
from pausetui.kernel.observer import Observer
pod = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
while pod.poll() is None and open(f"/proc/{pod.pid}/comm").read() != "sleep\\n":
    time.sleep(0.01)
ip = lambda *words: subprocess.run(["ip", *words], check=True)
inside = lambda *words: subprocess.run(["nsenter", "-n", "-t", str(pod.pid), "ip", *words], check=True)
ip("link", "add", "v0", "type", "veth", "peer", "name", "eth0", "netns", str(pod.pid))
inside("link", "set", "eth0", "up")
observer = Observer()
net = observer.observe().processes[pod.pid].namespaces.net
time.sleep(0.3)
while observer.drain():
    observer.observe()
inside("addr", "add", "10.9.0.8/24", "dev", "eth0")
deadline = time.monotonic() + 10
while time.monotonic() < deadline and "10.9.0.8" not in observer.observe().networks[net].addresses:
    select.select([observer.fileno()], [], [], 1)
print(observer.observe().networks[net].addresses, observer._networks._entries[net].numbers)
pod.kill()
pod.wait()
observer.close()
"""
    # A network namespace of our own plays the host, so that no link is made in the real one.
    assert output_of(["unshare", "-n", *python(code)]).split() == ["('10.9.0.8',)", "frozenset({(None,", "0)})"]


def test_one_that_could_not_be_entered_because_its_process_had_ended_is_read_at_the_next_look(pod: int) -> None:
    with sleeping() as ended, closing(Visitor()) as visitor:
        networks = Networks(ProcFolder("/proc"), visitor)
        net = net_of(pod)
        networks.look({net: Place(net, pod)}, 0.0)
        networks.look({net: Place(net, pod)}, YOUNG_SECONDS)
        in_netns(pod, "ip", "addr", "del", "10.9.0.3/24", "dev", "br0")
        ended.kill()
        ended.wait()
        networks.look({net: Place(net, ended.pid)}, YOUNG_SECONDS + INTERVAL)
        assert "10.9.0.3" in networks.value[net].addresses
        networks.look({net: Place(net, pod)}, YOUNG_SECONDS + INTERVAL)
        assert "10.9.0.3" not in networks.value[net].addresses
        networks.close()


def test_a_network_is_entered_by_the_process_that_was_there_first(observer: Observer, pod: int) -> None:
    in_netns(pod, "ip", "link", "set", "br0", "mtu", "1400")
    argv = ["nsenter", "-n", "-t", str(pod), "unshare", "--uts", "sleep", "infinity"]
    with sleeping(argv=argv):
        net = net_of(pod)
        until(lambda: len({one.namespaces.uts for one in inside(observer, net)}) == 2)
        assert observer._places()[net].pid == pod


def inside(observer: Observer, net: NamespaceId) -> list[Process]:
    return [one for one in observer.observe().processes.values() if one.namespaces.net == net]


def test_a_visit_leaves_this_thread_and_the_visitor_where_they_were() -> None:
    home = os.readlink("/proc/thread-self/ns/net")
    with sleeping(NET) as process, closing(Visitor()) as visitor:
        answers = visitor.visit(
            [lambda: os.open(f"/proc/{process.pid}/ns/net", os.O_RDONLY)] * 2,
            lambda _: os.readlink("/proc/thread-self/ns/net"),
        )
    assert answers == [home, home]
    assert os.readlink("/proc/thread-self/ns/net") == home


def test_a_visit_to_what_is_gone_is_an_error_and_the_next_one_works() -> None:
    with closing(Visitor()) as visitor:
        first, second = visitor.visit(
            [lambda: os.open("/proc/self/ns/none", os.O_RDONLY), lambda: os.open("/proc/self/ns/net", os.O_RDONLY)],
            lambda _: "asked",
        )
    assert isinstance(first, FileNotFoundError)
    assert second == "asked"

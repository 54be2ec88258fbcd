"""Where the other ends of a node's veths are, when the pod behind them lives, is pinned, or is out of reach."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pausetui.core.doctor.veths import FarEnd, NodeSide, Veth
from pausetui.core.snapshot import Home
from pausetui.kernel.veths import node_side
from tests.real.labs import namespace_id
from tests.real.netpods import NET, PROC, ip, net_of
from tests.real.spawn import in_netns, sleeping, start, stop
from tests.waiting import until

ADDRESS = "10.88.7.9"
HOLD = """
import os, sys
held = os.open(sys.argv[1], os.O_RDONLY)
print("ready", flush=True)
sys.stdin.read()
"""
HOLD_BY_SOCKET = """
import ctypes, os, socket, sys
own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
there = os.open(sys.argv[1], os.O_RDONLY)
libc = ctypes.CDLL(None)
assert libc.setns(there, 0x40000000) == 0
held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
assert libc.setns(own, 0x40000000) == 0
os.close(there)
print("ready", flush=True)
sys.stdin.read()
"""


class Wired:
    """A pod whose end is in no bridge and the node that it is wired to."""

    def __init__(self, pod: subprocess.Popen[bytes], node: int) -> None:
        self.pod, self.node = pod, node
        ip(
            node,
            "link set lo up",
            "link add cni0 type bridge",
            f"link add veth9 type veth peer name eth0 netns {pod.pid}",
            "link set veth9 up master cni0",
        )
        ip(pod.pid, "link set eth0 up", f"addr add {ADDRESS}/24 dev eth0")

    def veths(self) -> list[Veth]:
        """Those of the node."""
        return veths_of(self.side(), self.node)

    def side(self) -> NodeSide:
        found = node_side(PROC, (Home(net_of(self.node), self.node),))
        assert found is not None
        return found

    def veth(self) -> Veth:
        (one,) = self.veths()
        return one

    def end_pod(self) -> None:
        stop(self.pod)


def veths_of(found: NodeSide | None, node: int) -> list[Veth]:
    """Those of this home."""
    assert found is not None
    return [one for one in found.veths if one.enter == f"nsenter -t {node} -n"]


@pytest.fixture
def wired() -> Iterator[Wired]:
    pod = start((NET,))
    try:
        until(lambda: namespace_id(pod.pid, "net") != namespace_id(os.getpid(), "net"), what="its namespace")
        with sleeping(NET) as node:
            yield Wired(pod, node.pid)
    finally:
        stop(pod)


@contextmanager
def holding(code: str, pid: int) -> Iterator[int]:
    """A process of ours that runs this code, with the network namespace of ``pid``; its pid."""
    argv = [sys.executable, "-c", code, f"/proc/{pid}/ns/net"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield process.pid
        finally:
            process.kill()


@contextmanager
def pinned(pid: int, folder: Path) -> Iterator[None]:
    """A bind mount of its network namespace, in a mount namespace of its own."""
    (folder / "pin").touch()
    script = f"mount --bind /proc/{pid}/ns/net {folder}/pin && echo ready && exec sleep infinity"
    with subprocess.Popen(["unshare", "-m", "sh", "-c", script], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield
        finally:
            process.kill()


def test_behind_the_veth_of_a_pod_is_a_process(wired: Wired) -> None:
    one = wired.veth()
    assert (one.name, one.bridge, one.up, one.end) == ("veth9", "cni0", True, FarEnd.USED)
    assert not one.has_address


def test_a_pin_alone_leads_to_the_namespace_of_a_pod_that_ended(wired: Wired, tmp_path: Path) -> None:
    net = net_of(wired.pod.pid)
    with pinned(wired.pod.pid, tmp_path):
        assert wired.veth().end is FarEnd.USED
        assert net.inode not in wired.side().only_pinned
        wired.end_pod()
        assert net.inode in wired.side().only_pinned
        one = wired.veth()
        assert (one.end, one.pinned) == (FarEnd.PINNED, net)


def test_what_only_a_descriptor_holds_is_nowhere_and_is_still_looked_into(wired: Wired) -> None:
    with holding(HOLD, wired.pod.pid) as holder:
        wired.end_pod()
        one = wired.veth()
        assert one.end is FarEnd.NOWHERE
        assert one.inside is not None
        assert one.inside.links == (("lo", "loopback"), ("eth0", "veth"))
        assert one.inside.addresses == (ADDRESS,)
        (named,) = one.inside.holders
        assert named.endswith(f" (pid {holder})")


def test_what_only_a_socket_holds_is_nowhere_and_nobody_has_it_open(wired: Wired) -> None:
    with holding(HOLD_BY_SOCKET, wired.pod.pid):
        wired.end_pod()
        one = wired.veth()
        assert one.end is FarEnd.NOWHERE
        assert one.inside is not None
        assert one.inside.addresses == (ADDRESS,)
        assert one.inside.holders == ()


def test_a_thread_in_the_namespace_is_somebody(wired: Wired) -> None:
    code = """
import ctypes, os, sys, threading, time
def stay():
    assert ctypes.CDLL(None).setns(os.open(sys.argv[1], os.O_RDONLY), 0x40000000) == 0
    print("ready", flush=True)
    time.sleep(1000)
threading.Thread(target=stay, daemon=True).start()
sys.stdin.read()
"""
    with holding(code, wired.pod.pid):
        wired.end_pod()
        assert wired.veth().end is FarEnd.USED


def test_a_home_whose_first_process_has_ended_is_entered_by_another(wired: Wired) -> None:
    with sleeping() as gone:
        pid = gone.pid
    (one,) = veths_of(node_side(PROC, (Home(net_of(wired.node), pid),)), wired.node)
    assert one.name == "veth9"


def test_a_home_that_has_ended_with_all_its_processes_is_left_out(wired: Wired) -> None:
    with sleeping(NET) as other:
        gone = Home(net_of(other.pid), other.pid)
    found = node_side(PROC, (gone, Home(net_of(wired.node), wired.node)))
    assert len(veths_of(found, wired.node)) == 1


def test_both_ends_in_one_namespace_are_here(wired: Wired) -> None:
    ip(wired.node, "link add va type veth peer name vb", "addr add 10.88.8.1/24 dev vb", "link set vb up")
    ends = {one.name[1]: one for one in wired.veths() if one.name in ("va", "vb")}
    assert {one.end for one in ends.values()} == {FarEnd.HERE}
    assert (ends["a"].end_index, ends["b"].end_index) == (ends["b"].index, ends["a"].index)
    assert (ends["b"].has_address, ends["b"].up) == (True, True)
    assert (ends["a"].has_address, ends["a"].up) == (False, False)


def test_looking_keeps_nothing_alive(wired: Wired) -> None:
    with holding(HOLD, wired.pod.pid):
        wired.end_pod()
        before = len(os.listdir("/proc/self/fd"))
        assert wired.veth().end is FarEnd.NOWHERE
        until(lambda: len(os.listdir("/proc/self/fd")) == before, what="the end of the visitor's thread")
    until(lambda: not wired.veths(), what="the end of the veth with its namespace")


def test_it_assigns_no_id_to_anybody(wired: Wired) -> None:
    with sleeping(NET) as other:
        wired.veths()
        listed = subprocess.run(
            ["nsenter", "-n", "-t", str(wired.node), "ip", "netns", "list-id"], capture_output=True, check=True
        ).stdout
        in_netns(other.pid, "true")
    assert len(listed.splitlines()) == 1

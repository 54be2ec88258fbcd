"""Each finding of a Kubernetes node, made for real on containerd, and what its command does; and a healthy node."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from pausetui.core.doctor.finding import FindingId
from pausetui.core.namespaces import NamespaceKind
from tests.real import labs
from tests.real.containerd import Bed, containerd
from tests.real.cri_client import RunningPod
from tests.real.cri_scenarios import api, node_agent, web
from tests.real.cri_specs import Member, pod
from tests.real.debug_container import in_debug_container
from tests.real.doctors import Report, repeating, report
from tests.real.spawn import sleeping
from tests.waiting import until

RESERVED = "/var/lib/cni/networks/node"
ZOMBIE = "(sleep 0.1; exit 0) & exec sleep 1000000"
HELD = "veth-held"
PLAIN = ("stale", "headless", "stopped", "twin", "two")
OWN_IPC = "exec busybox unshare -r -i sleep 1000000"


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with containerd() as made:
        yield made


SERVERS = (Member("a", "httpd -f -p 0.0.0.0:80"), Member("b", "httpd -f -p [::]:80"))


def doctor(bed: Bed, *options: str) -> Report:
    """Run on the node, where the pods' veths end."""
    command = [sys.executable, "-m", "pausetui", *options, "doctor", "-o", "json"]
    return report(bed.inside(*command, behind_bridge=True))


# All is well


@pytest.fixture
def healthy(bed: Bed) -> Iterator[list[RunningPod]]:
    pods = [bed.node.run(spec) for spec in (web(), api(), node_agent())]
    yield pods
    for one in pods:
        bed.node.remove_pod(one.spec)


@pytest.mark.usefixtures("healthy")
def test_on_a_healthy_node_nothing_is_found(bed: Bed) -> None:
    told = doctor(bed)
    assert (told.code, told.said["findings"]) == (0, [])
    assert (told.said["backend"], told.said["pods"]) == ("crictl", 3)


@pytest.mark.usefixtures("healthy")
def test_from_a_debug_container_what_the_node_has_left_over_is_found_and_nothing_else(
    bed: Bed, tmp_path: Path
) -> None:
    pin, address = "cni-00000000-0000-4000-8000-000000000001", f"{RESERVED}/10.244.250.1"
    # "ip netns add" would mount /run/netns onto itself, which keeps containerd from removing its own pins.
    on_node(bed, "sh", "-c", f"touch /run/netns/{pin} && unshare --net=/run/netns/{pin} true")
    on_node(bed, "sh", "-c", f"echo {'0' * 64} > {address}")
    told = report(in_debug_container(bed, tmp_path, "pausetui", "doctor", "-o", "json"))
    on_node(bed, "rm", address)
    commands = {one["id"]: one["command"] for one in told.said["findings"]}
    unpin = commands.pop("leaked-netns", "nothing found")
    assert commands == {"address-reserved-for-nobody": f"rm /host{address}"}
    assert re.fullmatch(
        rf"nsenter -t \d+ -m sh -c 'umount -l (/var)?/run/netns/{pin} && rm (/var)?/run/netns/{pin}'", unpin
    )
    subprocess.run(["sh", "-c", unpin], check=True)
    assert pin not in on_node(bed, "ls", "/run/netns")


@pytest.mark.usefixtures("healthy")
def test_nothing_is_found_while_pods_come_and_go(bed: Bed) -> None:
    with repeating(lambda: passing_pod(bed)):
        assert doctor(bed).said["findings"] == []


def passing_pod(bed: Bed) -> None:
    spec = pod("passing", Member("app"))
    bed.node.run(spec)
    bed.node.remove_pod(spec)


def test_a_pod_that_kubelet_is_just_making_again_is_nothing_wrong(bed: Bed) -> None:
    spec = web()
    with bed.kubelet(spec):
        (sandbox,) = bed.node.sandboxes()
        os.kill(bed.node.sandbox_pid(sandbox.id), signal.SIGKILL)
        told = doctor(bed)
        until(lambda: bed.are_up(spec), seconds=30, what="the pod to be up again")
    bed.node.remove_pod(spec)
    assert told.said["findings"] == []


# All that can be wrong, at once


@dataclass
class Sick:
    """A node with a pod for each thing that can be wrong.

    Attributes:
        pods: By name.
        first: What the doctor said of it.
        pin: Of the pod that a crash left no record of.
        reserved: Its address.
        held: The veth whose other end only a descriptor holds.
    """

    pods: dict[str, RunningPod]
    first: Report
    pin: str
    reserved: str
    held: str

    def uid(self, name: str) -> str:
        return self.pods[name].spec.uid


@pytest.fixture(scope="module")
def sick(bed: Bed) -> Iterator[Sick]:
    pin, reserved = crash(bed)
    pods = {
        name: bed.node.run(pod(name, Member("app"))) for name in ("stale", "headless", "stopped", "twin", "two")
    }
    pods |= {
        "zombies": bed.node.run(pod("zombies", Member("app", ZOMBIE))),
        "apart": bed.node.run(pod("apart", Member("app", OWN_IPC))),
        "loop": bed.node.run_sandbox(pod("loop", Member("app", "exit 3"))),
        "clash": bed.node.run_sandbox(pod("clash", *SERVERS)),
        "pile": pile(bed),
    }
    with held_veth(bed, HELD):
        make_sick(bed, pods)
        yield Sick(pods, doctor(bed), pin, reserved, HELD)
    bed.node.remove_all()


def make_sick(bed: Bed, pods: dict[str, RunningPod]) -> None:
    """What has to be done to the pods."""
    address, twins = pause(bed, pods["stale"]), pause(bed, pods["twin"])
    labs.in_netns(address, "ip", "addr", "flush", "dev", "eth0", "scope", "global")
    stopped = bed.node.address(pods["stopped"].sandbox)
    labs.in_netns(twins, "ip", "addr", "add", f"{stopped}/32", "dev", "eth0")
    os.kill(pause(bed, pods["headless"]), signal.SIGKILL)
    os.kill(pause(bed, pods["stopped"]), signal.SIGSTOP)
    bed.node.run_sandbox(pods["two"].spec, attempt=1)
    for attempt in range(4):
        last = bed.node.run_member(pods["loop"], pods["loop"].spec.members[0], attempt, attempt)
        until(lambda last=last: bed.node.status(last).exit_code == 3, what="its end")  # type: ignore[misc]
    both_families(pause(bed, pods["clash"]))
    for member in pods["clash"].spec.members:
        bed.node.run_member(pods["clash"], member)
    bed.inside("ip", "link", "add", "veth-dead", "type", "veth", "peer", "name", "veth-deaf", behind_bridge=True)
    bed.inside("ip", "link", "set", "veth-dead", "master", "cni0", behind_bridge=True)


def pause(bed: Bed, made: RunningPod) -> int:
    return bed.node.sandbox_pid(made.sandbox)


def both_families(pid: int) -> None:
    """Let a socket of any IPv6 address be one of IPv6 alone, so that another may have the same port of IPv4."""
    labs.in_netns(pid, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/bindv6only")


def pile(bed: Bed) -> RunningPod:
    """A pod of which four sandboxes have ended."""
    spec = pod("pile", Member("app"))
    for attempt in range(4):
        bed.node.stop_sandbox(bed.node.run_sandbox(spec, attempt).sandbox)
    return bed.node.run(spec, attempt=4)


def crash(bed: Bed) -> tuple[str, str]:
    """A pod, its shim and containerd are killed at once, and containerd has no record of the pod any more.

    Its pin and its address.
    """
    gone = bed.node.run(pod("gone", Member("app")))
    left = bed.node.netns(gone.sandbox), bed.node.address(gone.sandbox)
    pids = [bed.shim(gone.sandbox), bed.node.sandbox_pid(gone.sandbox), bed.node.pid(gone.members["app"])]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), what="their end")
    for id_ in (gone.members["app"], gone.sandbox):
        ctr(bed, "containers", "rm", id_)
    bed.stop_containerd(signal.SIGKILL)
    bed.start_containerd()
    assert bed.node.sandboxes() == []
    return left


def ctr(bed: Bed, *words: str) -> None:
    done = bed.inside("ctr", "-a", str(bed.socket), "-n", "k8s.io", *words)
    assert done.returncode == 0, done.stderr


@contextmanager
def held_veth(bed: Bed, name: str) -> Iterator[None]:
    """A veth of the node whose other end is in a namespace that only a descriptor of ours keeps alive."""
    with sleeping(NamespaceKind.NET) as process:
        descriptor = os.open(f"/proc/{process.pid}/ns/net", os.O_RDONLY)
        peer = ("type", "veth", "peer", "name", "eth0", "netns", str(process.pid))
        on_node(bed, "ip", "link", "add", name, *peer)
        on_node(bed, "ip", "link", "set", name, "master", "cni0")
    try:
        yield
    finally:
        os.close(descriptor)


def on_node(bed: Bed, *command: str) -> str:
    """Run it where the node's files and the pods' veths are; what it printed."""
    done = bed.inside(*command, behind_bridge=True)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


@pytest.mark.parametrize(
    ("id_", "name", "member"),
    [
        ("stale-address", "stale", ""),
        ("notready-with-running-members", "headless", ""),
        ("two-ready-sandboxes", "two", ""),
        ("sandboxes-pile-up", "pile", ""),
        ("sandbox-remade-again-and-again", "pile", ""),
        ("namespace-not-shared", "apart", "/member/app"),
        ("crash-loop", "loop", "/member/app"),
        ("pause-not-sleeping", "stopped", "/pause/pause"),
        ("zombies-not-reaped", "zombies", "/member/app"),
        ("port-clash", "clash", ""),
    ],
)
def test_what_is_wrong_with_a_pod_is_found_in_it_and_in_no_other(
    sick: Sick, id_: str, name: str, member: str
) -> None:
    found = [one for one in sick.first.said["findings"] if one["id"] == id_]
    assert [one["subject"] for one in found] == [f"{sick.uid(name)}{member}"]
    assert f"default/{name}" in found[0]["title"]


def test_an_address_that_two_pods_have_is_found_once(sick: Sick, bed: Bed) -> None:
    (found,) = sick.first.all("duplicate-address")
    address = bed.node.address(sick.pods["stopped"].sandbox)
    assert found["title"] == address
    assert set(found["evidence"]) == {f"default/twin has {address}", f"default/stopped has {address}"}


def test_what_a_crash_left_is_found_in_all_its_parts(sick: Sick) -> None:
    pin, path = sick.pin.removeprefix("/var"), f"{RESERVED}/{sick.reserved}"
    name = pin.rpartition("/")[2]
    left = sick.first.finding("leaked-netns", name)
    assert left["command"] == f"ip netns delete {name}"
    assert f"inside: {sick.reserved}" in left["evidence"]
    assert sick.first.finding("address-reserved-for-nobody", sick.reserved)["subject"] == path
    (veth,) = [
        one for one in sick.first.said["findings"] if one["id"] == "leaked-veth" and pin in str(one["evidence"])
    ]
    assert "is a port of cni0" in veth["evidence"][0]
    assert veth["command"] == left["command"]


def test_a_veth_whose_other_end_only_a_descriptor_holds_is_found_with_who_holds_it(sick: Sick) -> None:
    found = sick.first.finding("leaked-veth", sick.held)
    assert f"(pid {os.getpid()})" in found["evidence"][-1]
    assert found["command"] == f"ip link delete {sick.held}"


def test_a_veth_that_never_got_into_a_pod_is_found(sick: Sick) -> None:
    assert sick.first.finding("leaked-veth", "veth-dead")["command"] == "ip link delete veth-dead"


def test_nothing_else_is_found(sick: Sick) -> None:
    found = [one["id"] for one in sick.first.said["findings"]]
    every = [one for one in FindingId if one not in ELSEWHERE]
    assert sorted(found) == sorted([*every, FindingId.LEAKED_VETH, FindingId.LEAKED_VETH])


def test_of_one_kubernetes_namespace_only_its_pods_are_told(sick: Sick, bed: Bed) -> None:
    told = doctor(bed, "-n", "elsewhere")
    assert (told.code, told.said["pods"]) == (0, 0)
    assert "no pods in the namespace elsewhere" in told.stderr


ELSEWHERE = (
    FindingId.RUNTIME_DOES_NOT_ANSWER,
    FindingId.ORPHAN_MEMBER,
    FindingId.MEMBER_LEFT_DOWN,
    FindingId.LINK_DOWN,
    FindingId.NO_DEFAULT_ROUTE,
)
"""What this node has not: the first is below, those of members are Docker's, those of links the lab's."""
LOOKS = ("crash-loop", "duplicate-address", "sandbox-remade-again-and-again")
"""Those whose commands only show more."""
NO_COMMAND = ("port-clash", "zombies-not-reaped")


def test_the_commands_mend_what_they_are_for(sick: Sick, bed: Bed) -> None:
    findings = sick.first.said["findings"]
    assert {one["id"] for one in findings if not one["command"]} == set(NO_COMMAND)
    to_mend = {one["command"] for one in findings if one["id"] not in (*LOOKS, *NO_COMMAND)}
    for command in sorted(to_mend):
        on_node(bed, "sh", "-c", command)
    on_node(bed, "sh", "-c", sick.first.all("duplicate-address")[0]["command"])
    left = {one["id"] for one in doctor(bed).said["findings"]}
    assert left == {"crash-loop", "duplicate-address", "zombies-not-reaped", "port-clash"}


# Nobody answers


def test_a_runtime_that_hangs_is_a_finding_and_what_the_kernel_says_is_told_beside_it(bed: Bed) -> None:
    made = bed.node.run(pod("seen", Member("app")))
    with bed.hung():
        told = doctor(bed, "--timeout", "1")
    bed.node.remove_pod(made.spec)
    assert told.finding("runtime-does-not-answer", "backend:crictl")["command"].startswith("systemctl status")
    assert told.said["backend"] == "proc"


def test_the_runtime_that_was_asked_for_and_hangs_ends_it_with_2(bed: Bed) -> None:
    with bed.hung():
        told = doctor(bed, "--backend", "crictl", "--timeout", "1")
    assert (told.code, told.said) == (2, None)
    assert "does not answer" in told.stderr


def test_the_runtime_that_was_asked_for_and_is_not_there_ends_it_with_2(bed: Bed) -> None:
    told = doctor(bed, "--backend", "crictl", "-r", "unix:///run/nobody.sock")
    assert (told.code, told.said) == (2, None)
    assert "/run/nobody.sock" in told.stderr

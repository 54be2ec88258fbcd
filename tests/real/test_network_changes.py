"""What is changed inside a pod's network reaches the timeline because the kernel tells, wherever its veth ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pausetui.backends.lab import LabBackend
from pausetui.core.snapshot import Pod
from pausetui.kernel.host import HostRoot
from tests.real.containerd import Bed, containerd
from tests.real.cri_specs import Member, pod
from tests.real.cri_watch import Watched, is_up, watching
from tests.real.labs import lab
from tests.real.netchanges import STEPS, is_wired, told, without_a_clock
from tests.real.spawn import output_of, python

pytestmark = pytest.mark.real

# A network namespace of our own plays the host: no link is made in the real one.
HOST = """
import subprocess, sys
from pathlib import Path
from tests.real.cri_watch import Watched
from tests.real.netchanges import is_wired, told, without_a_clock
from tests.real.netpods import ip, pod
from tests.real.test_feed import OneMember
def run(command):
    subprocess.run(command.split(), check=True)
run("ip link add cni0 type bridge")
run("ip link set cni0 up")
with pod() as inside, without_a_clock():
    run(f"ip link add veth7 type veth peer name eth0 netns {inside}")
    run("ip link set veth7 up master cni0")
    ip(inside, "link set eth0 up", "addr add 10.88.0.5/16 dev eth0", "route add default via 10.88.0.1")
    watched = Watched(OneMember(inside), Path(sys.argv[1]))
    watched.pod_now("one", is_wired)
    print(*told(watched, "one", inside), sep="\\n")
    watched.session.stop()
"""
LINES = [
    "IP 10.88.0.5 → 10.88.0.5, 10.99.0.7",
    "IP 10.88.0.5, 10.99.0.7 → 10.88.0.5",
    "eth0 mtu 1500 → 1400",
    "default via 10.88.0.1 gone, no way out is left",
    "eth0 is down",
    "eth0 is up",
]


def test_in_a_pod_on_a_bridge_of_the_host(tmp_path: Path) -> None:
    lines = output_of(["unshare", "-nm", *python(HOST, str(tmp_path / "journal.jsonl"))]).splitlines()
    assert lines == LINES


@pytest.fixture(scope="module")
def web() -> Iterator[None]:
    with lab("web"):
        yield


def test_in_a_pod_of_the_lab(web: None, tmp_path: Path) -> None:
    with without_a_clock():
        watched = Watched(LabBackend(HostRoot()), tmp_path / "journal.jsonl")
        try:
            found = watched.pod_now("web", lambda pod: is_up(pod) and is_wired(pod))
            lines = told(watched, "lab/web", pid_of(found))
        finally:
            watched.session.stop()
    assert len(lines) == len(STEPS)
    assert lines[3:5] == ["default via 10.244.1.1 gone, no way out is left", "eth0 is down"]


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with containerd() as running:
        yield running


def test_in_a_pod_of_a_containerd_whose_bridge_is_elsewhere(bed: Bed, tmp_path: Path) -> None:
    bed.node.run(pod("web", Member("main")))
    with without_a_clock(), watching(bed, tmp_path) as watched:
        found = watched.pod_now("web", lambda pod: is_up(pod) and is_wired(pod))
        lines = told(watched, "default/web", pid_of(found))
    assert len(lines) == len(STEPS)


def pid_of(found: Pod) -> int:
    assert found.pause is not None
    assert found.pause.process is not None
    return found.pause.process.pid

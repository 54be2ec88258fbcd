"""The network inside a pod as the tab and ``snapshot`` show it: ends that are elsewhere, and without a process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from pausetui.backends.base import Backend
from pausetui.backends.crictl.backend import CrictlBackend
from pausetui.backends.lab import LabBackend
from pausetui.core.join import join
from pausetui.core.network import Peer
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.kernel.host import HostRoot
from pausetui.kernel.netview import inspect_networks
from pausetui.kernel.observer import Observer
from pausetui.live.inside import homes, networks_of, place_of
from tests.real.containerd import Bed, containerd
from tests.real.cri_specs import Member, pod
from tests.real.labs import lab
from tests.real.netpods import PROC, ip_json, net_of
from tests.real.spawn import output_of, python
from tests.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with containerd() as running:
        yield running


def look(backend: Backend, observer: Observer) -> Snapshot:
    return join(backend.inventory(observer.observe()), observer.observe(), datetime.now(UTC))


def pod_of(snapshot: Snapshot, name: str) -> Pod:
    return next(one for one in snapshot.pods if one.name == name)


def peer_in(snapshot: Snapshot, name: str) -> Peer:
    links = networks_of(HostRoot(), snapshot)[pod_of(snapshot, name).key].links
    (peer,) = [link.peer for link in links or () if link.name == "eth0"]
    assert peer is not None
    return peer


def test_a_pod_of_the_lab_shows_its_end_on_the_labs_bridge() -> None:
    with lab("web") as running, closing(LabBackend(HostRoot())) as backend, closing(Observer()) as observer:
        peer = peer_in(look(backend, observer), "web")
        node = {one["ifindex"]: one for one in ip_json(running.init(), "link")}
        assert (peer.name, peer.bridge) == (node[peer.index]["ifname"], "lab0")
        assert peer.net == net_of(running.init())


def test_a_pod_of_a_containerd_shows_its_end_where_the_bridge_is(bed: Bed) -> None:
    bed.node.run(pod("web", Member("main")))
    with closing(CrictlBackend(HostRoot(), environ=bed.environment())) as backend, closing(Observer()) as observer:
        peer = peer_in(look(backend, observer), "web")
    node = {one["ifindex"]: one for one in ip_json(bed.pid, "link")}
    assert (peer.name, peer.bridge) == (node[peer.index]["ifname"], "cni0")


def test_a_network_that_only_its_pin_keeps_is_looked_into_through_the_mounts_of_its_node(bed: Bed) -> None:
    made = bed.node.run(pod("pinned", Member("main")))
    with closing(CrictlBackend(HostRoot(), environ=bed.environment())) as backend, closing(Observer()) as observer:
        whole = pod_of(look(backend, observer), "pinned")
        for container in whole.containers():
            assert container.process is not None
            os.kill(container.process.pid, signal.SIGKILL)
        until(lambda: bed.node.sandbox_pid(made.sandbox) == 0, what="containerd to know")

        def empty() -> Snapshot | None:
            snapshot = look(backend, observer)
            return None if any(one.process for one in pod_of(snapshot, "pinned").containers()) else snapshot

        snapshot = until(empty, what="a pod without a process")
        place = place_of(pod_of(snapshot, "pinned"), snapshot.ways_in)
        assert place is not None
        assert (place.net, place.pid) == (whole.net, None)
        view = networks_of(HostRoot(), snapshot)[whole.key]
    assert [link.name for link in view.links or ()] == ["lo", "eth0"]


def test_the_homes_can_be_looked_at_themselves(bed: Bed) -> None:
    bed.node.run(pod("wired", Member("main")))
    with closing(CrictlBackend(HostRoot(), environ=bed.environment())) as backend, closing(Observer()) as observer:
        snapshot = look(backend, observer)
    views = inspect_networks(PROC, homes(snapshot))
    names = {link.name for link in views[net_of(bed.pid)].links or ()}
    assert "cni0" in names
    assert pod_of(snapshot, "wired").net not in views


HOST = """
import subprocess, sys
from tests.real.netpods import pod
run = lambda *command: subprocess.run(command, check=True)
with pod() as inside:
    run("ip", "link", "add", "cni0", "type", "bridge")
    run("ip", "link", "add", "veth7", "type", "veth", "peer", "name", "eth0", "netns", str(inside))
    run("ip", "link", "set", "veth7", "master", "cni0")
    run("unshare", "-n", sys.executable, "-c", sys.argv[1], str(inside))
"""
CONTAINER = """
import sys
from contextlib import closing
from datetime import UTC, datetime
from pausetui.core.join import join
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from pausetui.live.inside import networks_of
from tests.real.crowds import Crowd
with closing(Observer()) as observer:
    seen = observer.observe()
    snapshot = join(Crowd(int(sys.argv[1])).inventory(seen), seen, datetime.now(UTC))
(view,) = networks_of(HostRoot(), snapshot).values()
peer = next(one.peer for one in view.links if one.name == "eth0")
print(peer.name, peer.bridge, peer.on_host)
"""


def test_from_a_network_of_our_own_the_end_is_found_where_the_pods_were_made() -> None:
    # One network namespace plays the host, so that no link is made in the real one, and another the container's.
    assert output_of(["unshare", "-nm", *python(HOST, CONTAINER)]).split() == ["veth7", "cni0", "False"]

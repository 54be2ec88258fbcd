"""Looking into networks holds none of them: not while pods come and go, not by a socket, a file or a thread."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pausetui.core.network import NetworkView
from pausetui.kernel.netview import inspect_networks
from pausetui.kernel.observer import Observer
from pausetui.live.journal import Journal
from pausetui.live.picture import Picture
from pausetui.live.session import LiveSession
from tests.real.crowds import Crowd
from tests.real.netpods import NET, PROC, ip, place_of
from tests.real.spawn import python, sleeping, start, stop
from tests.real.test_kernel_leaks import descriptors, handle_of, is_alive, kept_open
from tests.waiting import until

pytestmark = pytest.mark.real

PODS, AT_A_TIME = 500, 25


def is_whole(view: NetworkView) -> bool:
    return view.source == "netlink" and not view.problems


def test_no_network_outlives_its_pod_while_500_come_and_go() -> None:
    until(lambda: not visitors())
    before = descriptors()
    handles = []
    for _ in range(PODS // AT_A_TIME):
        pods = [start((NET,)) for _ in range(AT_A_TIME)]
        handles += [handle_of(pod.pid) for pod in pods]
        views = inspect_networks(PROC, [place_of(pod.pid, pod.pid) for pod in pods])
        assert all(map(is_whole, views.values()))
        for pod in pods:
            stop(pod)
    until(lambda: not any(map(is_alive, handles)), 20, "all namespaces gone")
    assert len(handles) == PODS
    until(lambda: descriptors() == before, what="the end of the thread that made the visits")


def test_pods_that_end_while_they_are_looked_at_leave_nothing() -> None:
    until(lambda: not visitors())
    before = descriptors()
    pods = [start((NET,)) for _ in range(60)]
    handles = [handle_of(pod.pid) for pod in pods]
    places = [place_of(pod.pid) for pod in pods]
    views: list[NetworkView] = []
    looking = threading.Thread(target=lambda: views.extend(inspect_networks(PROC, places).values()))
    looking.start()
    for pod in reversed(pods):
        stop(pod)
    looking.join()
    assert len(views) == 60
    assert all(is_whole(view) or view.problems for view in views)
    until(lambda: not any(map(is_alive, handles)), 20, "all namespaces gone")
    until(lambda: descriptors() == before, what="the end of the thread that made the visits")


def visitors() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "pausetui-visitor"]


class Watching:
    """A session on a crowd, with the network of one pod after the other on the screen."""

    def __init__(self, crowd: Crowd, journal: Path) -> None:
        self.crowd = crowd
        self.newest: Picture | None = None
        self.observer = Observer()
        self.session = LiveSession(crowd, self.observer, journal=Journal(journal))
        self.session.start(self._take)

    def _take(self, picture: Picture) -> None:
        self.newest = picture

    def shows(self, pids: set[int]) -> bool:
        """Whether these pods, and no others, are shown with their networks."""
        self.session.look_now()
        pods = self.newest.snapshot.pods if self.newest else ()
        return {int(pod.key) for pod in pods} == pids and all(pod.links for pod in pods)

    def looked_into(self, pid: int) -> bool:
        """Whether what is inside a pod's network is shown."""
        inside = self.newest.inside if self.newest else None
        return inside is not None and inside.pod_key == str(pid) and inside.view.links is not None


@contextlib.contextmanager
def watching(tmp_path: Path, crowd: Crowd) -> Iterator[Watching]:
    one = Watching(crowd, tmp_path / "journal.jsonl")
    try:
        yield one
    finally:
        one.session.stop()


def test_no_network_outlives_its_pod_under_a_session_that_looks_into_one(tmp_path: Path) -> None:
    until(lambda: not visitors())
    before = descriptors()
    crowd, handles = Crowd(), []
    with watching(tmp_path, crowd) as watch:
        until(lambda: watch.shows(set()))
        for _ in range(PODS // AT_A_TIME):
            pods = [start((NET,)) for _ in range(AT_A_TIME)]
            handles += [handle_of(pod.pid) for pod in pods]
            crowd.pids = [pod.pid for pod in pods]
            until(lambda: watch.shows(set(crowd.pids)), 20, "all pods")
            watch.session.look_into(str(pods[0].pid))
            until(lambda pid=pods[0].pid: watch.looked_into(pid), what="the network of one")  # type: ignore[misc]
            crowd.pids = []
            for pod in pods:
                stop(pod)
        until(lambda: not any(map(is_alive, handles)), 20, "all namespaces gone")
        until(lambda: watch.shows(set()), what="no pod")
    assert len(handles) == PODS
    until(lambda: descriptors() == before, what="the end of all threads")


def test_a_home_that_we_listen_in_ends_with_its_last_process(tmp_path: Path) -> None:
    crowd = Crowd()
    with watching(tmp_path, crowd) as watch, sleeping(NET) as node:
        until(lambda: watch.shows(set()))
        before = sockets()
        runtime = subprocess.Popen(
            ["nsenter", "-n", "-t", str(node.pid), *python(RUNTIME)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert runtime.stdout is not None
        pid = int(runtime.stdout.readline())
        ip(node.pid, f"link add veth0 type veth peer name eth0 netns {pid}")
        crowd.pids = [pid]
        until(lambda: watch.shows({pid}) and len(sockets() - before) == 1, what="a socket in the home")
        handles = [handle_of(node.pid), handle_of(pid)]
        os.kill(pid, 9)
        runtime.communicate()
        stop(node)
        until(lambda: not any(map(is_alive, handles)), 20, "the end of home and pod")
        crowd.pids = []
        until(lambda: watch.shows(set()) and sockets() == before, what="the end of the socket")


def sockets() -> set[str]:
    return {link for link in kept_open() if link.startswith("socket:")}


RUNTIME = """
import subprocess
pod = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec sleep infinity"], stdout=subprocess.PIPE)
pod.stdout.readline()
print(pod.pid, flush=True)
pod.wait()
"""


def test_we_stay_where_we_are() -> None:
    home = os.readlink("/proc/thread-self/ns/net")
    pod = start((NET,))
    inspect_networks(PROC, [place_of(pod.pid)])
    stop(pod)
    assert os.readlink("/proc/thread-self/ns/net") == home
    until(lambda: not visitors())

"""Looking into networks holds none of them: not while pods come and go, not by a socket, a file or a thread."""

from __future__ import annotations

import os
import threading

import pytest

from pausetui.core.network import NetworkView
from pausetui.kernel.netview import inspect_networks
from tests.real.netpods import NET, PROC, place_of
from tests.real.spawn import start, stop
from tests.real.test_kernel_leaks import descriptors, handle_of, is_alive
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


def test_we_stay_where_we_are() -> None:
    home = os.readlink("/proc/thread-self/ns/net")
    pod = start((NET,))
    inspect_networks(PROC, [place_of(pod.pid)])
    stop(pod)
    assert os.readlink("/proc/thread-self/ns/net") == home
    until(lambda: not visitors())

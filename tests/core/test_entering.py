"""The ways in, and why there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pausetui.core.entering import Way, into_member, into_network
from pausetui.core.inventory import ContainerState, Runtime
from pausetui.core.namespaces import NamespaceKind
from tests import factories
from tests.factories import ns


def test_into_a_member_of_a_runtime_it_is_the_runtimes_own_exec() -> None:
    pod = factories.pod()
    member = replace(pod.members[0], runtime_id="1" * 64)
    asked = Runtime("containerd", command=("crictl", "-r", "unix:///x"))
    way = into_member(replace(factories.snapshot(pod), backend="crictl", runtime=asked), pod, member)
    assert isinstance(way, Way)
    assert way.argv == ("crictl", "-r", "unix:///x", "exec", "-it", "1" * 64, "sh")
    assert way.process is None


def test_without_a_runtime_its_namespaces_are_entered_by_pid_and_the_process_is_to_be_checked() -> None:
    pod = factories.pod()
    way = into_member(factories.snapshot(pod), pod, pod.members[0])
    assert isinstance(way, Way)
    assert way.argv[:3] == ("nsenter", "-t", "1001")
    assert way.process == pod.members[0].process


@pytest.mark.parametrize("state", [ContainerState.EXITED, ContainerState.CREATED])
def test_a_member_that_does_not_run_has_no_way_in(state: ContainerState) -> None:
    pod = factories.pod()
    assert into_member(factories.snapshot(pod), pod, replace(pod.members[0], state=state)) == "nginx is not running"


def test_the_pause_has_no_shell() -> None:
    pod = factories.pod()
    assert into_member(factories.snapshot(pod), pod, None) == "choose a member of default/web: pause has no shell"


def test_the_network_is_entered_with_the_hosts_shell() -> None:
    way = into_network(factories.snapshot(), factories.pod(), "/bin/bash")
    assert isinstance(way, Way)
    assert way.argv == ("nsenter", "-n", "-t", "1000", "/bin/bash")


def test_whoever_is_not_root_enters_the_user_namespace_of_an_own_pod_first() -> None:
    pod = factories.pod()
    assert pod.pause is not None
    mine = replace(
        pod, pause=replace(pod.pause, namespaces=replace(pod.pause.namespaces, user=ns(NamespaceKind.USER, 77)))
    )
    way = into_network(factories.snapshot(mine), mine, "sh", is_root=False)
    assert isinstance(way, Way)
    assert way.argv == ("nsenter", "-U", "--preserve-credentials", "-n", "-t", "1000", "sh")
    for one, is_root in ((pod, False), (mine, True)):
        plain = into_network(factories.snapshot(one), one, "sh", is_root=is_root)
        assert isinstance(plain, Way)
        assert "-U" not in plain.argv


def test_an_orphaned_member_is_no_way_into_its_pods_network() -> None:
    pod = factories.pod()
    stray = replace(pod.members[0], namespaces=replace(pod.members[0].namespaces, net=None))
    assert pod.pause is not None
    gone = replace(pod, pause=replace(pod.pause, process=None), members=(stray,))
    assert into_network(factories.snapshot(), gone, "sh") == "no process is known in the network of default/web"


def test_from_an_orphan_it_is_the_network_that_the_orphan_is_left_in() -> None:
    pod = factories.pod()
    first, second = pod.members
    stray = replace(first, namespaces=replace(first.namespaces, net=ns(NamespaceKind.NET, 99)))
    split = replace(pod, members=(stray, second), orphans=(stray.key,))
    way = into_network(factories.snapshot(split), split, "sh", chosen=stray)
    assert stray.process is not None
    assert isinstance(way, Way)
    assert (way.argv[-2:], way.into) == ((str(stray.process.pid), "sh"), "the network that nginx is left in")
    other = into_network(factories.snapshot(split), split, "sh", chosen=second)
    assert isinstance(other, Way)
    assert other.into == "the network of default/web"


def test_whoever_is_in_the_hosts_network_is_told_so() -> None:
    pod = replace(factories.pod(), host_network=True)
    assert "you are in it" in str(into_network(factories.snapshot(), pod, "sh"))

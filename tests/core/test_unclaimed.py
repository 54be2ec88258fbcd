"""Namespaces that a pin alone keeps alive."""

from __future__ import annotations

from dataclasses import replace

from pausetui.core.belonging import Belonging
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import Network, Observation, Pin, Process, ProcessId
from pausetui.core.snapshot import Pod, PodPin, Unclaimed
from pausetui.core.unclaimed import to_end, unclaimed
from tests import factories
from tests.factories import NODE, NOW, ns

NET = ns(NamespaceKind.NET, 77)
PATH = "/run/netns/cni-77"
LOOK = Observation(NOW, NODE, factories.HOST, pins=(Pin(NET, PATH),))


def found(look: Observation, *pods: Pod) -> tuple[Unclaimed, ...]:
    return unclaimed(pods, look, Belonging(look, {}, {}))


def test_a_pinned_network_with_nobody_in_it_is_told_with_its_address() -> None:
    look = replace(LOOK, networks={NET: Network(("10.244.1.9",))})
    assert found(look) == (Unclaimed(NET, (PATH,), ("10.244.1.9",)),)


def test_one_whose_addresses_cannot_be_read_says_so() -> None:
    assert found(LOOK) == (Unclaimed(NET, (PATH,), None),)


def test_one_that_is_pinned_twice_is_told_once() -> None:
    look = replace(LOOK, pins=(Pin(NET, PATH), Pin(NET, "/run/netns/other")))
    assert [one.paths for one in found(look)] == [(PATH, "/run/netns/other")]


def test_the_pin_of_a_pod_is_claimed() -> None:
    assert found(LOOK, replace(factories.pod(), pins=(PodPin(NamespaceKind.NET, PATH),))) == ()


def test_a_namespace_with_a_process_in_it_is_claimed() -> None:
    spaces = replace(factories.HOST, net=NET)
    look = replace(LOOK, processes={5: Process(ProcessId(5, 1), "sh", namespaces=spaces)})
    assert found(look) == ()


def test_the_hosts_own_namespace_is_nobodys_leak() -> None:
    assert factories.HOST.net is not None
    assert found(replace(LOOK, pins=(Pin(factories.HOST.net, "/run/docker/netns/default"),))) == ()


def test_a_pin_in_another_mount_namespace_is_removed_there() -> None:
    (left,) = found(replace(LOOK, pins=(Pin(NET, PATH, 4711), Pin(NET, "/tmp/a b"))))
    assert to_end(left, PATH) == f"nsenter -t 4711 -m sh -c 'umount -l {PATH} && rm {PATH}'"
    assert to_end(left, "/tmp/a b") == "umount -l '/tmp/a b' && rm '/tmp/a b'"


def test_a_pin_of_ip_netns_among_our_mounts_is_removed_by_it() -> None:
    (left,) = found(LOOK)
    assert to_end(left, PATH) == "ip netns delete cni-77"

"""Every namespace once, with who is in it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from pausetui.core.holding import HeldByThread, Holding, Named
from pausetui.core.json_value import Json
from pausetui.core.namespace_list import ListedNamespace, listed_namespaces
from pausetui.core.namespaces import KINDS, NamespaceId, NamespaceKind
from pausetui.core.observation import ProcessId
from pausetui.core.snapshot import ContainerProcess, Pod, PodPin, Sharer, Snapshot, Unclaimed
from pausetui.core.wire import snapshot_to_json
from tests import factories, strategies


def listed(pod: Pod, space: NamespaceId | None) -> ListedNamespace:
    return next(one for one in listed_namespaces(factories.snapshot(pod)) if one.namespace == space)


def test_a_pods_network_lists_its_containers_and_their_processes() -> None:
    pod = factories.pod()
    one = listed(pod, pod.net)
    assert one.sharers == tuple(each.key for each in pod.containers())
    assert [holder.container_key for holder in one.holders] == list(one.sharers)


def test_who_joined_from_outside_holds_it_too_and_belongs_to_no_container() -> None:
    pod = replace(factories.pod(), sharers=(Sharer(ProcessId(4711, 1), "sh", (NamespaceKind.NET,)),))
    last = listed(pod, pod.net).holders[-1]
    assert (last.name, last.container_key) == ("sh", None)


def test_its_pins_are_listed_with_it() -> None:
    pod = replace(factories.pod(), pins=(PodPin(NamespaceKind.NET, "/run/netns/x"),))
    assert listed(pod, pod.net).pins == ("/run/netns/x",)


def test_a_process_in_a_namespace_of_its_own_holds_that_one_and_not_its_containers() -> None:
    pod = factories.pod()
    own = factories.ns(NamespaceKind.NET, 800)
    member = pod.members[0]
    stray = ContainerProcess(ProcessId(5555, 1), "stray", (own,))
    pod = replace(pod, members=(replace(member, processes=(*member.processes, stray)), *pod.members[1:]))
    assert [holder.name for holder in listed(pod, own).holders] == ["stray"]
    assert "stray" not in [holder.name for holder in listed(pod, pod.net).holders]


def test_a_zombie_holds_nothing() -> None:
    pod = factories.pod()
    member = pod.members[0]
    dead = tuple(replace(one, zombie=True) for one in member.processes)
    pod = replace(pod, members=(replace(member, processes=dead),))
    assert member.key not in [holder.container_key for holder in listed(pod, pod.net).holders]


def test_what_only_a_pin_keeps_alive_is_in_the_list() -> None:
    left = Unclaimed(factories.ns(NamespaceKind.NET, 800), ("/run/netns/y",), ("10.0.0.9",))
    (one,) = listed_namespaces(replace(factories.snapshot(), pods=(), unclaimed=(left,)))
    assert (one.namespace, one.holders, one.pins, one.addresses) == (left.namespace, (), left.paths, left.addresses)


def test_a_pods_pinned_namespace_in_which_nobody_is_left_is_in_the_list() -> None:
    left = factories.ns(NamespaceKind.NET, 800)
    pod = replace(factories.pod(), pins=(PodPin(NamespaceKind.NET, "/run/netns/x", left),))
    one = listed(pod, left)
    assert (one.sharers, one.holders, one.pins) == ((), (), ("/run/netns/x",))
    assert listed(pod, pod.net).pins == ()


def written(*holdings: Holding) -> dict[str, Json]:
    """The entry of the pod's network, as JSON."""
    pod = factories.pod()
    snapshot = replace(factories.snapshot(pod), holdings={one.namespace: one for one in holdings})
    assert pod.net is not None
    found = snapshot_to_json(snapshot)["namespaces"]
    assert isinstance(found, list)
    (one,) = (one for one in found if isinstance(one, dict) and one["id"] == pod.net.id)
    assert isinstance(one, dict)
    return one


MORE = ("threads", "for_children", "descriptors", "children", "sockets", "connections")


def test_what_nobody_looked_for_is_null_and_what_was_looked_for_in_vain_is_an_empty_list() -> None:
    net = factories.pod().net
    assert net is not None
    assert [written()[key] for key in MORE] == [None] * 6
    assert [written(Holding(net))[key] for key in MORE] == [[]] * 6


def test_where_somebody_could_not_be_asked_nothing_found_is_not_known() -> None:
    net = factories.pod().net
    assert net is not None
    thread = HeldByThread(Named(ProcessId(812, 1), "dockerd"), 813)
    found = written(Holding(net, threads=(thread,), unasked=1))
    assert found["descriptors"] is None
    assert found["threads"] == [{"pid": 812, "start_ticks": 1, "name": "dockerd", "tid": 813}]
    assert found["connections"] == []


@given(strategies.snapshots())
def test_none_is_the_hosts_and_they_are_in_the_order_of_their_kinds(snapshot: Snapshot) -> None:
    plain = replace(snapshot, unclaimed=())
    kinds = [one.namespace.kind for one in listed_namespaces(plain)]
    assert kinds == sorted(kinds, key=KINDS.index)
    assert not any(one.namespace == snapshot.host.get(one.namespace.kind) for one in listed_namespaces(plain))

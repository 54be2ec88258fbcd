"""Why a namespace is alive, and what would be left if one holder after the other went."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.core.held import Keeper, keepers
from pausetui.core.holding import (
    HeldByChild,
    HeldByConnection,
    HeldByDescriptor,
    HeldBySocket,
    HeldByThread,
    Holding,
    Named,
)
from pausetui.core.inventory import Restorer, Runtime
from pausetui.core.namespaces import KINDS, NamespaceId, NamespaceKind
from pausetui.core.observation import ProcessId
from pausetui.core.snapshot import Container, Pod, PodPin, Snapshot, Unclaimed
from pausetui.core.tabs import matrix
from pausetui.core.tabs.why import entries, steps
from tests import strategies
from tests.factories import HOST, ns, snapshot
from tests.factories import pod as plain_pod
from tests.scenes import PIN, api, hidden, web

NET, PID, USER = NamespaceKind.NET, NamespaceKind.PID, NamespaceKind.USER
CONTAINERD = Named(ProcessId(812, 1), "containerd")

keeper = st.builds(
    Keeper,
    st.text("abc", min_size=1),
    st.just(()),
    only_inside=st.booleans(),
    is_init=st.booleans(),
    is_pin=st.booleans(),
)


def told(
    pod: Pod,
    holding: Holding | None = None,
    kind: NamespaceKind = NET,
    container: Container | None = None,
    others: tuple[Pod, ...] = (),
) -> list[str]:
    """The lines about one namespace of the pod: its pause's, if no container is given."""
    chosen = container or pod.pause
    assert chosen is not None
    shown = snapshot(pod, *others)
    return [f"{one.label.strip()} {one.text}".strip() for one in entries(shown, pod, chosen, kind, holding)]


def net(pod: Pod) -> NamespaceId:
    assert pod.net is not None
    return pod.net


@given(st.lists(keeper, max_size=8))
def test_each_holder_goes_once_and_the_last_step_leaves_none(holders: list[Keeper]) -> None:
    taken = steps(holders)
    gone = [one for step in taken for one in (step.gone, *step.took)]
    assert sorted(map(repr, gone)) == sorted(map(repr, holders))
    assert not taken or taken[-1].left == ()


@given(st.lists(keeper, max_size=8))
def test_what_is_left_gets_less_with_every_step(holders: list[Keeper]) -> None:
    counts = [len(holders), *(len(step.left) for step in steps(holders))]
    assert counts == sorted(set(counts), reverse=True)


@given(strategies.snapshots())
def test_something_can_be_said_of_every_namespace_of_anything(shown: Snapshot) -> None:
    for pod in shown.pods:
        for container in pod.containers():
            for kind in KINDS:
                space = container.namespaces.get(kind)
                holding = Holding(space) if space is not None else None
                assert list(entries(shown, pod, container, kind, None))
                assert list(entries(shown, pod, container, kind, holding))


def test_containers_outsiders_and_pins_are_named() -> None:
    lines = told(web())
    assert "pause pause (pid 1000)" in lines
    assert "nginx nginx (pid 1001), nginx-worker (pid 1101), nginx-worker (pid 1102)" in lines
    assert "outside nsenter (pid 4711)" in lines
    assert f"pin {PIN}" in lines


def test_who_is_left_is_told_one_after_the_other() -> None:
    name = PIN.rpartition("/")[2]
    lines = told(web(), Holding(net(web())))
    assert f"if pause ends: nginx, sidecar, nsenter (pid 4711), pin {name} still hold it" in lines
    assert f"if sidecar ends too: nsenter (pid 4711), pin {name} still hold it" in lines
    assert (
        f"if nsenter (pid 4711) ends too: only pin {name}: a leaked namespace, with its address 10.244.1.5" in lines
    )
    assert lines[-2] == f"if pin {name} goes too: nothing holds it, so it ends, and its links and addresses with it"


@pytest.mark.parametrize(
    "holding", [None, Holding(net(web()), unasked=1), Holding(net(web()), sockets=None, connections=None)]
)
def test_where_not_everybody_was_asked_the_end_is_not_said_to_be_sure(holding: Holding | None) -> None:
    last = next(line for line in told(web(), holding) if "goes too" in line)
    assert last.endswith(
        "nothing else is seen to hold it: if nothing does, it ends, and its links and addresses with it"
    )


def test_before_anybody_has_looked_it_says_so() -> None:
    assert "Threads, descriptors, sockets and child namespaces are being looked for." in told(web())
    assert not [line for line in told(web(), Holding(net(web()))) if "being looked for" in line]


def test_threads_descriptors_sockets_and_connections_are_told() -> None:
    holding = Holding(
        net(web()),
        threads=(HeldByThread(Named(ProcessId(99, 1), "dockerd"), 101),),
        descriptors=(HeldByDescriptor(CONTAINERD, 17), HeldByDescriptor(CONTAINERD, 18, "/proc/1000/net/tcp")),
        sockets=(HeldBySocket("udp", 5, (HeldByDescriptor(CONTAINERD, 9),)), HeldBySocket("unix", 6)),
        connections=(HeldByConnection("FIN_WAIT1", "10.0.0.1:80", "10.0.0.2:99"),),
    )
    lines = told(web(), holding)
    assert "thread 101 of dockerd (pid 99)" in lines
    assert "descriptor 17 of containerd (pid 812)" in lines
    assert "descriptor 18 of containerd (pid 812) (/proc/1000/net/tcp)" in lines
    assert "socket udp 5, descriptor 9 of containerd (pid 812)" in lines
    assert "socket unix 6, which no process has open: on its way" in lines
    assert "connection 10.0.0.1:80 to 10.0.0.2:99 FIN_WAIT1, of no process" in lines


def test_all_that_one_process_holds_goes_with_it() -> None:
    pod = plain_pod(members=())
    holding = Holding(
        net(pod),
        descriptors=(HeldByDescriptor(CONTAINERD, 17),),
        sockets=(HeldBySocket("udp", 5, (HeldByDescriptor(CONTAINERD, 9),)),),
    )
    assert [one.name for one in keepers(snapshot(pod), pod, net(pod), holding)] == ["pause", "containerd (pid 812)"]


def test_a_container_that_also_has_it_open_is_told_once() -> None:
    pod = plain_pod(members=("nginx",))
    process = pod.members[0].process
    assert process is not None
    holding = Holding(net(pod), descriptors=(HeldByDescriptor(Named(process, "nginx"), 3),))
    found = keepers(snapshot(pod), pod, net(pod), holding)
    assert [one.name for one in found] == ["pause", "nginx"]
    assert not found[1].only_inside


def test_a_process_of_another_pod_is_told_with_its_pod() -> None:
    pod, other = plain_pod(), api()
    assert other.pause is not None
    assert other.pause.process is not None
    holding = Holding(net(pod), descriptors=(HeldByDescriptor(Named(other.pause.process, "pause"), 3),))
    names = [one.name for one in keepers(snapshot(pod, other), pod, net(pod), holding)]
    assert names[-1] == "pause (pid 2000) of shop/api pause"


def test_a_sharer_that_is_in_it_with_one_thread_only_is_told_as_a_thread() -> None:
    pod = web()
    nsenter = Named(pod.sharers[0].id, pod.sharers[0].name)
    lines = told(pod, Holding(net(pod), threads=(HeldByThread(nsenter, 4712),)))
    assert "thread 4712 of nsenter (pid 4711)" in lines
    assert "outside nsenter (pid 4711)" not in lines


def test_many_from_outside_are_one_group() -> None:
    pod = plain_pod(members=())
    crowd = tuple(HeldByDescriptor(Named(ProcessId(pid, 1), "sh"), 3) for pid in range(5000, 5005))
    assert [one.name for one in keepers(snapshot(pod), pod, net(pod), Holding(net(pod), descriptors=crowd))] == [
        "pause",
        "5 processes from outside",
    ]


def test_where_pid_1_ends_the_kernel_ends_all_that_is_in_it_and_a_pin_keeps_a_namespace_of_no_use() -> None:
    plain = plain_pod(members=("nginx", "sidecar"))
    assert plain.pause is not None
    shared = plain.pause.namespaces.pid
    members = tuple(
        replace(
            one,
            namespaces=replace(one.namespaces, pid=shared),
            processes=tuple(replace(process, namespace_pids=(process.id.pid, 7)) for process in one.processes),
        )
        for one in plain.members
    )
    pod = replace(plain, members=members, pins=(PodPin(PID, "/run/pidns/x"),))
    taken = told(pod, kind=PID)
    line = next(line for line in taken if line.startswith("if pause ends"))
    assert line == (
        "if pause ends: the kernel ends nginx, sidecar with it, for it is their pid 1; "
        "only pin x: a leaked namespace"
    )


def test_children_are_told_with_who_is_in_them() -> None:
    pod = plain_pod(members=())
    assert pod.pause is not None
    space = pod.pause.namespaces.pid
    assert space is not None
    children = (HeldByChild(ns(PID, 500), False, Named(ProcessId(7, 1), "sh")), HeldByChild(ns(PID, 501), False))
    lines = told(pod, Holding(space, children=children), PID)
    assert "child pid:[4026532500], with sh (pid 7) in it" in lines
    assert "child pid:[4026532501], empty" in lines
    assert "if 2 child namespaces end too: nothing holds it, so it ends" in lines


def test_who_is_in_a_child_pid_namespace_ends_with_the_parents_pid_1() -> None:
    plain = plain_pod(members=())
    assert plain.pause is not None
    first = replace(plain.pause.processes[0], namespace_pids=(1000, 1))
    pod = replace(plain, pause=replace(plain.pause, processes=(first,)))
    space = plain.pause.namespaces.pid
    assert space is not None
    child = HeldByChild(ns(PID, 500), False, Named(ProcessId(7, 1), "sh"))
    assert "if pause ends: the kernel ends the child namespace pid:[4026532500] with it" in "\n".join(
        told(pod, Holding(space, children=(child,)), PID)
    )
    empty = replace(child, process=None)
    assert "if pause ends: the child namespace pid:[4026532500] still holds it" in "\n".join(
        told(pod, Holding(space, children=(empty,)), PID)
    )


def test_where_nothing_was_found_nothing_is_said_to_be_left() -> None:
    plain = plain_pod(members=())
    assert plain.pause is not None
    pod = replace(plain, pause=replace(plain.pause, processes=()))
    assert "What would be left" not in told(pod, Holding(net(pod)))


def test_what_a_user_namespace_owns_keeps_it() -> None:
    plain = plain_pod(members=())
    assert plain.pause is not None
    own = ns(USER, 700)
    pod = replace(plain, pause=replace(plain.pause, namespaces=replace(plain.pause.namespaces, user=own)))
    lines = told(pod, Holding(own, children=(HeldByChild(net(plain), True),)), USER)
    assert f"owns {net(plain).label}, empty" in lines


def test_the_hosts_own_namespace_lives_as_long_as_the_machine() -> None:
    assert told(web(), kind=USER)[1:] == ["It is the machine's own: it lives as long as the machine runs."]


def test_a_namespace_that_may_not_be_read_needs_root() -> None:
    assert told(hidden())[1:] == ["needs root"]


def test_who_could_not_be_asked_is_told() -> None:
    lines = told(web(), Holding(net(web()), sockets=None, connections=None, unasked=3))
    assert "3 processes could not be asked for descriptors and threads." in lines
    assert "The sockets in it could not be read." in lines


def test_what_is_not_seen_is_said() -> None:
    assert [line for line in told(web()) if line.startswith("Not seen here: sockets that are neither bound nor")]


def test_a_stranded_member_is_not_said_to_have_the_pods_address() -> None:
    plain = plain_pod(members=("db",))
    left = ns(NET, 555)
    member = replace(plain.members[0], namespaces=replace(plain.members[0].namespaces, net=left))
    pod = replace(plain, members=(member,), pins=(PodPin(NET, "/run/netns/x", left),))
    assert told(pod, container=member)[-3] == "if db ends: only pin x: a leaked namespace"


def matrix_of(pod: Pod, container: Container | None, kind: NamespaceKind, **other: object) -> list[str]:
    shown = replace(snapshot(pod), **other)  # type: ignore[arg-type]  # fields of the snapshot
    return [f"{one.label}{one.text}" for one in matrix.entries(shown, pod, container, kind)]


def test_the_chosen_cell_is_marked_without_colour_and_moves_nothing_else() -> None:
    pod = web()
    plain = next(line for line in matrix_of(pod, pod.pause, NET) if line.startswith("nginx"))
    for place, kind in enumerate(KINDS):
        chosen = next(line for line in matrix_of(pod, pod.members[0], kind) if line.startswith("nginx"))
        assert chosen.count("[") == chosen.count("]") == 1
        assert chosen.replace("[", " ").replace("]", " ").split() == plain.split()
        assert chosen.index("[") == len("sidecar") + 5 * place + 2 * (place > KINDS.index(NamespaceKind.CGROUP))


def test_nobodys_namespaces_are_listed_with_the_command_that_ends_them() -> None:
    left = (
        Unclaimed(ns(NET, 77), ("/run/netns/cni-77",), ("10.244.1.9",)),
        Unclaimed(ns(NamespaceKind.UTS, 78), ("/run/utsns/a b",)),
    )
    assert matrix_of(web(), None, NET, unclaimed=left)[-4:] == [
        "net   4026532077 pinned at /run/netns/cni-77, with 10.244.1.9",
        "      ip netns delete cni-77",
        "uts   4026532078 pinned at /run/utsns/a b",
        "      umount -l '/run/utsns/a b' && rm '/run/utsns/a b'",
    ]


def test_a_pods_namespace_that_only_a_pin_keeps_is_told_where_no_container_is_left() -> None:
    pod = web()
    assert pod.pause is not None
    ended = tuple(
        replace(one, process=None, processes=(), namespaces=type(HOST)()) for one in (pod.pause, *pod.members)
    )
    pinned = (PodPin(NET, "/run/netns/x", net(pod)),)
    dead = replace(pod, pause=ended[0], members=ended[1:], pins=pinned, sharers=())
    assert f"net   {net(pod).inode} is kept by the pin /run/netns/x alone, with 10.244.1.5" in matrix_of(
        dead, None, NET
    )


def test_the_pin_that_dockerd_made_is_not_said_to_outlive_the_pause_and_another_one_is() -> None:
    own, other = "/run/docker/netns/8a28f2929bb1", "/tmp/mine"
    one = replace(plain_pod("web"), backend="docker", brought_back_by=Restorer.NOBODY)
    pinned = replace(one, pins=(PodPin(NET, own), PodPin(NET, other)))
    shown = replace(snapshot(pinned), runtime=Runtime("docker"))
    assert pinned.pause is not None
    said = [f"{line.label} {line.text}" for line in entries(shown, pinned, pinned.pause, NET, None)]
    assert "if pause ends: Docker lets go of it (pin 8a28f2929bb1); nginx, sidecar, pin mine still hold it" in said
    assert "if sidecar ends too: only pin mine: a leaked namespace" in said


def test_the_socket_of_dockerd_is_not_said_to_outlive_the_pause() -> None:
    one = replace(plain_pod("web"), backend="docker", brought_back_by=Restorer.NOBODY)
    dockerd = Named(ProcessId(812, 1), "dockerd")
    holding = Holding(net(one), sockets=(HeldBySocket("netlink", 61300, (HeldByDescriptor(dockerd, 32),)),))
    assert one.pause is not None
    said = [line.text for line in entries(snapshot(one), one, one.pause, NET, holding)]
    assert any("lets go of it (dockerd (pid 812)); nginx, sidecar still hold it" in text for text in said)


def test_whoever_has_the_pause_for_pid_1_does_not_outlive_it_in_the_network_either() -> None:
    one = plain_pod("web")
    assert one.pause is not None
    nginx, sidecar = one.members
    inside = replace(nginx, namespaces=replace(nginx.namespaces, pid=one.pause.namespaces.pid))
    said = told(replace(one, members=(inside, sidecar)))
    assert "if pause ends: the kernel ends nginx with it, for it is their pid 1; sidecar still holds it" in said
    assert not any(line.startswith("if nginx ends") for line in said)

"""Each finding where there is reason for it, and none where there is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pausetui.backends.crictl.failures import as_error
from pausetui.backends.crictl.program import Ran
from pausetui.core.actions import SIGNALS, Abilities, ActionKind
from pausetui.core.doctor.checks import findings
from pausetui.core.doctor.finding import Examined, Finding, Reservation
from pausetui.core.doctor.veths import NodeSide
from pausetui.core.inventory import ContainerState, PastAttempt, PodState, Restorer, Runtime, Sandbox
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.network import Listener, NetworkView
from pausetui.core.observation import LinkState, Problem, ProcessId, Vitals
from pausetui.core.snapshot import ContainerProcess, Pod, Snapshot, Unclaimed
from tests import factories
from tests.factories import NOW, ns

CRICTL = Runtime("containerd", "1.6.20", "unix:///x.sock", command=("crictl",))


def node(*pods: Pod) -> Snapshot:
    return replace(
        factories.snapshot(*pods), backend="crictl", runtime=CRICTL, abilities=Abilities(by_signal=SIGNALS)
    )


def found(
    snapshot: Snapshot,
    before: Snapshot | None = None,
    reservations: tuple[Reservation, ...] = (),
    namespace: str | None = None,
) -> tuple[Finding, ...]:
    side = NodeSide(only_pinned=frozenset(one.namespace.inode for one in snapshot.unclaimed))
    return findings(Examined(snapshot, before or snapshot, reservations, side, side, namespace))


def ids(snapshot: Snapshot, before: Snapshot | None = None) -> list[str]:
    return [one.id for one in found(snapshot, before)]


def sandboxes(*states: PodState, apart: timedelta = timedelta(hours=2)) -> tuple[Sandbox, ...]:
    """Newest first."""
    newest = len(states) - 1
    return tuple(
        Sandbox(f"{place:064d}", newest - place, state, NOW - apart * (place + 1))
        for place, state in enumerate(states)
    )


READY, NOTREADY = PodState.READY, PodState.NOTREADY


def test_a_healthy_pod_has_nothing_wrong() -> None:
    assert found(node(replace(factories.pod(), sandboxes=sandboxes(READY, NOTREADY)))) == ()


def test_an_orphaned_member_is_found_with_both_namespaces() -> None:
    pod = factories.pod()
    member = replace(pod.members[0], namespaces=replace(pod.members[0].namespaces, net=ns(NamespaceKind.NET, 77)))
    pod = replace(pod, members=(member, *pod.members[1:]), orphans=(member.key,))
    (one,) = found(node(pod))
    assert one.id == "orphan-member"
    assert "net:[4026532077]" in one.evidence[0]


def test_an_orphan_whose_pause_has_ended_is_healed_by_starting_that_first() -> None:
    pod = factories.pod()
    assert pod.pause is not None
    pause = replace(pod.pause, state=ContainerState.EXITED, process=None, processes=())
    member = replace(pod.members[0], joins=pause.runtime_id)
    pod = replace(pod, pause=pause, members=(member,), orphans=(member.key,), addresses=())
    orphan = next(one for one in found(node(pod)) if one.id == "orphan-member")
    assert "has ended, and its address went with it" in orphan.evidence[1]
    assert orphan.do == "start pause, then restart nginx: it joins the new network"
    assert orphan.command == ""


def test_docker_is_told_to_start_the_pause_and_then_the_orphan() -> None:
    pod = factories.pod()
    assert pod.pause is not None
    pause = replace(pod.pause, state=ContainerState.EXITED, process=None, processes=(), runtime_id="d" * 64)
    member = replace(pod.members[0], joins=pause.runtime_id, runtime_id="e" * 64)
    pod = replace(pod, pause=pause, members=(member,), orphans=(member.key,), addresses=())
    pod = replace(pod, sandboxes=(replace(pod.sandboxes[0], id="d" * 64),))
    asked = Abilities(by_runtime=frozenset({ActionKind.START_SANDBOX, ActionKind.REJOIN}))
    shown = replace(node(pod), backend="docker", runtime=Runtime("docker", command=("docker",)), abilities=asked)
    orphan = next(one for one in found(shown) if one.id == "orphan-member")
    assert orphan.command == f"docker start {'d' * 13} && docker restart {'e' * 13}"


def test_an_orphan_whose_pause_is_gone_has_to_be_made_anew() -> None:
    pod = factories.pod()
    member = replace(pod.members[0], joins="f" * 64)
    pod = replace(pod, pause=None, members=(member,), orphans=(member.key,), addresses=())
    orphan = next(one for one in found(node(pod)) if one.id == "orphan-member")
    assert orphan.do.startswith("make it anew")
    told = found(node(replace(pod, note="make anew: docker compose up …")))
    assert next(one for one in told if one.id == "orphan-member").do.startswith("make anew: docker compose up …")


def test_of_an_orphan_whose_pause_is_not_the_one_it_joined_the_same_is_said() -> None:
    pod = factories.pod()
    member = replace(pod.members[0], joins="f" * 64)
    pod = replace(pod, members=(member,), orphans=(member.key,), brought_back_by=Restorer.NOBODY)
    orphan = next(one for one in found(node(pod)) if one.id == "orphan-member")
    assert orphan.do.startswith("make it anew")


def test_a_pod_of_which_only_orphans_run_is_told_once() -> None:
    pod = replace(factories.pod(members=("app",)), state=PodState.NOTREADY)
    shown = node(replace(pod, orphans=(pod.members[0].key,)))
    assert ids(shown, shown) == ["orphan-member"]


def test_an_address_that_only_the_runtime_has_is_stale() -> None:
    pod = replace(factories.pod(), runtime_addresses=("10.244.1.5",), addresses=())
    assert ids(node(pod)) == ["stale-address"]


def test_a_sandbox_that_has_ended_and_its_address_with_it_is_told_once() -> None:
    pod = replace(factories.pod(), state=NOTREADY, runtime_addresses=("10.244.1.5",), addresses=())
    assert ids(node(pod)) == ["notready-with-running-members"]


@pytest.mark.parametrize("addresses", [("10.244.1.5", "fd00::5"), None])
def test_more_addresses_in_the_kernel_or_none_that_can_be_read_are_not_stale(
    addresses: tuple[str, ...] | None,
) -> None:
    pod = replace(factories.pod(), runtime_addresses=("10.244.1.5",), addresses=addresses)
    assert ids(node(pod)) == []


def test_a_sandbox_that_stays_not_ready_with_members_running_is_found_with_the_command_that_ends_it() -> None:
    pod = replace(factories.pod(), state=NOTREADY, sandboxes=sandboxes(NOTREADY))
    (one,) = found(node(pod))
    assert one.id == "notready-with-running-members"
    assert one.do == "stop what is left of it (nginx, sidecar); then it is made again"
    assert one.command == f"crictl stopp {'0' * 13}"


def test_a_sandbox_that_was_ready_a_moment_ago_may_be_about_to_be_remade() -> None:
    pod = replace(factories.pod(), state=NOTREADY)
    assert ids(node(pod), node(factories.pod())) == []


def test_of_two_ready_sandboxes_of_one_pod_the_older_is_to_be_stopped() -> None:
    (one,) = found(node(replace(factories.pod(), sandboxes=sandboxes(READY, READY))))
    assert one.id == "two-ready-sandboxes"
    assert one.command == f"crictl stopp {'0' * 12}0"


def test_a_member_in_the_network_of_an_older_sandbox_that_still_is_ready_is_no_orphan() -> None:
    pod = replace(factories.pod(), sandboxes=sandboxes(READY, READY))
    spaces = replace(pod.members[0].namespaces, net=ns(NamespaceKind.NET, 77))
    member = replace(pod.members[0], namespaces=spaces, sandbox_id=pod.sandboxes[1].id)
    shown = node(replace(pod, members=(member, *pod.members[1:]), orphans=(member.key,)))
    assert ids(shown) == ["two-ready-sandboxes"]


def test_of_dead_sandboxes_that_pile_up_all_but_the_newest_are_to_be_removed() -> None:
    pod = replace(factories.pod(), sandboxes=sandboxes(READY, *[NOTREADY] * 4))
    (one,) = found(node(pod))
    assert one.id == "sandboxes-pile-up"
    assert one.command.split()[:2] == ["crictl", "rmp"]
    assert len(one.command.split()) == 2 + 3


def test_a_sandbox_that_is_remade_again_and_again_is_found() -> None:
    pod = replace(factories.pod(), sandboxes=sandboxes(READY, NOTREADY, NOTREADY, apart=timedelta(minutes=2)))
    assert ids(node(pod)) == ["sandbox-remade-again-and-again"]


def test_a_member_with_a_uts_of_its_own_is_found_where_runtimes_share_it_and_not_on_docker() -> None:
    pod = factories.pod()
    member = replace(pod.members[0], namespaces=replace(pod.members[0].namespaces, uts=ns(NamespaceKind.UTS, 77)))
    shown = node(replace(pod, members=(member, *pod.members[1:])))
    assert ids(shown) == ["namespace-not-shared"]
    assert ids(replace(shown, backend="docker")) == []


def test_a_member_that_keeps_ending_is_found_with_its_last_exit_code() -> None:
    pod = factories.pod()
    past = PastAttempt(4, finished_at=NOW - timedelta(minutes=1), exit_code=137)
    member = replace(pod.members[0], restarts=5, started_at=NOW - timedelta(minutes=1), previous=(past,))
    (one,) = found(node(replace(pod, members=(member,))))
    assert (one.id, one.evidence[1]) == ("crash-loop", "last exit 137 (SIGKILL)")
    assert "waits longer before each restart" in one.means
    podmans = replace(pod, members=(member,), backend="podman", brought_back_by=Restorer.RESTART_POLICY)
    (one,) = found(node(podmans))
    assert one.means == "nginx ends again and again."


def test_restarts_of_earlier_sandboxes_are_no_loop_in_this_one() -> None:
    pod = factories.pod()
    past = PastAttempt(4, started_at=NOW - timedelta(hours=1), exit_code=137)
    member = replace(pod.members[0], restarts=5, started_at=NOW, previous=(past,))
    assert pod.pause is not None
    pause = replace(pod.pause, attempt=2, started_at=NOW - timedelta(minutes=1))
    assert ids(node(replace(pod, pause=pause, members=(member,)))) == []


def test_a_runtime_that_is_there_and_does_not_answer_is_a_finding() -> None:
    silent = Problem("backend:crictl", "asking crictl", "no answer within 10 s", "b changes to it")
    shown = replace(node(factories.pod()), problems=(silent,))
    (one,) = found(shown)
    assert (one.id, one.command) == ("runtime-does-not-answer", "systemctl status containerd crio")
    assert ids(shown, node(factories.pod())) == []


def test_a_runtime_that_we_may_not_ask_is_not_silent() -> None:
    refused = Problem("backend:docker", "asking docker", "Permission denied: we may not use unix:///x.sock")
    assert ids(replace(node(factories.pod()), problems=(refused,))) == []


def test_pods_of_several_runtimes_may_have_one_address() -> None:
    both = node(factories.pod("a"), factories.pod("b", base=100))
    assert ids(replace(both, backend="proc")) == []


def test_a_member_that_was_restarted_long_ago_is_fine() -> None:
    pod = factories.pod()
    past = PastAttempt(4, exit_code=137)
    member = replace(pod.members[0], restarts=5, started_at=NOW - timedelta(hours=1), previous=(past,))
    assert ids(node(replace(pod, members=(member,)))) == []


@pytest.mark.parametrize("vitals", [Vitals("S", 2**20, 50.0), Vitals("S", 2**30, 0.0), Vitals("T", 2**20, 0.0)])
def test_a_pause_that_works_or_is_big_or_is_stopped_is_not_sleeping(vitals: Vitals) -> None:
    pod = factories.pod()
    assert pod.pause is not None
    assert pod.pause.process is not None
    shown = replace(node(pod), vitals={pod.pause.process: vitals})
    assert ids(shown) == ["pause-not-sleeping"]


def test_a_zombie_that_lasts_is_found_and_one_that_just_ended_is_not() -> None:
    pod = factories.pod()
    member = pod.members[0]
    dead = replace(member.processes[0], zombie=True)
    shown = node(replace(pod, members=(replace(member, processes=(dead,)), *pod.members[1:])))
    assert ids(shown) == ["zombies-not-reaped"]
    assert ids(shown, node(pod)) == []


def zombies_of(pod: Pod, *left: tuple[int, int], more: tuple[ContainerProcess, ...] = ()) -> tuple[str, str]:
    """What is seen and what is to be done about these zombies (pid and parent) of the first member."""
    member = pod.members[0]
    main = member.processes[0]
    depth = len(main.namespace_pids)
    dead = tuple(
        ContainerProcess(ProcessId(pid, pid * 10), "worker", (), (pid, pid % 100)[:depth], True, parent)
        for pid, parent in left
    )
    shown = node(replace(pod, members=(replace(member, processes=(main, *more, *dead)), *pod.members[1:])))
    (one,) = found(shown)
    return one.evidence[0], one.do


def test_zombies_that_were_left_to_pid_1_of_their_container_want_an_init() -> None:
    pod = factories.pod()
    main = pod.members[0].processes[0].id.pid
    seen, do = zombies_of(pod, (5001, main), (5002, main))
    assert seen == f"pid 5001, 5002, left to nginx (pid {main}), pid 1 here, which probably does not reap orphans"
    assert do.startswith("give the container an init")


def test_zombies_of_a_process_that_is_not_pid_1_are_for_that_to_wait_for() -> None:
    pod = factories.pod()
    main = pod.members[0].processes[0].id.pid
    forks = ContainerProcess(ProcessId(5000, 50000), "forks", (), (5000, 7), False, main)
    seen, do = zombies_of(pod, (5001, 5000), more=(forks,))
    assert seen.startswith("pid 5001, of forks (pid 5000), which should reap them; when that ends, nginx")
    assert do == "have forks wait for what it starts"


def test_zombies_in_the_hosts_pid_namespace_are_not_said_to_be_left_to_pid_1() -> None:
    pod = factories.pod()
    member = pod.members[0]
    main = replace(member.processes[0], namespace_pids=member.processes[0].namespace_pids[:1])
    hosts = replace(member, processes=(main,), namespaces=replace(member.namespaces, pid=factories.HOST.pid))
    seen, do = zombies_of(replace(pod, members=(hosts, *pod.members[1:])), (5001, main.id.pid))
    assert seen == f"pid 5001, of nginx (pid {main.id.pid}), which should reap them"
    assert do == "have nginx wait for what it starts"


def test_zombies_whose_parent_is_no_process_of_the_pod_are_told_by_its_pid() -> None:
    seen, do = zombies_of(factories.pod(), (5001, 77))
    assert seen == "pid 5001, of pid 77, no process of this pod, which should reap them"
    assert do == "see what pid 77 does"


def test_a_network_that_only_a_pin_keeps_alive_is_found_with_the_command_that_ends_it() -> None:
    left = Unclaimed(ns(NamespaceKind.NET, 77), ("/run/netns/cni-77",), ("10.244.1.9",))
    (one,) = found(replace(node(factories.pod()), unclaimed=(left,)))
    assert (one.id, one.command) == ("leaked-netns", "ip netns delete cni-77")
    assert "10.244.1.9" in one.evidence[1]


@pytest.mark.parametrize(
    ("path", "backend", "is_told"),
    [
        ("/run/netns/cni-12345678-1234-1234-1234-123456789012", "crictl", True),
        ("/var/run/netns/12345678-1234-1234-1234-123456789012", "crictl", True),
        ("/run/netns/vpn", "crictl", False),
        ("/run/netns/vpn", "proc", False),
        ("/run/docker/netns/0123456789ab", "docker", True),
        ("/run/docker/netns/0123456789ab", "proc", True),
        ("/run/docker/netns/0123456789ab", "crictl", False),
        ("/run/docker/netns/ingress_sbox", "docker", False),
        ("/run/docker/netns/1-abcdefghij", "docker", False),
        ("/run/netns/cni-12345678-1234-1234-1234-123456789012", "docker", False),
        ("/run/netns/netns-12345678-1234-1234-1234-123456789012", "podman", True),
    ],
)
def test_only_pins_that_the_runtime_in_use_made_are_leaked(path: str, backend: str, is_told: bool) -> None:
    left = Unclaimed(ns(NamespaceKind.NET, 77), (path,))
    assert ids(replace(node(factories.pod()), backend=backend, unclaimed=(left,))) == ["leaked-netns"] * is_told


def test_a_pin_outside_of_run_netns_is_unmounted() -> None:
    left = Unclaimed(ns(NamespaceKind.NET, 77), ("/run/docker/netns/0123456789ab",))
    (one,) = found(replace(node(factories.pod()), backend="docker", unclaimed=(left,)))
    path = "/run/docker/netns/0123456789ab"
    assert one.command == f"umount -l {path} && rm {path}"


def test_in_a_container_a_pin_is_removed_among_the_mounts_of_the_node() -> None:
    space = ns(NamespaceKind.NET, 77)
    left = Unclaimed(space, ("/host/run/netns/cni-77", "/run/netns/cni-77"), elsewhere={"/run/netns/cni-77": 1})
    shown, side = replace(node(factories.pod()), unclaimed=(left,)), NodeSide(only_pinned=frozenset({space.inode}))
    (one,) = findings(Examined(shown, shown, (), side, side))
    assert one.subject == "/run/netns/cni-77"
    assert one.command == "nsenter -t 1 -m sh -c 'umount -l /run/netns/cni-77 && rm /run/netns/cni-77'"


@pytest.mark.parametrize("side", [NodeSide(), None], ids=["it is gone by now", "nobody could look"])
def test_a_pin_is_looked_for_again_before_it_is_called_leaked(side: NodeSide | None) -> None:
    left = Unclaimed(ns(NamespaceKind.NET, 77), ("/run/netns/cni-77",))
    shown = replace(node(factories.pod()), unclaimed=(left,))
    assert findings(Examined(shown, shown, (), side, side)) == ()


def test_a_pin_may_be_that_of_a_pod_whose_network_is_not_known() -> None:
    pod = factories.pod()
    dark = replace(pod, pause=None, members=(), addresses=None)
    left = Unclaimed(ns(NamespaceKind.NET, 77), ("/run/netns/cni-77",))
    assert ids(replace(node(dark), unclaimed=(left,))) == []
    assert ids(replace(node(replace(dark, host_network=True)), unclaimed=(left,))) == ["leaked-netns"]


def test_a_sandboxed_pod_may_keep_its_address_to_itself_and_have_a_big_pause() -> None:
    pod = replace(factories.pod(), runtime_handler="runsc", addresses=())
    assert pod.pause is not None
    assert pod.pause.process is not None
    assert ids(replace(node(pod), vitals={pod.pause.process: Vitals("S", 2**30, 5.0)})) == []


@pytest.mark.parametrize(
    "said",
    [
        "rpc error: code = Unimplemented desc = unknown service runtime.v1.RuntimeService",
        "rpc error: code = Unavailable desc = connection error: reading server preface: http2: frame too large",
    ],
)
def test_whoever_listens_and_is_no_cri_runtime_at_all_is_not_silent(said: str) -> None:
    why = as_error(Ran(1, "", f"{said}\n"), "listing the pods", "unix:///run/containerd/containerd.sock").why
    odd = Problem("backend:crictl", "asking crictl", why)
    shown = replace(node(factories.pod()), problems=(odd,))
    assert ids(shown) == []
    left = Unclaimed(ns(NamespaceKind.NET, 77), ("/run/netns/cni-77",))
    assert ids(replace(shown, unclaimed=(left,))) == ["leaked-netns"]


def test_while_a_runtime_is_silent_nothing_is_called_leaked() -> None:
    left = Unclaimed(ns(NamespaceKind.NET, 77), ("/run/netns/cni-77",))
    shown = replace(node(factories.pod()), unclaimed=(left,))
    silent = Problem("backend:docker", "asking docker", "no answer")
    assert ids(replace(shown, stale=True)) == []
    assert ids(replace(shown, problems=(silent,))) == ["runtime-does-not-answer"]


def test_of_one_kubernetes_namespace_nothing_is_told_of_others_or_of_the_node() -> None:
    left = Unclaimed(ns(NamespaceKind.NET, 77), ("/run/netns/cni-77",))
    bad = [
        replace(factories.pod("a", namespace=name, base=base), state=NOTREADY, sandboxes=sandboxes(NOTREADY))
        for name, base in (("shop", 10), ("default", 100))
    ]
    shown = replace(node(*bad), unclaimed=(left,))
    lost = Reservation("net", "10.244.1.6", "f" * 64, "/n/10.244.1.6")
    told = {(one.id, one.subject) for one in found(shown, reservations=(lost,), namespace="shop")}
    key = bad[0].key
    assert told == {("notready-with-running-members", key), ("duplicate-address", key)}


def test_a_pin_that_was_made_just_now_may_be_a_pod_that_is_coming() -> None:
    left = Unclaimed(ns(NamespaceKind.NET, 77), ("/run/netns/cni-77",))
    assert ids(replace(node(factories.pod()), unclaimed=(left,)), node(factories.pod())) == []


def test_an_address_kept_for_a_sandbox_that_is_gone_is_found() -> None:
    shown = node(replace(factories.pod(), sandboxes=sandboxes(READY)))
    kept = Reservation("net", "10.244.1.5", shown.pods[0].sandboxes[0].id, "/n/10.244.1.5")
    lost = Reservation("net", "10.244.1.6", "f" * 64, "/n/10.244.1.6")
    (one,) = found(shown, reservations=(kept, lost))
    assert (one.id, one.subject) == ("address-reserved-for-nobody", "/n/10.244.1.6")
    assert one.command == "rm /n/10.244.1.6"


def test_an_address_reserved_for_what_is_no_sandbox_of_the_cri_is_not_ours_to_judge() -> None:
    shown = node(replace(factories.pod(), sandboxes=sandboxes(READY)))
    assert found(shown, reservations=(Reservation("bridge", "10.4.0.2", f"default-{'f' * 64}", "/n/x"),)) == ()


def test_when_the_runtime_does_not_answer_no_reservation_is_called_lost() -> None:
    shown = replace(node(factories.pod()), stale=True)
    assert found(shown, reservations=(Reservation("net", "10.244.1.6", "f" * 64, "/n/10.244.1.6"),)) == ()


def test_one_address_in_two_pods_is_found() -> None:
    assert ids(node(factories.pod("a"), factories.pod("b", base=100))) == ["duplicate-address"]


def test_an_address_that_a_helper_gives_to_each_rootless_pod_is_no_duplicate() -> None:
    pods = [
        replace(factories.pod(name, base=base, address="10.0.2.100"), runtime_addresses=(), backend="podman")
        for name, base in (("a", 10), ("b", 100))
    ]
    kubelets, own = (
        replace(node(*(replace(pod, brought_back_by=who) for pod in pods)), backend="podman")
        for who in (Restorer.KUBELET, Restorer.NOBODY)
    )
    assert "duplicate-address" in ids(kubelets)
    assert "duplicate-address" not in ids(own)


def test_an_address_of_a_second_network_that_no_runtime_gave_out_may_be_there_twice() -> None:
    pods = [
        replace(
            factories.pod(name, base=base, address=f"10.0.0.{base}"), addresses=(f"10.0.0.{base}", "192.168.9.1")
        )
        for name, base in (("a", 10), ("b", 100))
    ]
    assert ids(node(*pods)) == []


def test_two_programs_of_one_pod_on_one_port_are_found_with_their_containers() -> None:
    pod = factories.pod()
    pids = [one.process.pid for one in pod.members if one.process]
    listeners = (
        Listener("tcp", 4, "0.0.0.0", 80, inode=1, owners=(pids[0],)),
        Listener("tcp", 4, "127.0.0.1", 80, inode=2, owners=(pids[1],)),
    )
    assert pod.net is not None
    view = NetworkView(pod.net, 1.0, "netlink", listeners=listeners)
    (one,) = found(replace(node(pod), networks={pod.key: view}))
    assert one.id == "port-clash"
    assert "nginx" in one.evidence[1]
    assert "sidecar" in one.evidence[1]


def test_a_proxy_with_the_pods_address_before_a_server_on_localhost_is_no_clash() -> None:
    pod = factories.pod()
    pids = [one.process.pid for one in pod.members if one.process]
    listeners = (
        Listener("tcp", 4, "10.244.1.5", 9100, inode=1, owners=(pids[0],)),
        Listener("tcp", 4, "127.0.0.1", 9100, inode=2, owners=(pids[1],)),
    )
    assert pod.net is not None
    assert ids(replace(node(pod), networks={pod.key: NetworkView(pod.net, 1.0, listeners=listeners)})) == []


def test_a_stopped_pause_is_to_be_continued() -> None:
    pod = factories.pod()
    assert pod.pause is not None
    assert pod.pause.process is not None
    (one,) = found(replace(node(pod), vitals={pod.pause.process: Vitals("T", 2**20, 0.0)}))
    assert one.command == f"kill -CONT {pod.pause.process.pid}"


def test_two_pods_of_the_hosts_network_have_no_address_of_their_own_to_share() -> None:
    pods = [replace(factories.pod(name), host_network=True) for name in "ab"]
    assert ids(node(*pods)) == []


def test_a_member_that_ended_for_good_is_no_loop() -> None:
    pod = factories.pod()
    member = replace(pod.members[0], state=ContainerState.EXITED, process=None, exit_code=0, finished_at=NOW)
    assert ids(node(replace(pod, members=(member,)))) == []


def test_a_pod_whose_link_was_switched_off_is_found_with_the_command_that_switches_it_on() -> None:
    off = replace(factories.pod(), links=(LinkState("eth0", "down", 1500),))
    (finding,) = found(node(off))
    assert (finding.id, finding.evidence) == ("link-down", ("eth0: down",))
    assert finding.command == "nsenter -n -t 1000 ip link set eth0 up"


def test_a_pod_whose_other_end_is_down_is_to_be_mended_on_the_node() -> None:
    (finding,) = found(node(replace(factories.pod(), links=(LinkState("eth0", "no carrier", 1500),))))
    assert (finding.command, finding.do.split(",")[0]) == ("ip -br link", "switch on its other end")


def test_a_pod_without_a_default_route_beside_one_that_has_it_is_found_and_not_among_an_engines() -> None:
    link = (LinkState("eth0", "up", 1500),)
    lost = replace(factories.pod(), links=link, routes=())
    other = replace(factories.pod("other", base=300, address="10.244.1.9"), routes=("default via 10.244.1.1",))
    both = node(lost, other)
    assert ids(both) == ["no-default-route"]
    assert ids(replace(both, backend="docker")) == []

"""Each finding where there is reason for it, and none where there is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pausetui.core.actions import SIGNALS, Abilities
from pausetui.core.doctor.checks import findings
from pausetui.core.doctor.finding import Examined, Finding, Reservation
from pausetui.core.inventory import ContainerState, PastAttempt, PodState, Runtime, Sandbox
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.network import Listener, NetworkView
from pausetui.core.observation import Problem, Vitals
from pausetui.core.snapshot import Pod, Snapshot, Unclaimed
from tests import factories
from tests.factories import NOW, ns

CRICTL = Runtime("containerd", "1.6.20", "unix:///x.sock", command=("crictl",))


def node(*pods: Pod) -> Snapshot:
    return replace(
        factories.snapshot(*pods), backend="crictl", runtime=CRICTL, abilities=Abilities(by_signal=SIGNALS)
    )


def found(
    snapshot: Snapshot, before: Snapshot | None = None, reservations: tuple[Reservation, ...] = ()
) -> tuple[Finding, ...]:
    return findings(Examined(snapshot, before or snapshot, reservations))


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


def test_an_orphan_whose_pause_is_gone_has_to_be_made_anew() -> None:
    pod = factories.pod()
    member = replace(pod.members[0], joins="f" * 64)
    pod = replace(pod, pause=None, members=(member,), orphans=(member.key,), addresses=())
    orphan = next(one for one in found(node(pod)) if one.id == "orphan-member")
    assert orphan.do.startswith("make it anew")


def test_an_address_that_only_the_runtime_has_is_stale() -> None:
    pod = replace(factories.pod(), runtime_addresses=("10.244.1.5",), addresses=())
    assert ids(node(pod)) == ["stale-address"]


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
    assert one.do.startswith(f"crictl stopp {'0' * 13} ends what still runs (nginx, sidecar)")


def test_a_sandbox_that_was_ready_a_moment_ago_may_be_about_to_be_remade() -> None:
    pod = replace(factories.pod(), state=NOTREADY)
    assert ids(node(pod), node(factories.pod())) == []


def test_two_ready_sandboxes_of_one_pod_are_found() -> None:
    assert ids(node(replace(factories.pod(), sandboxes=sandboxes(READY, READY)))) == ["two-ready-sandboxes"]


def test_dead_sandboxes_that_pile_up_are_found() -> None:
    pod = replace(factories.pod(), sandboxes=sandboxes(READY, *[NOTREADY] * 4))
    assert ids(node(pod)) == ["sandboxes-pile-up"]


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
    assert ids(shown) == ["runtime-does-not-answer"]
    assert ids(shown, node(factories.pod())) == []


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


def test_a_network_that_only_a_pin_keeps_alive_is_found_with_the_command_that_ends_it() -> None:
    left = Unclaimed(ns(NamespaceKind.NET, 77), ("/run/netns/cni-77",), ("10.244.1.9",))
    (one,) = found(replace(node(factories.pod()), unclaimed=(left,)))
    assert (one.id, one.do) == ("leaked-netns", "ip netns delete cni-77")
    assert "10.244.1.9" in one.evidence[1]


def test_a_pin_that_was_made_just_now_may_be_a_pod_that_is_coming() -> None:
    left = Unclaimed(ns(NamespaceKind.NET, 77), ("/run/netns/cni-77",))
    assert ids(replace(node(factories.pod()), unclaimed=(left,)), node(factories.pod())) == []


def test_an_address_kept_for_a_sandbox_that_is_gone_is_found() -> None:
    shown = node(replace(factories.pod(), sandboxes=sandboxes(READY)))
    kept = Reservation("net", "10.244.1.5", shown.pods[0].sandboxes[0].id, "/n/10.244.1.5")
    lost = Reservation("net", "10.244.1.6", "f" * 64, "/n/10.244.1.6")
    (one,) = found(shown, reservations=(kept, lost))
    assert (one.id, one.subject, one.do) == ("address-reserved-for-nobody", "/n/10.244.1.6", "rm /n/10.244.1.6")


def test_when_the_runtime_does_not_answer_no_reservation_is_called_lost() -> None:
    shown = replace(node(factories.pod()), stale=True)
    assert found(shown, reservations=(Reservation("net", "10.244.1.6", "f" * 64, "/n/10.244.1.6"),)) == ()


def test_one_address_in_two_pods_is_found() -> None:
    assert ids(node(factories.pod("a"), factories.pod("b", base=100))) == ["duplicate-address"]


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


def test_two_pods_of_the_hosts_network_have_no_address_of_their_own_to_share() -> None:
    pods = [replace(factories.pod(name), host_network=True) for name in "ab"]
    assert ids(node(*pods)) == []


def test_a_member_that_ended_for_good_is_no_loop() -> None:
    pod = factories.pod()
    member = replace(pod.members[0], state=ContainerState.EXITED, process=None, exit_code=0, finished_at=NOW)
    assert ids(node(replace(pod, members=(member,)))) == []

"""What a confirmation says before anything is done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pausetui.core.actions import SIGNALS, ActionKind, NotPossible, Offer
from pausetui.core.inventory import ContainerState, Restorer
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.predict.offers import offer
from pausetui.core.snapshot import Pod, PodPin, Sharer
from tests import factories


def offered(pod: Pod, kind: ActionKind = ActionKind.DELETE_PAUSE, member: int = 0) -> Offer:
    made = offer(factories.snapshot(pod), kind, pod.members[member].key)
    assert isinstance(made, Offer)
    return made


def refused(pod: Pod, kind: ActionKind, key: str) -> str:
    made = offer(factories.snapshot(pod), kind, key)
    assert isinstance(made, NotPossible)
    return made.why


@pytest.mark.parametrize("kind", sorted(SIGNALS))
def test_what_cannot_be_read_is_not_touched_and_the_reason_is_that_it_needs_root(kind: ActionKind) -> None:
    pod = factories.pod()
    assert pod.pause is not None
    hidden = replace(
        pod,
        pause=replace(pod.pause, cannot_read=True),
        members=tuple(replace(one, cannot_read=True) for one in pod.members),
    )
    assert refused(hidden, kind, hidden.members[0].key).startswith("needs root")


def test_deleting_the_pause_asks_for_the_pods_name() -> None:
    assert offered(factories.pod()).type_to_confirm == "web"


def test_deleting_the_pause_is_for_the_very_pause_process_and_its_network_namespace() -> None:
    pod = factories.pod()
    assert pod.pause is not None
    target = offered(pod).target
    assert target is not None
    assert (target.process, target.net) == (pod.pause.process, pod.pause.namespaces.net)


def test_with_somebody_to_bring_it_back_the_pod_is_said_to_come_as_the_next_attempt_with_a_new_address() -> None:
    last = offered(factories.pod()).effects[-1]
    assert "the lab's supervisor" in last
    assert "attempt 1" in last
    assert "new address (now 10.244.1.5)" in last


def test_with_nobody_to_bring_it_back_the_pod_is_said_to_stay_away() -> None:
    pod = replace(factories.pod(), brought_back_by=Restorer.NOBODY)
    assert offered(pod).effects[-1] == "Nobody brings the pod back."


def test_where_it_is_not_known_who_brings_it_back_that_is_said() -> None:
    pod = replace(factories.pod(), brought_back_by=None)
    assert "not known" in offered(pod).effects[-1]


def test_with_a_shared_pid_namespace_the_kernel_is_said_to_end_every_member() -> None:
    pod = factories.pod()
    assert pod.pause is not None
    shared = tuple(
        replace(member, namespaces=replace(member.namespaces, pid=pod.pause.namespaces.pid))
        for member in pod.members
    )
    assert "the kernel ends every member" in offered(replace(pod, members=shared)).effects[1]


def test_of_members_only_those_in_the_pauses_pid_namespace_are_said_to_be_ended_by_the_kernel() -> None:
    pod = factories.pod()
    assert pod.pause is not None
    one, *rest = pod.members
    inside = replace(one, namespaces=replace(one.namespaces, pid=pod.pause.namespaces.pid))
    said = offered(replace(pod, members=(inside, *rest))).effects
    assert f"The kernel ends {one.name} with it" in said[1]
    assert f"The members ({rest[0].name}) run on" in said[1]
    assert "Until then the members keep net, ipc and uts alive" in said[2]


def test_a_pinned_network_namespace_is_said_to_outlive_pause() -> None:
    pod = replace(factories.pod(), pins=(PodPin(NamespaceKind.NET, "/run/netns/cni-1"),))
    assert "outlives pause: it is pinned at /run/netns/cni-1" in offered(pod).effects[2]


def test_processes_from_outside_are_named_before_the_pause_is_deleted() -> None:
    pod = factories.pod()
    assert pod.members[0].process is not None
    shell = Sharer(replace(pod.members[0].process, pid=4711), "bash", (NamespaceKind.NET,))
    assert "bash (pid 4711)" in offered(replace(pod, sharers=(shell,))).before_you_confirm[0]


@pytest.mark.parametrize(
    ("kind", "signal"), [(ActionKind.RESTART_MEMBER, "kill -TERM"), (ActionKind.KILL_MEMBER, "kill -KILL")]
)
def test_an_action_on_a_member_shows_the_command_that_does_the_same(kind: ActionKind, signal: str) -> None:
    assert offered(factories.pod(), kind).command == f"{signal} 1001"


def test_restarting_a_member_is_said_to_leave_the_address_alone() -> None:
    assert "they stay, and so does 10.244.1.5" in offered(factories.pod(), ActionKind.RESTART_MEMBER).effects[-1]


def test_a_member_that_nobody_would_start_again_needs_its_name_typed() -> None:
    pod = replace(factories.pod(), brought_back_by=Restorer.NOBODY)
    assert offered(pod, ActionKind.KILL_MEMBER).type_to_confirm == "nginx"


def test_a_member_that_is_not_running_is_not_offered() -> None:
    pod = factories.pod()
    ended = replace(pod.members[0], state=ContainerState.EXITED, process=None)
    why = refused(replace(pod, members=(ended,)), ActionKind.RESTART_MEMBER, ended.key)
    assert why == "nginx is not running"


def test_a_pod_without_pause_has_none_to_delete() -> None:
    pod = replace(factories.pod(), pause=None)
    assert "no pause container" in refused(pod, ActionKind.DELETE_PAUSE, pod.key)


def test_what_is_gone_is_not_offered() -> None:
    assert refused(factories.pod(), ActionKind.KILL_MEMBER, "nobody") == "it is gone"


def test_on_a_proc_that_is_not_ours_nothing_is_offered() -> None:
    pod = factories.pod()
    snapshot = replace(factories.snapshot(pod), read_only_because="this /proc is not ours")
    made = offer(snapshot, ActionKind.DELETE_PAUSE, pod.key)
    assert made == NotPossible(ActionKind.DELETE_PAUSE, "this /proc is not ours")


def test_an_action_for_members_asks_for_a_member_where_a_whole_pod_is_chosen() -> None:
    pod = factories.pod()
    assert "choose a member of default/web" in refused(pod, ActionKind.RESTART_MEMBER, pod.key)


def test_without_a_pause_the_other_members_are_said_to_be_left_in_the_old_network() -> None:
    pod = replace(factories.pod(), pause=None)
    last = offered(pod, ActionKind.KILL_MEMBER).effects[-1]
    assert "sidecar is left in the old one, orphaned" in last


def test_without_a_pause_the_last_member_is_said_to_take_the_network_with_it() -> None:
    pod = replace(factories.pod(members=("nginx",)), pause=None)
    assert "they end with it" in offered(pod, ActionKind.KILL_MEMBER).effects[-1]

"""What is done to real pods of containerd through a running session, and whether it was predicted."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from pausetui.core.actions import ActionKind
from pausetui.core.changes import ChangeKind
from pausetui.core.inventory import ContainerState, PodState, Restorer
from pausetui.core.snapshot import Pod
from tests.real.containerd import Bed, containerd
from tests.real.cri_specs import Member, PodSpec, pod
from tests.real.cri_watch import Watched, is_new_pod, is_up, member, running, spaces, watching
from tests.waiting import until

pytestmark = pytest.mark.real

STUBBORN = "trap '' TERM; while true; do sleep 1; done"


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with containerd() as node:
        yield node


@pytest.fixture(scope="module")
def watched(bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watching(bed, tmp_path_factory.mktemp("journal")) as one:
        yield one


@pytest.fixture
def web(bed: Bed) -> Iterator[PodSpec]:
    """A pod that nobody brings back."""
    spec = bed.node.run(pod("web", Member("nginx"), Member("sidecar"))).spec
    yield spec
    bed.node.remove_pod(spec)


@pytest.fixture
def kept(bed: Bed) -> Iterator[PodSpec]:
    """The same with a kubelet."""
    spec = pod("web", Member("nginx"), Member("sidecar"))
    with bed.kubelet(spec, backoff=1, relist=0.2):
        yield spec
    bed.node.remove_pod(spec)


def address(shown: Pod) -> str:
    assert shown.addresses
    return shown.addresses[0]


def is_left(shown: Pod) -> bool:
    """Whether it is up with its pin, and known to be nobody's."""
    return is_up(shown) and bool(shown.pins) and shown.brought_back_by is Restorer.NOBODY


def is_kept(shown: Pod) -> bool:
    """Whether it is up with its pin, and known to be kubelet's."""
    return is_up(shown) and bool(shown.pins) and shown.brought_back_by is Restorer.KUBELET


def pin(shown: Pod) -> str:
    return next(one.path for one in shown.pins if one.kind == "net")


def pid(shown: Pod, name: str) -> int:
    process = member(shown, name).process
    assert process is not None
    return process.pid


# a member


def test_a_restarted_member_is_started_again_by_kubelet_in_the_same_namespaces(
    kept: PodSpec, watched: Watched
) -> None:
    before = watched.pod_now(kept.uid, is_kept)
    asked = watched.offer(ActionKind.RESTART_MEMBER, member(before, "nginx").key)
    assert asked.effects == (
        f"nginx (pid {pid(before, 'nginx')}) is asked to end (SIGTERM), "
        "and ended by SIGKILL if it has not after 2 s.",
        "Then kubelet starts it again as attempt 1, with a new pid; after repeated ends it waits longer each time.",
        f"The pause container holds net, ipc and uts: they stay, and so does {address(before)}. sidecar runs on.",
    )
    action = watched.session.submit(asked)
    after = watched.pod(kept.uid, lambda one: is_up(one) and member(one, "nginx").attempt == 1)
    assert pid(after, "nginx") != pid(before, "nginx")
    assert [life.attempt for life in member(after, "nginx").previous] == [0]
    assert spaces(after) == spaces(before)
    assert after.addresses == before.addresses
    assert (after.pause, member(after, "sidecar")) == (before.pause, member(before, "sidecar"))
    assert member(after, "nginx").namespaces.net == spaces(before)[0]
    assert ChangeKind.CONTAINER_RESTARTED in dict(watched.followed(action))


def test_what_was_done_is_on_record_with_what_was_predicted_and_what_followed(
    kept: PodSpec, watched: Watched
) -> None:
    before = watched.pod_now(kept.uid, is_kept)
    nginx = member(before, "nginx")
    assert nginx.runtime_id is not None
    asked = watched.offer(ActionKind.RESTART_MEMBER, nginx.key)
    action = watched.session.submit(asked)
    watched.pod(kept.uid, lambda one: is_up(one) and member(one, "nginx").attempt == 1)
    until(lambda: len(watched.journal(action)) >= 3, what="three lines in the journal")
    intent, *more = watched.journal(action)
    assert intent["step"] == "intent"
    assert intent["predicted"] == list(asked.effects)
    assert intent["target"]["runtime_id"] == nginx.runtime_id
    assert intent["command"].endswith(f"stop --timeout 2 {nginx.runtime_id[:13]}")
    sent = next(line for line in more if line["step"] == "sent")
    assert sent["text"] == f"crictl stop --timeout 2 {nginx.runtime_id[:12]}…: stopped"
    assert "container_restarted" in {line["change"] for line in more if line["step"] == "observed"}


def test_a_restarted_member_stays_ended_where_there_is_no_kubelet(web: PodSpec, watched: Watched) -> None:
    before = watched.pod_now(web.uid, is_left)
    asked = watched.offer(ActionKind.RESTART_MEMBER, member(before, "nginx").key)
    assert asked.effects[1] == "Nobody starts it again."
    assert asked.before_you_confirm == ("Nothing is known that would start it again.",)
    assert watched.outcome(watched.session.submit(asked)).done
    watched.pod(web.uid, lambda one: member(one, "nginx").exit_code is not None)
    watched.asked_again()
    after = watched.pod(web.uid)
    assert (after.state, running(after), after.addresses) == (PodState.READY, {"sidecar"}, before.addresses)
    assert spaces(after) == spaces(before)


def test_a_killed_member_is_started_again_by_kubelet_in_the_same_namespaces(
    kept: PodSpec, watched: Watched
) -> None:
    before = watched.pod_now(kept.uid, is_kept)
    asked = watched.offer(ActionKind.KILL_MEMBER, member(before, "sidecar").key)
    assert asked.effects[:2] == (
        f"sidecar (pid {pid(before, 'sidecar')}) ends at once, by SIGKILL.",
        "Then kubelet starts it again as attempt 1, with a new pid; after repeated ends it waits longer each time.",
    )
    watched.session.submit(asked)
    after = watched.pod(kept.uid, lambda one: is_up(one) and member(one, "sidecar").attempt == 1)
    assert [life.exit_code for life in member(after, "sidecar").previous] == [137]
    assert (spaces(after), after.addresses) == (spaces(before), before.addresses)
    assert member(after, "nginx") == member(before, "nginx")


def test_a_killed_member_stays_ended_where_there_is_no_kubelet(web: PodSpec, watched: Watched) -> None:
    before = watched.pod_now(web.uid, is_left)
    asked = watched.offer(ActionKind.KILL_MEMBER, member(before, "sidecar").key)
    assert asked.effects[1] == "Nobody starts it again."
    watched.session.submit(asked)
    watched.pod(web.uid, lambda one: member(one, "sidecar").exit_code == 137)
    watched.asked_again()
    after = watched.pod(web.uid)
    assert running(after) == {"nginx"}
    assert (spaces(after), after.addresses) == (spaces(before), before.addresses)


def test_while_a_member_takes_its_thirty_seconds_to_end_the_rest_is_live(bed: Bed, watched: Watched) -> None:
    told = len(watched.pictures)
    slow = bed.node.run(pod("slow", Member("stubborn", STUBBORN), grace=30))
    other = bed.node.run(pod("other", Member("a"), Member("b")))
    before, beside = watched.pod("slow", is_up), watched.pod("other", is_up)
    asked = watched.offer(ActionKind.RESTART_MEMBER, member(before, "stubborn").key)
    assert asked.effects[0].endswith("is asked to end (SIGTERM), and ended by SIGKILL if it has not after 30 s.")
    action = watched.session.submit(asked)
    until(lambda: any("stop" in call.argv for call in bed.calls()), what="crictl stop")
    os.kill(pid(beside, "a"), signal.SIGKILL)
    until(lambda: "default/other a ended" in watched.timeline(), what="the other pod's news")
    bed.node.run_member(other, other.spec.members[0], 1, 1)
    watched.pod("other", lambda one: is_up(one) and member(one, "a").attempt == 1)
    assert not watched.snapshot.stale
    assert not any(one.outcomes for one in watched.pictures[told:])
    assert pid(watched.pod("slow", is_up), "stubborn") == pid(before, "stubborn")
    os.kill(bed.node.pid(slow.members["stubborn"]), signal.SIGKILL)
    assert watched.outcome(action).done
    for each in (slow, other):
        bed.node.remove_pod(each.spec)


# the pause process


def test_a_pause_that_is_killed_leaves_members_and_address_where_there_is_no_kubelet(
    web: PodSpec, watched: Watched
) -> None:
    before = watched.pod_now(web.uid, is_left)
    assert before.pause is not None
    assert before.pause.process is not None
    asked = watched.offer(ActionKind.DELETE_PAUSE, before.key)
    assert asked.effects == (
        f"The pause process (pid {before.pause.process.pid}) ends at once, by SIGKILL.",
        "The members (nginx, sidecar) run on: only pause ends.",
        f"The network namespace outlives pause: it is pinned at {pin(before)}.",
        "Nobody brings the pod back.",
    )
    assert asked.before_you_confirm == ("Nothing is known that would undo this.",)
    action = watched.session.submit(asked)
    watched.pod(web.uid, lambda one: one.state is PodState.NOTREADY)
    watched.asked_again()
    after = watched.pod(web.uid)
    assert after.state is PodState.NOTREADY
    assert after.members == before.members
    assert after.addresses == after.runtime_addresses == before.addresses
    assert after.net == before.net
    assert pin(after) == pin(before)
    kinds = set(dict(watched.followed(action)))
    assert ChangeKind.SANDBOX_STATE in kinds
    assert not kinds & {ChangeKind.ADDRESS_CHANGED, ChangeKind.SANDBOX_ADDED, ChangeKind.NAMESPACE_CHANGED}


@pytest.mark.parametrize("identity", ["ns_id", "generation"])
def test_a_pod_whose_pause_is_killed_is_made_again_by_kubelet_and_keeps_its_address_until_then(
    bed: Bed, tmp_path: Path, identity: str
) -> None:
    spec = pod("web", Member("nginx"), Member("sidecar"))
    with bed.kubelet(spec, backoff=1), watching(bed, tmp_path, identity=identity) as watched:
        before = watched.pod_now(spec.uid, is_kept)
        asked = watched.offer(ActionKind.DELETE_PAUSE, before.key)
        assert asked.effects[1:] == (
            "The members (nginx, sidecar) run on for a moment, until kubelet ends them too.",
            f"The network namespace outlives pause: it is pinned at {pin(before)}.",
            "Then kubelet makes the pod again as sandbox attempt 1: new net, ipc and uts namespaces, a new address "
            f"(now {address(before)}), every member started anew. Name and uid stay.",
        )
        action = watched.session.submit(asked)
        after = watched.pod(spec.uid, is_new_pod(before))
    bed.node.remove_pod(spec)
    assert (after.key, after.attempt, after.uid) == (before.key, 1, spec.uid)
    assert not set(spaces(after)) & set(spaces(before))
    assert after.addresses == after.runtime_addresses != before.addresses
    for name in ("nginx", "sidecar"):
        assert member(after, name).attempt == 1
        assert pid(after, name) != pid(before, name)
        assert member(after, name).namespaces.net == after.net
    between = [
        one for picture in watched.pictures for one in picture.snapshot.pods if one.state is PodState.NOTREADY
    ]
    assert between[0].addresses == before.addresses
    assert running(between[0]) <= {"nginx", "sidecar"}, "how many are left depends on when kubelet looks"
    kinds = set(dict(watched.followed(action)))
    assert {ChangeKind.SANDBOX_STATE, ChangeKind.SANDBOX_ADDED, ChangeKind.ADDRESS_CHANGED} <= kinds
    told = [text for kind, text in watched.followed(action) if kind is ChangeKind.ADDRESS_CHANGED]
    assert address(before) in told[0]
    assert address(after) in told[-1]


def test_a_pause_that_is_pid_1_of_all_takes_every_member_with_it(bed: Bed, watched: Watched) -> None:
    spec = bed.node.run(pod("api", Member("a"), Member("b"), shared_pid=True)).spec
    before = watched.pod_now(spec.uid, is_left)
    asked = watched.offer(ActionKind.DELETE_PAUSE, before.key)
    assert asked.effects[1:] == (
        "Pause is pid 1 of this pod's pid namespace: the kernel ends every member with it (a, b).",
        f"The network namespace outlives pause: it is pinned at {pin(before)}.",
        "Nobody brings the pod back.",
    )
    watched.session.submit(asked)
    watched.pod(spec.uid, lambda one: all(each.exit_code == 137 for each in one.members))
    watched.asked_again()
    after = watched.pod(spec.uid)
    assert (after.state, running(after)) == (PodState.NOTREADY, set())
    assert pin(after) == pin(before)
    assert after.addresses == before.addresses
    ends = [one for one in watched.events if one.change.pod_key == spec.uid and one.change.text.endswith(" ended")]
    assert {one.change.text for one in ends} == {"pause ended", "a ended", "b ended"}
    assert len({one.at for one in ends}) == 1
    bed.node.remove_pod(spec)


def test_a_pod_whose_members_end_with_its_pause_is_made_again_by_kubelet(bed: Bed, watched: Watched) -> None:
    spec = pod("api", Member("init", "true", init=True), Member("api"), shared_pid=True)
    with bed.kubelet(spec, backoff=1, relist=0.2):
        before = watched.pod_now(spec.uid, is_kept)
        asked = watched.offer(ActionKind.DELETE_PAUSE, before.key)
        assert "the kernel ends every member with it (api)" in asked.effects[1]
        assert asked.effects[3].startswith("Then kubelet makes the pod again as sandbox attempt 1: ")
        watched.session.submit(asked)
        after = watched.pod(spec.uid, is_new_pod(before))
    bed.node.remove_pod(spec)
    assert after.attempt == 1
    assert not set(spaces(after)) & set(spaces(before))
    assert after.addresses != before.addresses
    assert [life.exit_code for life in member(after, "api").previous] == [137]


# the sandbox


def test_a_sandbox_that_is_stopped_loses_its_network_and_is_not_brought_back_without_a_kubelet(
    web: PodSpec, watched: Watched
) -> None:
    before = watched.pod_now(web.uid, is_left)
    asked = watched.offer(ActionKind.STOP_SANDBOX, before.key)
    assert asked.effects == (
        "containerd ends every member (nginx, sidecar) at once, then pause.",
        f"It takes the network namespace down: {address(before)} is given back.",
        "Nobody brings the pod back. It stays as a NotReady sandbox until it is removed.",
    )
    action = watched.session.submit(asked)
    watched.pod(web.uid, lambda one: one.runtime_addresses == () and one.state is PodState.NOTREADY)
    watched.asked_again()
    after = watched.pod(web.uid)
    assert watched.outcome(action).text == f"crictl stopp {before.sandboxes[0].id[:12]}…: stopped"
    assert [one.state for one in after.members] == [ContainerState.EXITED] * 2
    assert (after.state, after.addresses, after.pins, after.net) == (PodState.NOTREADY, (), (), None)
    assert [one.attempt for one in after.sandboxes] == [0]
    assert ChangeKind.ADDRESS_CHANGED in dict(watched.followed(action))


def test_a_sandbox_that_is_stopped_is_followed_by_another_attempt_where_there_is_a_kubelet(
    kept: PodSpec, watched: Watched
) -> None:
    before = watched.pod_now(kept.uid, is_kept)
    asked = watched.offer(ActionKind.STOP_SANDBOX, before.key)
    assert asked.effects[2].startswith(
        "Then kubelet makes the pod again as sandbox attempt 1: new net, ipc and uts"
    )
    watched.session.submit(asked)
    after = watched.pod(kept.uid, lambda one: is_new_pod(before)(one) and bool(one.pins))
    assert (after.key, after.attempt) == (before.key, 1)
    assert not set(spaces(after)) & set(spaces(before))
    assert [member(after, name).attempt for name in ("nginx", "sidecar")] >= [1, 1]
    assert pin(after) != pin(before)


def test_a_sandbox_that_is_removed_is_forgotten_where_there_is_no_kubelet(web: PodSpec, watched: Watched) -> None:
    before = watched.pod_now(web.uid, is_left)
    asked = watched.offer(ActionKind.REMOVE_SANDBOX, before.key)
    assert asked.effects[2:] == (
        "It forgets the sandbox and all its containers, their exit codes and earlier attempts with them.",
        "Nobody brings the pod back.",
    )
    action = watched.session.submit(asked)
    until(lambda: watched.snapshot.pod(web.uid) is None, 20, "the pod's end")
    assert watched.asked_again().pod(web.uid) is None
    assert web.uid in {gone.pod.uid for gone in watched.pictures[-1].gone}
    assert watched.outcome(action).text == f"crictl rmp -f {before.sandboxes[0].id[:12]}…: stopped and removed"
    assert ChangeKind.POD_GONE in dict(watched.followed(action))


def test_a_sandbox_that_is_removed_is_made_again_by_kubelet_without_a_past(kept: PodSpec, watched: Watched) -> None:
    before = watched.pod_now(kept.uid, is_kept)
    asked = watched.offer(ActionKind.REMOVE_SANDBOX, before.key)
    assert asked.effects[3].startswith("Then kubelet makes the pod again: new net, ipc and uts namespaces")
    watched.session.submit(asked)
    after = watched.pod(kept.uid, is_new_pod(before))
    assert after.key == before.key
    assert [one.id for one in after.sandboxes] != [one.id for one in before.sandboxes]
    assert len(after.sandboxes) == 1
    assert all(not one.previous for one in after.members)
    assert not set(spaces(after)) & set(spaces(before))

"""What counts as a change between two snapshots."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from pausetui.core.changes import Change, ChangeKind
from pausetui.core.diff import diff
from pausetui.core.inventory import ContainerState, PodState
from pausetui.core.memory import NOTHING, remember
from pausetui.core.namespaces import NOTHING_KNOWN, NamespaceKind
from pausetui.core.observation import Problem, ProcessId
from pausetui.core.snapshot import Container, Pod, Snapshot
from tests import factories, strategies
from tests.factories import ns


def kinds(changes: tuple[Change, ...]) -> list[ChangeKind]:
    return [change.kind for change in changes]


def _any_pod(draw: st.DrawFn, name: str) -> Pod:
    pod = factories.pod(name, pid=draw(st.sampled_from([1000, 2000])), attempt=draw(st.integers(0, 1)))
    return replace(
        pod,
        addresses=draw(st.sampled_from([("10.0.0.1",), ("10.0.0.2",), (), None])),
        state=draw(st.sampled_from(PodState)),
        pause=draw(st.sampled_from([pod.pause, None])),
        members=pod.members[: draw(st.integers(0, 2))],
    )


@st.composite
def some_snapshots(draw: st.DrawFn) -> Snapshot:
    """Snapshots of some of four pods, each in one of many states."""
    names = draw(st.sets(st.sampled_from("abcd")))
    return factories.snapshot(*(_any_pod(draw, name) for name in sorted(names or {"a"})))


def with_member(pod: Pod, name: str, **fields: object) -> Pod:
    def changed(member: Container) -> Container:
        return replace(member, **fields) if member.name == name else member  # type: ignore[arg-type]

    return replace(pod, members=tuple(changed(member) for member in pod.members))


@settings(max_examples=30)
@given(strategies.snapshots())
def test_a_snapshot_does_not_differ_from_itself(snapshot: Snapshot) -> None:
    assert diff(snapshot, replace(snapshot)) == ()


@given(some_snapshots(), some_snapshots())
def test_every_pod_is_exactly_one_of_appeared_gone_and_common(before: Snapshot, after: Snapshot) -> None:
    old, new = {pod.key for pod in before.pods}, {pod.key for pod in after.pods}
    changes = diff(before, after)
    appeared = [change.pod_key for change in changes if change.kind is ChangeKind.POD_APPEARED]
    gone = [change.pod_key for change in changes if change.kind is ChangeKind.POD_GONE]
    assert sorted(appeared) == sorted(new - old)
    assert sorted(gone) == sorted(old - new)
    others = {change.pod_key for change in changes} - set(appeared) - set(gone) - {""}
    assert others <= old & new


@given(some_snapshots(), some_snapshots())
def test_the_order_of_pods_changes_nothing(before: Snapshot, after: Snapshot) -> None:
    turned = replace(after, pods=tuple(reversed(after.pods)))
    assert sorted(map(repr, diff(before, turned))) == sorted(map(repr, diff(before, after)))


def test_a_restarted_member_is_one_restart_and_one_new_pid() -> None:
    pod = factories.pod()
    again = with_member(pod, "nginx", attempt=1, runtime_id="next", process=ProcessId(5000, 99))
    changes = diff(factories.snapshot(pod), factories.snapshot(again))
    assert kinds(changes) == [ChangeKind.CONTAINER_RESTARTED, ChangeKind.PID_CHANGED]
    assert (changes[0].before, changes[0].after) == (0, 1)
    assert (changes[1].before, changes[1].after) == (1001, 5000)


def test_a_container_that_was_started_again_is_restarted_though_nobody_counts_its_attempts() -> None:
    uncounted = with_member(factories.pod(), "nginx", attempt=None)
    before = factories.snapshot(uncounted)
    ended = factories.snapshot(with_member(uncounted, "nginx", process=None, state=ContainerState.EXITED))
    after = factories.snapshot(with_member(uncounted, "nginx", process=ProcessId(5000, 99)))
    changes = diff(ended, after, remember(NOTHING, before))
    assert kinds(changes) == [ChangeKind.CONTAINER_RESTARTED, ChangeKind.PID_CHANGED]


def test_a_life_that_shows_again_because_the_last_one_was_forgotten_is_no_restart() -> None:
    pod = factories.pod(attempt=1)
    before = with_member(pod, "nginx", attempt=1, runtime_id="last")
    older = factories.NOW - timedelta(hours=1)
    after = with_member(
        pod,
        "nginx",
        attempt=0,
        runtime_id="first",
        process=None,
        started_at=older,
        state=ContainerState.EXITED,
        exit_code=0,
    )
    (change,) = diff(factories.snapshot(before), factories.snapshot(after))
    assert change.kind is ChangeKind.CONTAINER_STATE


def test_a_member_that_ends_is_a_change_of_its_state_with_its_exit_code() -> None:
    pod = factories.pod()
    ended = with_member(pod, "nginx", state=ContainerState.EXITED, exit_code=137, reason="Error", process=None)
    (change,) = diff(factories.snapshot(pod), factories.snapshot(ended))
    assert change.kind is ChangeKind.CONTAINER_STATE
    assert change.text == "nginx exited 137 (SIGKILL), Error"


def test_an_exit_code_that_comes_after_the_end_is_a_change_too() -> None:
    pod = factories.pod()
    ended = with_member(pod, "nginx", state=ContainerState.EXITED, process=None)
    known = with_member(ended, "nginx", exit_code=137, reason="Error")
    (change,) = diff(factories.snapshot(ended), factories.snapshot(known))
    assert change.kind is ChangeKind.CONTAINER_STATE
    assert change.text == "nginx exited 137 (SIGKILL), Error"


def test_a_namespace_with_the_same_number_is_still_called_another_one() -> None:
    pod = factories.pod()
    assert pod.pause is not None
    assert pod.pause.namespaces.net is not None
    other = replace(pod.pause.namespaces.net, id=9999)
    remade = replace(pod, pause=replace(pod.pause, namespaces=replace(pod.pause.namespaces, net=other)))
    changes = diff(factories.snapshot(pod), factories.snapshot(remade))
    net = next(change for change in changes if change.container_key == pod.pause.key)
    assert net.kind is ChangeKind.NAMESPACE_CHANGED
    assert net.text.endswith("(same number, another namespace)")


def test_a_pod_that_was_remade_tells_old_and_new_namespace_across_the_gap() -> None:
    before = factories.pod()
    assert before.pause is not None
    away = replace(
        before,
        state=PodState.NOTREADY,
        addresses=(),
        pause=replace(before.pause, state=ContainerState.EXITED, process=None, namespaces=NOTHING_KNOWN),
    )
    new_net = ns(NamespaceKind.NET, 77)
    after = replace(
        before,
        addresses=("10.244.1.8",),
        pause=replace(before.pause, namespaces=replace(before.pause.namespaces, net=new_net)),
    )
    first, second, third = (factories.snapshot(pod) for pod in (before, away, after))
    memory = remember(remember(NOTHING, first), second)
    changes = diff(second, third, memory)
    namespace = next(change for change in changes if change.kind is ChangeKind.NAMESPACE_CHANGED)
    assert (namespace.before, namespace.after) == (before.pause.namespaces.net, new_net)
    address = next(change for change in changes if change.kind is ChangeKind.ADDRESS_CHANGED)
    assert address.text == "IP 10.244.1.8 (was 10.244.1.5)"


def test_members_that_follow_their_pause_into_new_namespaces_are_not_news() -> None:
    before = factories.pod()
    after = factories.pod(base=300, pid=3000, attempt=1)
    changes = diff(factories.snapshot(before), factories.snapshot(after))
    moved = {change.container_key for change in changes if change.kind is ChangeKind.NAMESPACE_CHANGED}
    assert before.pause is not None
    assert moved == {before.pause.key}


def test_a_member_that_does_not_follow_its_pause_is_news() -> None:
    before = factories.pod()
    stranded = with_member(before, "sidecar", process=ProcessId(9, 9))
    member = stranded.members[1]
    other = replace(member.namespaces, net=ns(NamespaceKind.NET, 500))
    stranded = with_member(stranded, "sidecar", namespaces=other)
    changes = diff(factories.snapshot(before), factories.snapshot(stranded))
    assert ChangeKind.NAMESPACE_CHANGED in kinds(changes)


def test_a_process_that_changes_its_namespace_while_it_runs_is_news() -> None:
    before = factories.pod()
    member = before.members[0]
    moved = with_member(before, "nginx", namespaces=replace(member.namespaces, mnt=ns(NamespaceKind.MNT, 600)))
    (change,) = diff(factories.snapshot(before), factories.snapshot(moved))
    assert change.kind is ChangeKind.NAMESPACE_CHANGED


def test_an_address_that_is_lost_is_told_at_once() -> None:
    pod = factories.pod()
    (change,) = diff(factories.snapshot(pod), factories.snapshot(replace(pod, addresses=())))
    assert (change.kind, change.text) == (ChangeKind.ADDRESS_CHANGED, "IP 10.244.1.5 is gone")


def test_an_address_that_can_no_longer_be_read_is_not_called_gone() -> None:
    pod = factories.pod()
    assert diff(factories.snapshot(pod), factories.snapshot(replace(pod, addresses=None))) == ()


def test_a_problem_of_a_container_is_put_under_its_pod() -> None:
    pod = factories.pod()
    before = factories.snapshot(pod)
    after = replace(before, problems=(Problem(pod.members[0].key, "pid 7 of nginx", "not its own"),))
    (change,) = diff(before, after)
    assert (change.kind, change.pod_key) == (ChangeKind.PROBLEM_APPEARED, pod.key)


def test_a_runtime_that_stops_answering_is_a_change_of_the_backend() -> None:
    before = factories.snapshot()
    (change,) = diff(before, replace(before, stale=True))
    assert (change.kind, change.before, change.after) == (ChangeKind.BACKEND_STATE, "live", "stale")


def test_measurements_alone_are_no_change() -> None:
    before = factories.snapshot()
    assert diff(before, replace(before, vitals={})) == ()


def test_a_member_that_becomes_orphaned_is_a_problem_of_its_pod() -> None:
    pod = factories.pod()
    key = pod.members[1].key
    (change,) = diff(factories.snapshot(pod), factories.snapshot(replace(pod, orphans=(key,))))
    assert (change.kind, change.container_key) == (ChangeKind.PROBLEM_APPEARED, key)


def test_a_sandbox_of_an_engine_which_counts_no_attempts_is_told_without_one() -> None:
    one = factories.pod("web")
    plain = replace(one, sandboxes=(replace(one.sandboxes[0], attempt=None),))
    before, after = factories.snapshot(plain), factories.snapshot(replace(plain, sandboxes=()))
    assert "sandbox removed" in [change.text for change in diff(before, after)]
    assert "new sandbox" in [change.text for change in diff(after, before)]

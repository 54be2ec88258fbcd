from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pausetui.core.inventory import ContainerState, Role
from pausetui.core.observation import Problem
from pausetui.core.snapshot import Pod
from pausetui.core.trouble import RECENT, bad_pods, other_problems, troubles
from tests.factories import NOW, container, pod, snapshot
from tests.scenes import api, classic


def said(one: Pod, *problems: Problem, seconds: float = 0) -> list[str]:
    return [trouble.text for trouble in troubles(one, problems, NOW + timedelta(seconds=seconds))]


def test_nothing_is_wrong_with_a_ready_pod_that_was_never_restarted() -> None:
    assert said(pod()) == []


def test_notready_addresses_and_a_failed_member_are_wrong() -> None:
    assert said(api()) == [
        "its sandbox is NotReady",
        "the runtime says 10.244.1.2, the kernel has 10.244.1.6",
        "sidecar has ended",
    ]


def test_an_orphan_is_wrong() -> None:
    assert said(classic()) == ["db is orphaned: it is not in the pod's network namespace"]


def test_a_member_that_ended_well_is_not_wrong() -> None:
    plain = pod()
    done = replace(container(plain.key, "setup", Role.INIT, pid=None), state=ContainerState.EXITED, exit_code=0)
    assert said(replace(plain, members=(done,))) == []


def test_a_pause_that_ended_is_wrong_whatever_its_exit_code() -> None:
    plain = pod()
    assert plain.pause is not None
    ended = replace(plain.pause, state=ContainerState.EXITED, exit_code=0)
    assert said(replace(plain, pause=ended)) == ["pause has ended"]


def test_a_restart_is_wrong_for_ten_minutes_and_says_until_when() -> None:
    plain = pod()
    started = NOW - timedelta(minutes=1)
    restarted = replace(plain.members[0], restarts=1, started_at=started)
    one = replace(plain, members=(restarted,))
    assert said(one) == ["nginx was restarted"]
    assert troubles(one, (), NOW)[0].until == started + RECENT
    assert said(one, seconds=RECENT.total_seconds()) == []


def test_a_problem_belongs_to_the_pod_it_names_or_to_none() -> None:
    plain = pod()
    own, other = Problem(plain.key, "its cgroup", "gone"), Problem("kernel", "pins", "denied")
    assert said(plain, own, other) == ["its cgroup: gone"]
    shown = replace(snapshot(plain), problems=(own, other))
    assert other_problems(shown) == (other,)
    assert bad_pods(shown) == 1

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pausetui.core.inventory import ContainerState, PodState, Restorer, Role
from pausetui.core.observation import Problem
from pausetui.core.snapshot import Container, Pod
from pausetui.core.trouble import RECENT, other_problems, troubles, word_for
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


def test_a_ready_pod_that_has_lost_the_address_its_runtime_gives_out_is_wrong() -> None:
    lost = replace(pod(), addresses=())
    assert said(lost) == ["the runtime says 10.244.1.5, the kernel has none"]
    assert said(replace(lost, host_network=True)) == []
    assert said(replace(lost, state=PodState.NOTREADY)) == ["its sandbox is NotReady"]


def test_an_address_more_than_the_runtime_says_is_nothing_wrong() -> None:
    assert said(replace(pod(), addresses=("10.244.1.5", "192.168.5.2"))) == []
    told = replace(pod(), runtime_addresses=("10.244.1.5", "fd00::5"))
    assert said(told) == ["the runtime says 10.244.1.5, fd00::5, the kernel has 10.244.1.5"]


def test_a_pod_whose_runtime_handler_took_the_address_out_of_the_namespace_has_not_lost_it() -> None:
    assert said(replace(pod(), addresses=(), runtime_handler="runsc")) == []


def test_addresses_that_could_not_be_read_are_nothing_wrong() -> None:
    assert said(replace(pod(), addresses=None)) == []


def test_an_orphan_is_wrong() -> None:
    assert said(classic()) == ["db is orphaned: it is not in the pod's network namespace"]


def test_a_member_of_a_container_that_is_gone_cannot_be_started_again() -> None:
    plain = pod()
    joins = replace(plain.members[0], joins="f" * 64)
    lost = replace(plain, members=(joins,), orphans=(joins.key,), brought_back_by=Restorer.NOBODY)
    gone = f"can't be started again: the container whose network it joined is gone ({'f' * 12})"
    assert said(lost) == [f"nginx is orphaned, and {gone}"]
    assert said(replace(lost, orphans=())) == [f"nginx {gone}"]
    assert said(replace(lost, orphans=(), brought_back_by=Restorer.KUBELET)) == []
    assert said(replace(lost, orphans=(), shares_nothing=True)) == []


def test_a_member_that_ended_well_is_not_wrong() -> None:
    plain = pod()
    done = replace(container(plain.key, "setup", Role.INIT, pid=None), state=ContainerState.EXITED, exit_code=0)
    assert said(replace(plain, members=(done,))) == []


def test_a_pause_that_ended_is_wrong_whatever_its_exit_code() -> None:
    plain = pod()
    assert plain.pause is not None
    assert said(replace(plain, pause=ended(plain.pause))) == ["pause has ended"]


def ended(one: Container) -> Container:
    return replace(one, state=ContainerState.EXITED, exit_code=0, process=None, processes=())


def test_a_pod_in_which_nothing_runs_any_more_is_wrong_whatever_the_exit_codes() -> None:
    plain = pod()
    empty = replace(plain, pause=None, members=tuple(map(ended, plain.members)))
    assert said(empty) == ["nothing runs in it: all its members have ended"]


def test_a_container_alone_that_was_stopped_is_not_wrong_and_one_that_failed_is() -> None:
    plain = pod(members=("job",))
    (job,) = map(ended, plain.members)
    alone = replace(plain, pause=None, members=(job,), state=PodState.NOTREADY, shares_nothing=True)
    assert said(alone) == []
    assert said(replace(alone, members=(replace(job, exit_code=1),))) == ["job has ended"]


def test_a_pod_that_still_has_something_running_is_not_empty() -> None:
    plain = pod()
    done = tuple(map(ended, plain.members))
    assert said(replace(plain, members=done)) == []
    assert said(replace(plain, pause=None, members=(done[0], plain.members[1]))) == []


def test_init_containers_that_are_done_do_not_make_a_pod_empty() -> None:
    plain = pod()
    setup = ended(container(plain.key, "setup", Role.INIT, pid=None))
    coming = replace(ended(plain.members[0]), state=ContainerState.CREATED, exit_code=None)
    assert said(replace(plain, pause=None, members=(setup,))) == []
    assert said(replace(plain, pause=None, members=(setup, coming))) == []


def test_every_trouble_but_notready_has_a_word_for_the_row_of_its_pod() -> None:
    words = {trouble.text: trouble.word for trouble in (*troubles(api(), (), NOW), *troubles(classic(), (), NOW))}
    assert [text for text, word in words.items() if not word] == ["its sandbox is NotReady"]


def test_what_has_to_be_mended_is_said_before_what_passes_by_itself() -> None:
    one = classic()
    app, db = one.members
    both = replace(one, members=(replace(app, restarts=1), db))
    assert word_for(troubles(both, (), NOW)) == "orphan"


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


def test_a_start_that_failed_is_no_restart() -> None:
    """Podman counts it all the same, Docker's is left out where it is read."""
    plain = pod()
    started = NOW - timedelta(minutes=1)
    failed = replace(ended(plain.members[0]), exit_code=137, restarts=1, started_at=started)
    down = replace(failed, restart_policy="always")
    assert said(replace(plain, members=(down, plain.members[1]))) == ["nginx has ended"]


def test_of_a_member_that_no_policy_could_start_again_that_is_said() -> None:
    plain = pod()
    assert plain.pause is not None
    pause = replace(plain.pause, runtime_id="a" * 64)
    down = replace(
        ended(plain.members[0]),
        exit_code=137,
        joins=pause.runtime_id,
        restart_policy="always",
        start_error="cannot join",
    )
    one = replace(plain, pause=pause, members=(down, plain.members[1]), brought_back_by=Restorer.RESTART_POLICY)
    assert said(one) == ["nginx has ended; its restart policy could not start it again"]

"""What is said before something is done to containers of Docker or Podman. That it comes true is in tests/real."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pausetui.core.actions import Abilities, ActionKind, NotPossible, Offer
from pausetui.core.inventory import ContainerState, Restorer, Runtime, Sandbox
from pausetui.core.predict.offers import offer
from pausetui.core.snapshot import Container, Pod, Sharer, Snapshot
from tests import factories

PAUSE_ID, APP_ID, DB_ID = "a" * 64, "b" * 64, "c" * 64
EVERYTHING = Abilities(frozenset(), frozenset(ActionKind))


def web(**changed: object) -> Pod:
    """A pod of Docker's: the pause web, and app and db, which joined its network."""
    pod = factories.pod("web", namespace="", members=("app", "db"), address="172.17.0.2")
    assert pod.pause is not None
    pause = replace(pod.pause, name="web", runtime_id=PAUSE_ID, restart_policy="no")
    app, db = (
        replace(one, runtime_id=id_, joins=PAUSE_ID, restart_policy="no")
        for one, id_ in zip(pod.members, (APP_ID, DB_ID), strict=True)
    )
    sandbox = Sandbox(PAUSE_ID, None, pod.state, None)
    made = replace(pod, pause=pause, members=(app, db), sandboxes=(sandbox,), brought_back_by=Restorer.NOBODY)
    return replace(made, **changed)  # type: ignore[arg-type]


def orphaned(pod: Pod) -> Pod:
    return replace(pod, orphans=tuple(one.key for one in pod.members))


def with_pause(pod: Pod, **changed: object) -> Pod:
    assert pod.pause is not None
    return replace(pod, pause=replace(pod.pause, **changed))  # type: ignore[arg-type]


def snapshot(pod: Pod, backend: str = "docker") -> Snapshot:
    runtime = Runtime(backend, "20.10", command=(backend,))
    return replace(factories.snapshot(pod), backend=backend, runtime=runtime, abilities=EVERYTHING)


def offered(pod: Pod, kind: ActionKind, container: Container | None = None, backend: str = "docker") -> Offer:
    found = offer(snapshot(pod, backend), kind, container.key if container else pod.key)
    assert isinstance(found, Offer), found
    return found


def refused(pod: Pod, kind: ActionKind, container: Container | None = None) -> str:
    found = offer(snapshot(pod), kind, container.key if container else pod.key)
    assert isinstance(found, NotPossible)
    return found.why


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        (ActionKind.RESTART_MEMBER, f"docker restart -t 10 {APP_ID[:13]}"),
        (ActionKind.STOP_MEMBER, f"docker stop -t 10 {APP_ID[:13]}"),
        (ActionKind.KILL_MEMBER, f"docker kill {APP_ID[:13]}"),
        (ActionKind.DELETE_PAUSE, f"docker kill {PAUSE_ID[:13]}"),
        (ActionKind.STOP_SANDBOX, f"docker stop {PAUSE_ID[:13]}"),
        (ActionKind.REMOVE_SANDBOX, f"docker rm -f {PAUSE_ID[:13]}"),
    ],
)
def test_each_is_told_with_the_command_that_does_the_same(kind: ActionKind, command: str) -> None:
    pod = web()
    assert offered(pod, kind, pod.members[0]).command == command


def test_an_address_of_a_helpers_is_not_given_back_but_goes_with_the_helper() -> None:
    pod = replace(web(), backend="podman", addresses=("10.0.2.100",), runtime_addresses=())
    said = offered(pod, ActionKind.DELETE_PAUSE, backend="podman").effects
    assert any(effect.startswith("10.0.2.100 is not of Podman's giving but of a helper's") for effect in said)
    assert not any("given back" in effect for effect in said)
    own = replace(pod, runtime_addresses=("10.0.2.100",))
    assert "10.0.2.100 is given back." in offered(own, ActionKind.DELETE_PAUSE, backend="podman").effects


def test_the_members_that_are_not_in_the_pauses_pid_namespace_are_told_to_be_orphaned() -> None:
    pod = web()
    assert pod.pause is not None
    one, *rest = pod.members
    inside = replace(one, namespaces=replace(one.namespaces, pid=pod.pause.namespaces.pid))
    said = offered(replace(pod, members=(inside, *rest)), ActionKind.DELETE_PAUSE).effects
    assert f"The kernel ends {one.name} with it: web is pid 1 of their pid namespace." in said
    assert any(each.startswith(f"The members ({rest[0].name}) run on, orphaned") for each in said)


def test_what_can_not_start_again_is_told_with_how_it_is_made_anew() -> None:
    pod = replace(orphaned(web()), pause=None, note="make anew: docker rm -f app db, then …")
    assert refused(pod, ActionKind.RESTART_MEMBER, pod.members[0]).endswith(f"made anew; {pod.note}")


def test_what_has_ended_is_started_by_a_command_too() -> None:
    pod = with_pause(web(), state=ContainerState.EXITED, process=None)
    assert offered(pod, ActionKind.START_SANDBOX).command == f"docker start {PAUSE_ID[:13]}"
    ended = replace(web(), members=(replace(web().members[0], state=ContainerState.EXITED, process=None),))
    assert offered(ended, ActionKind.START_MEMBER, ended.members[0]).command == f"docker start {APP_ID[:13]}"


def test_the_grace_period_is_the_containers_own() -> None:
    pod = web()
    slow = replace(pod.members[0], grace_seconds=30.0)
    found = offered(replace(pod, members=(slow,)), ActionKind.STOP_MEMBER, slow)
    assert (found.grace_seconds, found.command) == (30.0, f"docker stop -t 30 {APP_ID[:13]}")


def test_rejoin_restarts_those_first_that_others_join() -> None:
    pod = web()
    app, db = pod.members
    chain = orphaned(replace(pod, members=(replace(db, joins=APP_ID), app)))
    found = offered(chain, ActionKind.REJOIN)
    assert [(one.runtime_id, one.starts) for one in found.members] == [(APP_ID, False), (DB_ID, False)]
    assert found.command == f"docker restart {APP_ID[:13]} {DB_ID[:13]}"
    assert "restarts app, db" in found.effects[0]
    assert found.target is None


def test_members_that_join_each_other_in_a_ring_still_have_an_order() -> None:
    app, db = web().members
    ring = orphaned(replace(web(), members=(replace(app, joins=DB_ID), replace(db, joins=APP_ID))))
    assert {one.runtime_id for one in offered(ring, ActionKind.REJOIN).members} == {APP_ID, DB_ID}


def left_down(member: Container, **changed: object) -> Container:
    """As Docker has one that ended with its pause and that it could not start again."""
    down = replace(
        member,
        state=ContainerState.EXITED,
        process=None,
        processes=(),
        exit_code=137,
        restart_policy="always",
        start_error="cannot join network of a non running container",
        finished_at=factories.NOW - timedelta(hours=1),
    )
    return replace(down, **changed)  # type: ignore[arg-type]


def test_rejoin_starts_those_that_ended_with_the_pause_and_that_their_policy_meant_to_run() -> None:
    pod = web()
    app, db = pod.members
    found = offered(replace(pod, members=(left_down(app), db)), ActionKind.REJOIN)
    assert found.title == "Start the members of web that ended with its pause"
    assert [(one.name, one.starts) for one in found.members] == [("app", True)]
    assert found.command == f"docker start {APP_ID[:13]}"
    assert found.effects[0].startswith("Docker starts app (restart policy always)")


def test_rejoin_says_whom_it_restarts_and_whom_it_starts_each_with_its_own_time_to_end() -> None:
    pod = web()
    app, db = pod.members
    both = replace(pod, members=(left_down(app), replace(db, grace_seconds=30.0)), orphans=(db.key,))
    found = offered(both, ActionKind.REJOIN)
    assert found.title == "Restart the orphans of web, and start what ended with its pause"
    assert found.command == f"docker start {APP_ID[:13]} && docker restart {DB_ID[:13]}"
    assert [effect.split(",")[0] for effect in found.effects[:2]] == [
        "Docker restarts db",
        "Docker starts app (restart policy always): what ended with the pause",
    ]
    assert [(one.name, one.starts, one.grace_seconds) for one in found.members] == [
        ("app", True, 10.0),
        ("db", False, 30.0),
    ]


def test_what_joins_a_member_that_is_left_down_is_started_after_it() -> None:
    pod = web()
    app, db = pod.members
    chain = replace(pod, members=(left_down(db, joins=APP_ID), left_down(app)))
    assert [one.name for one in offered(chain, ActionKind.REJOIN).members] == ["app", "db"]


def test_what_ended_with_a_pause_that_still_is_down_is_not_started_before_that() -> None:
    down = with_pause(web(), state=ContainerState.EXITED, process=None)
    down = replace(down, members=tuple(map(left_down, down.members)))
    assert "web, whose network app joins, is not running: a on its row starts it" in refused(
        down, ActionKind.REJOIN
    )
    told = offered(down, ActionKind.START_SANDBOX).effects
    assert any("What ended with it (app, db) stays down" in each and "rejoin starts it" in each for each in told)


@pytest.mark.parametrize(
    "changed",
    [
        {"start_error": None},  # somebody stopped it
        {"restart_policy": "no"},
        {"joins": None},
        {"joins": "d" * 64},  # gone: it can't start
        {"state": ContainerState.CREATED},
    ],
)
def test_rejoin_starts_nobody_that_was_stopped_or_that_no_policy_wants_or_that_can_not_start(
    changed: dict[str, object],
) -> None:
    pod = web()
    app, db = pod.members
    assert "in its network" in refused(replace(pod, members=(left_down(app, **changed), db)), ActionKind.REJOIN)


def of_podman(member: Container, pod: Pod, *, minutes: int, **changed: object) -> Pod:
    """A pod whose one member ended so many minutes after its pause was started."""
    started = factories.NOW - timedelta(hours=1)
    down = left_down(member, start_error=None, finished_at=started + timedelta(minutes=minutes))
    return with_pause(
        replace(pod, backend="podman", members=(replace(down, **changed),)),  # type: ignore[arg-type]
        started_at=started,
    )


def test_podman_says_nothing_and_what_ended_before_its_pause_was_started_is_left_down() -> None:
    pod = web()
    app = pod.members[0]
    assert offered(of_podman(app, pod, minutes=-1), ActionKind.REJOIN, backend="podman").members[0].starts
    after = of_podman(app, pod, minutes=1)
    succeeded = of_podman(app, pod, minutes=-1, restart_policy="on-failure:3", exit_code=0)
    for other in (after, succeeded, replace(of_podman(app, pod, minutes=-1), backend="docker")):
        assert "in its network" in refused(other, ActionKind.REJOIN)


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        ("docker", "Docker tries once, fails because web is down, and gives up; once web runs, rejoin starts"),
        ("podman", "while web is down Podman can't start what joins it; once web runs, rejoin starts"),
    ],
)
def test_that_no_policy_brings_back_what_ends_with_the_pause_is_said_before(backend: str, words: str) -> None:
    pod = web()
    assert pod.pause is not None
    app, db = (replace(one, restart_policy="always") for one in pod.members)
    app = replace(app, namespaces=replace(app.namespaces, pid=pod.pause.namespaces.pid))
    for kind in (ActionKind.DELETE_PAUSE, ActionKind.STOP_SANDBOX):
        told = offered(replace(pod, members=(app, db)), kind, backend=backend).effects
        assert any(each.startswith("No restart policy brings app back: ") and words in each for each in told)
        assert "If db ends meanwhile, it stays down whatever its restart policy says." in told


def test_of_members_without_a_policy_nothing_is_said_of_policies() -> None:
    told = " ".join(offered(web(), ActionKind.DELETE_PAUSE).effects)
    assert "meanwhile" not in told
    assert "brings" not in told


def test_there_is_nothing_to_rejoin_where_nobody_is_left_behind() -> None:
    assert refused(web(), ActionKind.REJOIN) == "every running member of web is in its network"


def test_nobody_rejoins_a_pause_that_does_not_run_or_is_gone() -> None:
    stopped = with_pause(orphaned(web()), state=ContainerState.EXITED, process=None)
    assert "a on its row starts it" in refused(stopped, ActionKind.REJOIN)
    gone = replace(orphaned(web()), pause=None, sandboxes=())
    assert refused(gone, ActionKind.REJOIN) == "web has no pause container"
    assert "has to be made anew" in refused(gone, ActionKind.RESTART_MEMBER, gone.members[0])


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("no", "it has no restart policy"),
        ("on-failure:3", "does not apply its restart policy (on-failure:3)"),
        ("unless-stopped", "stays ended until somebody starts it."),
        ("always", "until somebody starts it, or dockerd is restarted."),
    ],
)
def test_the_restart_policy_is_read_and_told(policy: str, words: str) -> None:
    pod = web()
    app = replace(pod.members[0], restart_policy=policy)
    told = offered(replace(pod, members=(app,)), ActionKind.KILL_MEMBER, app).effects
    assert any(words in each for each in told)


def test_a_member_of_a_dead_pod_cannot_be_restarted_and_one_that_shares_nothing_can() -> None:
    pod = web()
    alone = replace(pod.members[0], joins=None)
    found = offered(
        replace(pod, pause=None, members=(alone,), shares_nothing=True), ActionKind.RESTART_MEMBER, alone
    )
    assert any("network namespace of its own" in each for each in found.effects)


def test_a_grace_period_of_nothing_is_one_too() -> None:
    pod = web()
    hasty = replace(pod.members[0], grace_seconds=0.0)
    assert offered(replace(pod, members=(hasty,)), ActionKind.STOP_MEMBER, hasty).grace_seconds == 0


def test_pause_is_for_pods_and_members_are_for_members() -> None:
    pod = web()
    assert "for members only" in refused(pod, ActionKind.RESTART_MEMBER, pod.pause)
    assert "for members only" in refused(pod, ActionKind.START_MEMBER)


def test_what_runs_is_not_started_and_what_ended_is_not_ended() -> None:
    pod = web()
    assert refused(pod, ActionKind.START_SANDBOX) == "web is running"
    assert refused(pod, ActionKind.START_MEMBER, pod.members[0]) == "app is running"
    dead = with_pause(pod, state=ContainerState.EXITED, process=None)
    assert refused(dead, ActionKind.DELETE_PAUSE) == "web is not running"
    assert refused(dead, ActionKind.STOP_SANDBOX) == "web is not running"
    assert isinstance(offer(snapshot(dead), ActionKind.REMOVE_SANDBOX, dead.key), Offer)


def test_only_what_ends_a_pod_has_to_be_typed_and_only_a_removal_cannot_be_undone() -> None:
    pod = web()
    typed = (ActionKind.DELETE_PAUSE, ActionKind.STOP_SANDBOX, ActionKind.REMOVE_SANDBOX)
    assert {offered(pod, kind).type_to_confirm for kind in typed} == {"web"}
    assert offered(pod, ActionKind.KILL_MEMBER, pod.members[0]).type_to_confirm == ""
    assert offered(pod, ActionKind.REMOVE_SANDBOX).before_you_confirm == ("Nothing undoes this.",)
    assert offered(pod, ActionKind.STOP_SANDBOX).before_you_confirm == ()


def test_who_joined_from_outside_is_told_before_a_pod_ends() -> None:
    sharer = Sharer(factories.snapshot().pods[0].pause.process, "bash", ())  # type: ignore[union-attr, arg-type]
    found = offered(web(sharers=(sharer,)), ActionKind.DELETE_PAUSE)
    assert "bash" in found.before_you_confirm[0]


def test_the_hosts_network_is_lost_by_nobody() -> None:
    pod = web(host_network=True, addresses=())
    told = " ".join(offered(pod, ActionKind.DELETE_PAUSE).effects)
    assert "run on, in the host's network as before" in told
    assert "orphaned" not in told


def test_a_pod_of_podmans_is_told_of_as_a_whole() -> None:
    pod = web(sandboxes=(Sandbox("d" * 64, None, web().state, None),))
    found = offered(pod, ActionKind.STOP_SANDBOX, backend="podman")
    assert (found.title, found.runtime_id) == ("Stop the pod web", "d" * 64)
    assert found.command == f"podman pod stop {'d' * 13}"
    assert found.effects[0] == "Podman ends every member (app, db), then the infra container."
    killed = offered(pod, ActionKind.DELETE_PAUSE, backend="podman")
    assert (killed.runtime_id, killed.command) == (PAUSE_ID, f"podman kill {PAUSE_ID[:13]}")


def test_what_kubelet_brings_back_is_told_as_for_every_pod_of_kubelets() -> None:
    pod = web(brought_back_by=Restorer.KUBELET, attempt=2)
    for kind in (ActionKind.DELETE_PAUSE, ActionKind.REMOVE_SANDBOX):
        assert any("kubelet makes the pod again" in each for each in offered(pod, kind).effects)


def test_no_prediction_is_without_an_effect() -> None:
    ended = with_pause(web(), state=ContainerState.EXITED, process=None)
    for pod in (web(), orphaned(web()), ended):
        for kind in ActionKind:
            for container in (None, *pod.containers()):
                found = offer(snapshot(pod), kind, container.key if container else pod.key)
                assert isinstance(found, NotPossible) or (found.effects and found.command and found.subject)

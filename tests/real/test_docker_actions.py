"""What is done to containers of a real dockerd, and whether it was said before what would follow."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pausetui.core.actions import ActionKind, NotPossible, Offer
from pausetui.core.inventory import ContainerState, PodState
from pausetui.core.trouble import troubles
from tests.real.dockers import SLEEP, DockerBed
from tests.real.engines import Looking, member
from tests.real.private_node import environment
from tests.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture
def bed(dockerd: DockerBed) -> Iterator[DockerBed]:
    """An engine without containers."""
    yield dockerd
    dockerd.clear()


@pytest.fixture
def web(bed: DockerBed) -> DockerBed:
    """One pod: the pause web, and two members."""
    bed.pause("web")
    bed.member("app", "web")
    bed.member("db", "web")
    return bed


def said(effects: tuple[str, ...], *words: str) -> bool:
    return all(any(word in effect for effect in effects) for word in words)


def test_a_restarted_member_keeps_its_network_as_predicted(web: DockerBed, looks: Looking) -> None:
    before = looks.pod("web")
    offer = looks.do(ActionKind.RESTART_MEMBER, "web", "app")
    after = looks.pod("web")
    assert said(offer.effects, "starts the same container again", f"joins the pod's network, {before.addresses[0]}")  # type: ignore[index]
    assert offer.command == f"docker -H {web.endpoint} restart -t 10 {member(before, 'app').runtime_id[:13]}"  # type: ignore[index]
    assert member(after, "app").process != member(before, "app").process
    assert member(after, "app").namespaces.net == member(before, "app").namespaces.net
    assert (after.addresses, after.orphans) == (before.addresses, ())


def test_a_stopped_member_stays_stopped_and_can_be_started(web: DockerBed, looks: Looking) -> None:
    assert said(looks.do(ActionKind.STOP_MEMBER, "web", "app").effects, "it has no restart policy")
    assert member(looks.pod("web"), "app").state is ContainerState.EXITED
    refused = looks.offer(ActionKind.RESTART_MEMBER, "web", "app")
    assert isinstance(refused, NotPossible)
    assert refused.why == "app is not running"
    looks.do(ActionKind.START_MEMBER, "web", "app")
    pod = looks.pod("web")
    assert member(pod, "app").state is ContainerState.RUNNING
    assert pod.orphans == ()


def test_a_killed_member_is_not_restarted_by_its_policy(bed: DockerBed, looks: Looking) -> None:
    bed.pause("web")
    bed.member("app", "web", "--restart", "unless-stopped", command=SLEEP)
    offer = looks.do(ActionKind.KILL_MEMBER, "web", "app")
    assert said(offer.effects, "SIGKILL", "does not apply its restart policy (unless-stopped)")
    found = member(looks.pod("web"), "app")
    assert (found.state, found.exit_code, found.restarts) == (ContainerState.EXITED, 137, 0)


@pytest.mark.parametrize("policy", ["always", "unless-stopped", "on-failure:3"])
def test_a_policy_is_applied_to_what_ends_by_itself_and_not_to_what_the_engine_ended(
    bed: DockerBed, policy: str
) -> None:
    bed.plain("app", "--restart", policy)
    first = bed.container_pid("app")
    os.kill(first, signal.SIGKILL)
    until(lambda: bed.container_pid("app") not in (0, first), what="its restart")
    bed("kill", "app")
    assert bed.inspect("app", "{{.State.Status}} {{.RestartCount}}") == "exited 1"


def test_the_whole_story_of_orphans(web: DockerBed, looks: Looking) -> None:
    """Pause is killed, its members are stranded with lo alone; it is started, they still are; they rejoin."""
    before = looks.pod("web")
    offer = looks.do(ActionKind.DELETE_PAUSE, "web")
    assert said(
        offer.effects, "The members (app, db) run on, orphaned", "is given back", "join when they are restarted"
    )
    until(lambda: looks.orphans("web") == ["app", "db"], what="the members to be flagged")
    alone = looks.pod("web")
    assert (alone.state, alone.addresses) == (PodState.NOTREADY, ())
    assert member(alone, "app").process == member(before, "app").process
    assert member(alone, "app").namespaces.net == member(before, "app").namespaces.net
    assert web("exec", "app", "ip", "-o", "link").count("\n") == 0, "only lo is left"

    started = looks.do(ActionKind.START_SANDBOX, "web")
    assert said(started.effects, "new network namespace", "(app, db) stays in the old one")
    until(lambda: looks.pod("web").addresses)
    still = looks.pod("web")
    assert looks.orphans("web") == ["app", "db"]
    assert member(still, "web").namespaces.net != member(before, "web").namespaces.net
    assert member(still, "app").namespaces.net == member(before, "app").namespaces.net

    healed = looks.do(ActionKind.REJOIN, "web")
    assert healed.command.split()[3:4] == ["restart"]
    assert said(healed.effects, "restarts app, db", f"they join the pod's network, {still.addresses[0]}")  # type: ignore[index]
    after = looks.pod("web")
    assert (after.orphans, after.addresses) == ((), still.addresses)
    assert member(after, "app").namespaces.net == member(after, "web").namespaces.net
    assert still.addresses is not None
    assert still.addresses[0] in web("exec", "app", "ip", "-o", "addr")


def test_a_chain_of_orphans_rejoins_from_its_beginning(bed: DockerBed, looks: Looking) -> None:
    bed("create", "--name", "web", "--ipc", "shareable", "registry.k8s.io/pause:3.9")
    bed("start", "web")
    bed.member("app", "web")
    bed.plain("debug", "--network", "container:app")
    looks.do(ActionKind.DELETE_PAUSE, "web")
    until(lambda: looks.orphans("web") == ["app", "debug"])
    looks.do(ActionKind.START_SANDBOX, "web")
    until(lambda: looks.pod("web").addresses)
    looks.do(ActionKind.REJOIN, "web")
    pod = looks.pod("web")
    assert pod.orphans == ()
    assert member(pod, "debug").namespaces.net == member(pod, "web").namespaces.net


def test_what_only_joined_again_in_part_is_still_flagged(web: DockerBed, looks: Looking) -> None:
    looks.do(ActionKind.DELETE_PAUSE, "web")
    looks.do(ActionKind.START_SANDBOX, "web")
    looks.do(ActionKind.RESTART_MEMBER, "web", "app")
    assert looks.orphans("web") == ["db"]


def test_members_are_not_restarted_while_what_they_join_does_not_run(web: DockerBed, looks: Looking) -> None:
    """Docker would end them, and then fail to start them again."""
    looks.do(ActionKind.STOP_SANDBOX, "web")
    for kind, name in ((ActionKind.RESTART_MEMBER, "app"), (ActionKind.REJOIN, None)):
        until(lambda: looks.orphans("web"))
        refused = looks.offer(kind, "web", name)
        assert isinstance(refused, NotPossible)
        assert "a on its row starts it" in refused.why
    web._run("restart", "app")
    assert "cannot join network of a non running container" in (member(looks.pod("web"), "app").reason or "")


def test_a_stopped_pause_is_given_its_time_and_orphans_its_members(web: DockerBed, looks: Looking) -> None:
    offer = looks.do(ActionKind.STOP_SANDBOX, "web")
    assert said(offer.effects, "SIGTERM", "orphaned")
    pod = looks.pod("web")
    assert (pod.state, member(pod, "web").exit_code) == (PodState.NOTREADY, 0)
    until(lambda: looks.orphans("web") == ["app", "db"])


def test_a_removed_pause_leaves_members_that_can_never_start_again(web: DockerBed, looks: Looking) -> None:
    looks.snapshot()
    offer = looks.do(ActionKind.REMOVE_SANDBOX, "web")
    assert said(offer.effects, "none of them can start again")
    assert offer.type_to_confirm == "web"
    assert "Nothing undoes this." in offer.before_you_confirm
    pod = looks.pod("web")
    assert pod.pause is None
    assert [one.state for one in pod.members] == [ContainerState.RUNNING] * 2
    until(lambda: looks.orphans("web") == ["app", "db"])
    refused = looks.offer(ActionKind.RESTART_MEMBER, "web", "app")
    assert isinstance(refused, NotPossible)
    assert "has to be made anew" in refused.why


def test_a_pause_made_again_under_its_name_is_the_pods_and_its_members_are_orphans(
    web: DockerBed, looks: Looking
) -> None:
    """docker compose up does this to a service that others name as their network."""
    before = looks.pod("web")
    web("rm", "-f", "web")
    looks.snapshot()
    web.pause("web")
    pod = looks.pod("web")
    assert (pod.key, pod.pause is not None, looks.orphans("web")) == (before.key, True, ["app", "db"])
    refused = looks.offer(ActionKind.REJOIN, "web")
    assert isinstance(refused, NotPossible)
    assert "made anew" in refused.why


def test_a_shared_pid_namespace_ends_with_pause_as_predicted(bed: DockerBed, looks: Looking) -> None:
    bed.pause("web")
    bed.member("app", "web", "--pid", "container:web", command=SLEEP)
    offer = looks.do(ActionKind.DELETE_PAUSE, "web")
    assert said(offer.effects, "the kernel ends every member with it (app)")
    until(lambda: bed.container_pid("app") == 0)


def test_a_container_alone_can_be_restarted_and_gets_a_new_network(bed: DockerBed, looks: Looking) -> None:
    bed.plain("alone")
    before = member(looks.pod("alone"), "alone")
    offer = looks.do(ActionKind.RESTART_MEMBER, "alone", "alone")
    assert said(offer.effects, "a network namespace of its own, a new one")
    after = member(looks.pod("alone"), "alone")
    assert before.namespaces.net != after.namespaces.net


def test_a_container_of_the_hosts_network_keeps_it(bed: DockerBed, looks: Looking) -> None:
    bed.plain("agent", "--network", "host")
    offer = looks.do(ActionKind.RESTART_MEMBER, "agent", "agent")
    assert said(offer.effects, "in the host's network, as before")


def test_only_always_comes_back_with_dockerd(bed: DockerBed) -> None:
    """What is said of "always" in a prediction: stopped by hand, it stays so until dockerd is restarted."""
    for policy in ("always", "unless-stopped"):
        bed.plain(policy, "--restart", policy)
        bed("kill", policy)
    bed.stop()
    bed.start()
    until(lambda: bed.container_pid("always"))
    assert bed.container_pid("unless-stopped") == 0


PID_OF_WEB = ("--pid", "container:web")


@pytest.mark.parametrize("policy", ["always", "unless-stopped", "on-failure:3"])
def test_what_ends_with_its_pause_no_policy_brings_back_and_rejoin_starts_it(
    bed: DockerBed, looks: Looking, policy: str
) -> None:
    bed.pause("web")
    bed.member("app", "web", *PID_OF_WEB, "--restart", policy, command=SLEEP)
    bed.member("db", "web", "--restart", policy)
    offer = looks.do(ActionKind.DELETE_PAUSE, "web")
    assert said(offer.effects, "No restart policy brings app back: Docker tries once", "If db ends meanwhile")
    until(lambda: member(looks.pod("web"), "app").start_error, what="dockerd to give up")
    bed("start", "web")
    pod = looks.pod("web")
    app = member(pod, "app")
    assert (app.state, app.restarts) == (ContainerState.EXITED, 0)
    assert "app was restarted" not in [trouble.text for trouble in troubles(pod, (), datetime.now(UTC))]

    offer = looks.do(ActionKind.REJOIN, "web")
    assert [(one.name, one.starts) for one in offer.members] == [("app", True), ("db", False)]
    assert said(offer.effects, "Docker restarts db", f"Docker starts app (restart policy {policy})")
    after = looks.pod("web")
    assert (member(after, "app").state, after.orphans) == (ContainerState.RUNNING, ())
    assert member(after, "app").namespaces.net == member(after, "web").namespaces.net
    assert isinstance(looks.offer(ActionKind.REJOIN, "web"), NotPossible)


def test_the_command_of_rejoin_does_the_same_in_a_shell(bed: DockerBed, looks: Looking) -> None:
    bed.pause("web")
    bed.member("app", "web", *PID_OF_WEB, "--restart", "always", command=SLEEP)
    bed.member("db", "web")
    bed("kill", "web")
    until(lambda: member(looks.pod("web"), "app").start_error, what="dockerd to give up")
    bed("start", "web")
    offer = looks.offer(ActionKind.REJOIN, "web")
    assert isinstance(offer, Offer)
    subprocess.run(["sh", "-c", offer.command], env=environment(), check=True, capture_output=True, timeout=60)
    after = looks.pod("web")
    assert (member(after, "app").state, after.orphans) == (ContainerState.RUNNING, ())


def test_what_dies_while_its_pause_is_down_is_left_down_and_started_with_the_others(
    bed: DockerBed, looks: Looking
) -> None:
    bed.pause("web")
    bed.member("app", "web", "--restart", "always")
    bed("kill", "web")
    os.kill(bed.container_pid("app"), signal.SIGKILL)
    until(lambda: member(looks.pod("web"), "app").start_error, what="dockerd to give up")
    refused = looks.offer(ActionKind.REJOIN, "web")
    assert isinstance(refused, NotPossible)
    assert "a on its row starts it" in refused.why
    assert said(looks.do(ActionKind.START_SANDBOX, "web").effects, "What ended with it (app) stays down")
    looks.do(ActionKind.REJOIN, "web")
    assert member(looks.pod("web"), "app").state is ContainerState.RUNNING


def test_a_member_that_somebody_stopped_stays_stopped_whatever_its_policy(bed: DockerBed, looks: Looking) -> None:
    bed.pause("web")
    bed.member("app", "web", "--restart", "always")
    bed("stop", "app")
    bed("restart", "-t", "1", "web")
    refused = looks.offer(ActionKind.REJOIN, "web")
    assert isinstance(refused, NotPossible)
    assert "in its network" in refused.why

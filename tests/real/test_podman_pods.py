"""The pods of a real Podman, through its Docker socket, and what is done to them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from pausetui.backends.docker.client import Client
from pausetui.core.actions import ActionKind
from pausetui.core.inventory import ContainerState, PodState, Role
from pausetui.errors import CannotLook
from tests.real.engines import Looking, member
from tests.real.podmans import PodmanBed, netns
from tests.waiting import until

pytestmark = [
    pytest.mark.real,
    # The SDK leaves the socket of a connection that failed to the garbage collector.
    pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def bed(podmans_service: PodmanBed) -> Iterator[PodmanBed]:
    """A Podman without containers."""
    yield podmans_service
    podmans_service.clear()


def infra(bed: PodmanBed, pod: str) -> str:
    return bed("pod", "inspect", "-f", "{{.InfraContainerID}}", pod)


def test_podman_is_named_with_its_version_and_how_to_ask_it(bed: PodmanBed, looks: Looking) -> None:
    runtime = looks.inventory().runtime
    assert (runtime.name, runtime.command) == ("podman", ("podman", "--url", bed.endpoint))
    assert runtime.version == bed("version", "-f", "{{.Server.Version}}")


def test_a_pod_has_its_infra_container_as_pause(bed: PodmanBed, looks: Looking) -> None:
    id_ = bed.pod("web", "app", "db")
    pod = looks.pod("web")
    assert (pod.key, [sandbox.id for sandbox in pod.sandboxes]) == (id_, [id_])
    assert pod.pause is not None
    assert (pod.pause.role, pod.pause.runtime_id) == (Role.PAUSE, infra(bed, "web"))
    assert pod.pause.processes[0].name == "catatonit"
    assert [one.name for one in pod.members] == ["app", "db"]
    for one in pod.members:
        assert one.namespaces.net == pod.pause.namespaces.net
        assert one.namespaces.uts == pod.pause.namespaces.uts
    assert pod.addresses
    assert pod.addresses == pod.runtime_addresses


def test_a_pod_without_infra_says_so(bed: PodmanBed, looks: Looking) -> None:
    bed("pod", "create", "--name", "bare", "--infra=false")
    bed.member("app", "bare")
    pod = looks.pod("bare")
    assert (pod.pause, pod.note) == (None, "made without an infra container")


def test_a_container_that_joined_another_is_of_its_pod(bed: PodmanBed, looks: Looking) -> None:
    bed.plain("lone")
    bed.plain("joined", "--network", "container:lone")
    bed.plain("alone")
    pods = {pod.name: [one.name for one in pod.containers()] for pod in looks.snapshot().pods}
    assert pods == {"lone": ["lone", "joined"], "alone": ["alone"]}
    assert looks.pod("alone").shares_nothing


def test_a_pod_is_found_by_the_kernel_where_podman_tells_of_none(bed: PodmanBed, looks: Looking) -> None:
    path = netns(bed, "mine")
    try:
        bed.plain("one", "--network", f"ns:{path}")
        bed.plain("two", "--network", f"ns:{path}")
        pod = looks.pod("one")
        assert (pod.pause, [one.name for one in pod.members]) == (None, ["one", "two"])
        assert "the kernel says" in pod.note
    finally:
        bed.clear()
        bed.node.run("ip", "netns", "del", "mine")


def test_the_infra_is_found_without_podmans_own_api(
    bed: PodmanBed, looks: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy may let only Docker's API through."""
    bed.pod("web", "app")
    monkeypatch.setattr(Client, "pods", lambda self: None)
    (pod,) = looks.snapshot().pods
    assert pod.name == f"{bed('pod', 'inspect', '-f', '{{.Id}}', 'web')[:12]}-infra"
    assert [one.name for one in pod.members] == ["app"]


def test_the_whole_story_of_orphans_in_a_pod(bed: PodmanBed, looks: Looking) -> None:
    bed.pod("web", "app", "db")
    before = looks.pod("web")
    offer = looks.do(ActionKind.DELETE_PAUSE, "web")
    assert any("run on, orphaned: Podman takes the network down" in effect for effect in offer.effects)
    until(lambda: looks.orphans("web") == ["app", "db"], what="the members to be flagged")
    assert looks.pod("web").addresses == ()
    started = looks.do(ActionKind.START_SANDBOX, "web")
    assert started.title == "Start the pod web"
    until(lambda: looks.pod("web").addresses)
    still = looks.pod("web")
    assert looks.orphans("web") == ["app", "db"]
    assert member(still, "app").process == member(before, "app").process
    looks.do(ActionKind.REJOIN, "web")
    after = looks.pod("web")
    assert after.orphans == ()
    assert member(after, "app").namespaces.net == member(after, "pause").namespaces.net
    assert after.addresses == still.addresses


def test_a_killed_infra_process_orphans_the_members_too(bed: PodmanBed, looks: Looking) -> None:
    bed.pod("web", "app")
    os.kill(bed.container_pid(infra(bed, "web")), signal.SIGKILL)
    until(lambda: looks.orphans("web") == ["app"])


def test_what_ends_with_its_pause_no_policy_brings_back_and_rejoin_starts_it(
    bed: PodmanBed, looks: Looking
) -> None:
    bed.plain("web")
    bed.plain("app", "--network", "container:web", "--pid", "container:web", "--restart", "always")
    offer = looks.do(ActionKind.DELETE_PAUSE, "web")
    assert any(each.startswith("No restart policy brings app back: while web is down") for each in offer.effects)
    until(lambda: member(looks.pod("web"), "app").state is ContainerState.EXITED, what="app to end with web")
    looks.do(ActionKind.START_SANDBOX, "web")
    assert member(looks.pod("web"), "app").state is ContainerState.EXITED
    assert [one.starts for one in looks.do(ActionKind.REJOIN, "web").members] == [True]
    pod = looks.pod("web")
    assert (member(pod, "app").state, pod.orphans) == (ContainerState.RUNNING, ())


def test_a_pod_is_stopped_and_started_as_a_whole(bed: PodmanBed, looks: Looking) -> None:
    id_ = bed.pod("web", "app")
    offer = looks.do(ActionKind.STOP_SANDBOX, "web")
    assert offer.command.endswith(f" pod stop {id_[:13]}")
    stopped = looks.pod("web")
    assert stopped.state is PodState.NOTREADY
    assert [one.state for one in stopped.containers()] == [ContainerState.EXITED] * 2
    looks.do(ActionKind.START_SANDBOX, "web")
    started = looks.pod("web")
    assert [one.state for one in started.containers()] == [ContainerState.RUNNING] * 2
    assert started.orphans == ()


def test_a_removed_pod_is_gone_with_its_containers(bed: PodmanBed, looks: Looking) -> None:
    bed.pod("web", "app")
    offer = looks.do(ActionKind.REMOVE_SANDBOX, "web")
    assert "Podman forgets the pod and all its containers." in offer.effects
    assert looks.snapshot().pods == ()


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (ActionKind.RESTART_MEMBER, ContainerState.RUNNING),
        (ActionKind.STOP_MEMBER, ContainerState.EXITED),
        (ActionKind.KILL_MEMBER, ContainerState.EXITED),
    ],
)
def test_a_member_is_restarted_stopped_and_killed(
    bed: PodmanBed, looks: Looking, kind: ActionKind, state: ContainerState
) -> None:
    bed.pod("web", "app")
    before = member(looks.pod("web"), "app").process
    looks.do(kind, "web", "app")
    until(lambda: member(looks.pod("web"), "app").state is state)
    assert member(looks.pod("web"), "app").process != before
    assert looks.pod("web").orphans == ()


def test_a_stopped_member_can_be_started(bed: PodmanBed, looks: Looking) -> None:
    bed.pod("web", "app")
    bed("stop", "-t", "1", "app")
    looks.do(ActionKind.START_MEMBER, "web", "app")
    assert member(looks.pod("web"), "app").state is ContainerState.RUNNING


def test_a_service_that_went_and_came_is_asked_again(bed: PodmanBed, looks: Looking) -> None:
    bed.pod("web", "app")
    looks.snapshot()
    bed.stop()
    with pytest.raises(CannotLook, match="there is no socket"):
        looks.inventory()
    bed.start()
    assert member(looks.pod("web"), "app").process is not None


def test_events_of_podman_are_heard(bed: PodmanBed, looks: Looking) -> None:
    stop = threading.Event()
    heard: list[None] = []
    thread = threading.Thread(target=lambda: heard.extend(looks.backend.hints(stop)), daemon=True)
    thread.start()
    until(lambda: heard, what="the stream to begin")
    bed.plain("news")
    until(lambda: len(heard) > 1)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()

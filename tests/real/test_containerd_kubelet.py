"""What the tests' kubelet does on the private node, against what a real one was recorded doing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import grpc
import pytest
from cri_api import CONTAINER_EXITED, SANDBOX_READY, Container, PodSandbox

from tests.real import cri_scenarios
from tests.real.containerd import Bed, containerd
from tests.real.cri_specs import PodSpec
from tests.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with containerd() as running:
        yield running


@pytest.fixture
def web(bed: Bed) -> Iterator[PodSpec]:
    yield from kept(bed, cri_scenarios.web())


def kept(bed: Bed, spec: PodSpec) -> Iterator[PodSpec]:
    """A pod while a kubelet keeps it alive that looks often."""
    with bed.kubelet(spec, backoff=0.5, relist=0.1):
        yield spec
    bed.node.remove_pod(spec)


def sandboxes(bed: Bed, spec: PodSpec) -> list[PodSandbox]:
    """The sandboxes of a pod, oldest first."""
    mine = [each for each in bed.node.sandboxes() if each.metadata.uid == spec.uid]
    return sorted(mine, key=lambda each: each.created_at)


def containers(bed: Bed, spec: PodSpec, name: str) -> list[Container]:
    """The containers of one member, oldest first."""
    mine = [
        each
        for each in bed.node.containers()
        if each.labels["io.kubernetes.pod.uid"] == spec.uid and each.metadata.name == name
    ]
    return sorted(mine, key=lambda each: each.created_at)


def kill(pid: int) -> None:
    assert pid > 1
    os.kill(pid, signal.SIGKILL)


def test_it_is_called_kubelet(bed: Bed) -> None:
    with bed.kubelet() as pid:
        assert Path(f"/proc/{pid}/comm").read_text() == "kubelet\n"


def test_a_pod_whose_pause_is_killed_comes_back_as_the_next_attempt(bed: Bed, web: PodSpec) -> None:
    (first,) = sandboxes(bed, web)
    pin, address = set(os.listdir(bed.root / "run/netns")), bed.node.address(first.id)
    kill(bed.node.sandbox_pid(first.id))
    until(lambda: len(sandboxes(bed, web)) == 2 and bed.are_up(web), what="attempt 1")
    old, new = sandboxes(bed, web)
    assert [old.metadata.attempt, new.metadata.attempt] == [0, 1]
    assert (old.state != SANDBOX_READY, bed.node.address(old.id)) == (True, "")
    assert pin.isdisjoint(os.listdir(bed.root / "run/netns"))
    assert bed.node.address(new.id) not in ("", address)
    for name in ("nginx", "sidecar"):
        ended, running = containers(bed, web, name)
        assert (ended.state, bed.node.status(ended.id).exit_code) == (CONTAINER_EXITED, 137)
        assert (running.metadata.attempt, running.pod_sandbox_id) == (1, new.id)
        assert running.annotations["io.kubernetes.container.restartCount"] == "1"


def test_its_members_have_ended_before_its_new_sandbox_is_there(bed: Bed, web: PodSpec) -> None:
    (first,) = sandboxes(bed, web)
    kill(bed.node.sandbox_pid(first.id))
    until(lambda: len(sandboxes(bed, web)) == 2 and bed.are_up(web), what="attempt 1")
    ended = [bed.node.status(containers(bed, web, name)[0].id).finished_at for name in ("nginx", "sidecar")]
    assert 0 < min(ended) <= max(ended) < sandboxes(bed, web)[1].created_at


def test_a_member_that_is_killed_comes_back_in_the_same_sandbox(bed: Bed, web: PodSpec) -> None:
    (nginx,) = containers(bed, web, "nginx")
    kill(bed.node.pid(nginx.id))
    until(lambda: len(containers(bed, web, "nginx")) == 2 and bed.are_up(web), what="attempt 1")
    _, again = containers(bed, web, "nginx")
    assert (again.metadata.attempt, again.pod_sandbox_id) == (1, nginx.pod_sandbox_id)
    assert len(containers(bed, web, "sidecar")) == 1


def test_of_the_dead_containers_of_a_member_the_newest_is_kept(bed: Bed, web: PodSpec) -> None:
    for attempt in (1, 2):
        kill(bed.node.pid(containers(bed, web, "nginx")[-1].id))
        until(lambda attempt=attempt: attempts(bed, web, "nginx")[-1] == attempt and bed.are_up(web))  # type: ignore[misc]
    until(lambda: attempts(bed, web, "nginx") == [1, 2], what="attempt 0 to be removed")


def attempts(bed: Bed, spec: PodSpec, name: str) -> list[int]:
    return [each.metadata.attempt for each in containers(bed, spec, name)]


def test_a_pod_that_is_removed_comes_back_with_its_init_container(bed: Bed) -> None:
    for api in kept(bed, cri_scenarios.api()):
        (first,) = sandboxes(bed, api)
        assert bed.crictl("rmp", "-f", first.id).returncode == 0
        until(lambda api=api: bed.are_up(api), what="the pod to be back")  # type: ignore[misc]
        (again,) = sandboxes(bed, api)
        (init,) = containers(bed, api, "init")
        assert again.metadata.attempt == 1
        assert (init.pod_sandbox_id, bed.node.status(init.id).exit_code) == (again.id, 0)


def test_a_member_that_keeps_failing_is_started_at_once_and_then_with_a_growing_delay(bed: Bed) -> None:
    crashy = cri_scenarios.crashy()
    ended: dict[int, int] = {}
    began: dict[int, int] = {}

    def looked() -> bool:
        for each in containers(bed, crashy, "crasher"):
            with suppress(grpc.RpcError):  # removed meanwhile
                status = bed.node.status(each.id)
                began[each.metadata.attempt] = status.started_at
                ended[each.metadata.attempt] = status.finished_at
        return began.get(3, 0) > 0

    with bed.kubelet(crashy, backoff=0.5, relist=0.05):
        until(looked, seconds=20, what="attempt 3")
    bed.node.remove_pod(crashy)
    waits = [(began[attempt + 1] - ended[attempt]) / 1e9 for attempt in range(3)]
    assert [wait > least for wait, least in zip(waits, (0.0, 0.5, 1.0), strict=True)] == [True] * 3, waits
    assert waits[0] < 0.5

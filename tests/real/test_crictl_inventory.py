"""The pods of a real containerd, read through crictl in both of its shapes, held against the kernel."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pausetui.backends.crictl.backend import CrictlBackend
from pausetui.core.actions import Action, ActionKind, Target
from pausetui.core.inventory import ContainerState, Inventory, PodRecord, PodState, Restorer, Role
from pausetui.core.join import join
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.errors import ActionRefused, CannotLook
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from tests.real import cri_scenarios
from tests.real.containerd import Bed, containerd
from tests.real.cri_client import RunningPod
from tests.waiting import until

pytestmark = pytest.mark.real

STEADY = ["pods", "ps"]


@pytest.fixture(scope="module")
def node() -> Iterator[Bed]:
    with containerd() as bed:
        yield bed


@pytest.fixture
def bed(node: Bed) -> Iterator[Bed]:
    """A node without pods."""
    yield node
    node.node.remove_all()


class Looking:
    """A backend and a kernel, and what they say together."""

    def __init__(self, bed: Bed) -> None:
        self.backend = CrictlBackend(HostRoot())
        self.observer = Observer(HostRoot())
        self._bed = bed

    def see_afresh(self) -> None:
        """The mounts of another mount namespace than ours, the node's, are looked at every ten seconds only."""
        self.observer.close()
        self.observer = Observer(HostRoot())

    def inventory(self) -> Inventory:
        return self.backend.inventory(self.observer.observe())

    def snapshot(self) -> Snapshot:
        return join(self.inventory(), self.observer.observe(), datetime.now(UTC))

    def pod(self, name: str) -> Pod:
        return next(pod for pod in self.snapshot().pods if pod.name == name)

    def record(self, name: str) -> PodRecord:
        return next(pod for pod in self.inventory().pods if pod.name == name)

    def commands(self, look: Callable[[], object]) -> list[str]:
        """Which commands of crictl a look called."""
        before = len(self._bed.calls())
        look()
        known = {"version", "pods", "ps", "inspectp", "inspect", "images", "stats", "statsp"}
        return [next(word for word in call.argv if word in known) for call in self._bed.calls()[before:]]


@pytest.fixture(params=["1.36.0", "1.30.0"])
def looking(bed: Bed, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Looking]:
    for name, value in bed.environment(request.param).items():
        monkeypatch.setenv(name, value)
    looking = Looking(bed)
    yield looking
    looking.observer.close()


def namespace(pid: int, kind: NamespaceKind) -> int:
    """What the kernel says, without any of our code."""
    return os.stat(f"/proc/{pid}/ns/{kind}").st_ino


def test_every_process_is_where_the_kernel_has_it_and_in_its_containers_cgroup(bed: Bed, looking: Looking) -> None:
    for spec in (cri_scenarios.web(), cri_scenarios.api(), cri_scenarios.node_agent()):
        bed.node.run(spec)
    snapshot = looking.snapshot()
    checked = 0
    for pod in snapshot.pods:
        for container in pod.containers():
            if container.process is None:
                continue
            pid = container.process.pid
            assert container.runtime_id is not None
            assert container.runtime_id in Path(f"/proc/{pid}/cgroup").read_text()
            for kind in NamespaceKind:
                known = container.namespaces.get(kind)
                assert known is None or known.inode == namespace(pid, kind)
                checked += known is not None
    assert [pod.title for pod in snapshot.pods] == ["default/web", "kube-system/node-agent", "shop/api"]
    assert checked >= 7 * 7
    assert not [problem for problem in snapshot.problems if problem.subject != "kernel"]


def test_a_pod_is_what_was_asked_for(bed: Bed, looking: Looking) -> None:
    made = bed.node.run(cri_scenarios.web())
    web = looking.pod("web")
    assert (web.uid, web.state, web.attempt, web.host_network) == (made.spec.uid, PodState.READY, 0, False)
    assert web.addresses == web.runtime_addresses
    assert web.addresses is not None
    assert len(web.addresses) == 1
    assert [one.id for one in web.sandboxes] == [made.sandbox]
    assert web.pause is not None
    assert (web.pause.runtime_id, web.pause.image) == (made.sandbox, "registry.k8s.io/pause:3.9")
    assert web.pause.image_bytes is not None
    assert web.pause.image_bytes > 100_000
    assert web.pause.command == ("/pause",)
    assert {one.name: one.runtime_id for one in web.members} == made.members
    assert all(one.image == "docker.io/library/busybox:1.35" for one in web.members)
    assert all((one.state, one.grace_seconds) == (ContainerState.RUNNING, 2) for one in web.members)
    assert all(one.namespaces.net == web.pause.namespaces.net for one in web.members)
    assert all(one.namespaces.pid != web.pause.namespaces.pid for one in web.members)
    assert web.pins


def test_an_init_container_and_a_shared_pid_namespace_are_told(bed: Bed, looking: Looking) -> None:
    bed.node.run(cri_scenarios.api())
    api = looking.pod("api")
    assert [(one.name, one.role, one.state, one.exit_code, one.reason) for one in api.members] == [
        ("init", Role.INIT, ContainerState.EXITED, 0, "Completed"),
        ("api", Role.MEMBER, ContainerState.RUNNING, None, None),
    ]
    assert api.pause is not None
    assert api.members[1].namespaces.pid == api.pause.namespaces.pid
    assert api.note == "one pid namespace for all: pause is its pid 1"


def test_a_pod_in_the_hosts_network_has_no_address_of_its_own(bed: Bed, looking: Looking) -> None:
    bed.node.run(cri_scenarios.node_agent())
    agent = looking.pod("node-agent")
    assert agent.host_network
    assert agent.addresses == ()
    assert agent.pins == ()


def test_attempts_that_have_ended_are_a_containers_past(bed: Bed, looking: Looking) -> None:
    made = bed.node.run(cri_scenarios.crashy())
    spec = made.spec.members[0]
    for attempt in (1, 2):
        ended = made.members[spec.name]
        until(lambda id_=ended: bed.node.status(id_).finished_at > 0, what=f"the end of attempt {attempt - 1}")  # type: ignore[misc]
        looking.inventory()
        bed.node.run_member(made, spec, attempt, attempt)
    (crasher,) = looking.record("crashy").members
    assert (crasher.attempt, crasher.restarts) == (2, 2)
    assert [(life.attempt, life.exit_code, life.reason) for life in crasher.previous] == [
        (1, 3, "Error"),
        (0, 3, "Error"),
    ]
    for life in crasher.previous:
        assert life.started_at is not None
        assert life.finished_at is not None
        assert 0.5 < (life.finished_at - life.started_at).total_seconds() < 10


@pytest.mark.parametrize("number", [1, 12])
def test_a_steady_look_makes_two_calls_whatever_the_number_of_pods(bed: Bed, looking: Looking, number: int) -> None:
    for spec in cri_scenarios.load(number):
        bed.node.run(spec)
    first = looking.commands(looking.inventory)
    assert first == ["version", *STEADY, "inspectp", "inspect", "images"]
    for _ in range(3):
        assert looking.commands(looking.inventory) == STEADY
    assert len(looking.inventory().pods) == number


def kill_pause(pod: Pod, looking: Looking) -> None:
    assert pod.pause is not None
    assert pod.pause.process is not None
    target = Target(pod.pause.process, pod.pause.namespaces.net)
    action = Action("a1", ActionKind.DELETE_PAUSE, pod.key, pod.pause.key, pod.title, target)
    with looking.observer.open_target(target) as process:
        assert looking.backend.perform(action, process).startswith("sent SIGKILL to pid")


def test_a_pause_that_was_killed_leaves_network_and_members_until_the_sandbox_is_stopped(
    bed: Bed, looking: Looking
) -> None:
    made = bed.node.run(cri_scenarios.web())
    before = looking.pod("web")
    kill_pause(before, looking)
    until(lambda: looking.record("web").state is PodState.NOTREADY, what="the sandbox to be NotReady")
    after = looking.pod("web")
    assert after.pause is not None
    assert (after.pause.state, after.pause.process) == (ContainerState.EXITED, None)
    assert after.addresses == after.runtime_addresses == before.addresses
    assert [one.process for one in after.members] == [one.process for one in before.members]
    bed.node.stop_sandbox(made.sandbox)
    looking.see_afresh()
    stopped = looking.pod("web")
    assert stopped.runtime_addresses == ()
    assert stopped.addresses == ()
    assert [(one.state, one.exit_code) for one in stopped.members] == [(ContainerState.EXITED, 137)] * 2


def test_a_pod_that_was_made_again_is_the_same_pod_with_a_history(bed: Bed, looking: Looking) -> None:
    made = bed.node.run(cri_scenarios.web())
    before = looking.pod("web")
    bed.node.stop_sandbox(made.sandbox)
    again = bed.node.run(made.spec, attempt=1)
    after = looking.pod("web")
    assert after.key == before.key
    assert [(one.id, one.attempt, one.state) for one in after.sandboxes] == [
        (again.sandbox, 1, PodState.READY),
        (made.sandbox, 0, PodState.NOTREADY),
    ]
    assert before.pause is not None
    assert after.pause is not None
    assert after.pause.namespaces.net != before.pause.namespaces.net
    assert [(one.attempt, [life.attempt for life in one.previous]) for one in after.members] == [(1, [0])] * 2
    assert after.addresses
    assert after.addresses == after.runtime_addresses != before.addresses


def action(kind: ActionKind, pod: Pod, runtime_id: str | None, grace: float = 1.0) -> Action:
    return Action("a1", kind, pod.key, pod.members[0].key, pod.title, None, runtime_id, grace)


def test_a_member_is_stopped_by_the_runtime_and_nobody_brings_it_back(bed: Bed, looking: Looking) -> None:
    bed.node.run(cri_scenarios.web())
    web = looking.pod("web")
    nginx = next(one for one in web.members if one.name == "nginx")
    said = looking.backend.perform(action(ActionKind.RESTART_MEMBER, web, nginx.runtime_id), None)
    assert said.endswith(": stopped")
    after = looking.pod("web")
    ended = next(one for one in after.members if one.name == "nginx")
    assert ended.state is ContainerState.EXITED
    assert ended.exit_code is not None
    assert after.addresses == web.addresses
    assert after.brought_back_by is Restorer.NOBODY


def test_a_sandbox_is_stopped_and_removed_by_the_runtime(bed: Bed, looking: Looking) -> None:
    made = bed.node.run(cri_scenarios.web())
    web = looking.pod("web")
    said = looking.backend.perform(action(ActionKind.STOP_SANDBOX, web, made.sandbox), None)
    assert said == f"crictl stopp {made.sandbox[:12]}…: stopped"
    assert looking.record("web").state is PodState.NOTREADY
    said = looking.backend.perform(action(ActionKind.REMOVE_SANDBOX, web, made.sandbox), None)
    assert said == f"crictl rmp -f {made.sandbox[:12]}…: stopped and removed"
    assert looking.inventory().pods == ()
    with pytest.raises(ActionRefused, match="does not know it any more"):
        looking.backend.perform(action(ActionKind.STOP_SANDBOX, web, made.sandbox), None)


def shim_of(made: RunningPod, looking: Looking) -> int:
    pause = looking.record("web").pause
    assert pause is not None
    return looking.observer.observe().processes[pause.pid or 0].parent


def test_a_pod_whose_shim_hangs_is_a_problem_beside_all_others(bed: Bed, looking: Looking) -> None:
    made = bed.node.run(cri_scenarios.web())
    bed.node.run(cri_scenarios.api())
    shim = shim_of(made, looking)
    os.kill(shim, signal.SIGSTOP)
    try:
        afresh = CrictlBackend(HostRoot())
        inventory = afresh.inventory(looking.observer.observe())
    finally:
        os.kill(shim, signal.SIGCONT)
    web, api = sorted(inventory.pods, key=lambda pod: pod.name, reverse=True)
    assert api.pause is not None
    assert api.pause.pid
    assert [problem.subject for problem in inventory.problems] == [web.key]
    assert web.state is PodState.READY
    assert all(one.pid for one in web.members if one.state is ContainerState.RUNNING)


def test_a_runtime_that_hangs_is_told_in_time_and_asked_again(bed: Bed, looking: Looking) -> None:
    bed.node.run(cri_scenarios.web())
    before = looking.record("web")
    os.kill(bed.containerd_pid, signal.SIGSTOP)
    try:
        with pytest.raises(CannotLook, match="hangs"):
            looking.inventory()
    finally:
        os.kill(bed.containerd_pid, signal.SIGCONT)
    assert looking.commands(lambda: looking.record("web")) == ["version", *STEADY]
    assert looking.record("web") == before


def test_a_runtime_that_is_started_again_has_the_same_pods(bed: Bed, looking: Looking) -> None:
    bed.node.run(cri_scenarios.web())
    before = looking.record("web")
    os.kill(bed.containerd_pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{bed.containerd_pid}").exists(), what="containerd's end")
    with pytest.raises(CannotLook, match="nobody listens"):
        looking.inventory()
    bed.start_containerd()
    assert looking.record("web") == before


def test_a_runtime_without_cri_is_told_and_what_to_do(bed: Bed, looking: Looking) -> None:
    os.kill(bed.containerd_pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{bed.containerd_pid}").exists(), what="containerd's end")
    bed.socket.unlink(missing_ok=True)
    bed.start_containerd(cri=False)
    try:
        with pytest.raises(CannotLook, match=r"does not serve the CRI.*disabled_plugins"):
            looking.inventory()
    finally:
        os.kill(bed.containerd_pid, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{bed.containerd_pid}").exists(), what="containerd's end")
        bed.start_containerd()

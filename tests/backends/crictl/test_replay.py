"""Recordings of a real node, looked at again: the timeline tells what happened, in order, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pausetui.backends.crictl import kubelet
from pausetui.backends.crictl.asking import Asking
from pausetui.backends.crictl.pods import problems, records
from pausetui.core.inventory import ContainerState, Inventory, PodRecord, PodState, Restorer, Role, Runtime
from pausetui.core.join import join
from pausetui.core.observation import Observation, Problem
from pausetui.core.snapshot import Snapshot
from pausetui.live.store import Store
from tests.backends.crictl.recorded import RECORDINGS, Kernel, Sample, found, lines, of_sample

WEB = "default/multi-container-pod-node1"
API = "shop/api-node1"


@dataclass
class Replay:
    """What came of a recording.

    Attributes:
        told: Time, pod and text of every change.
        before: What the timeline said of the time before the first sample.
        problems: All that were shown in between.
    """

    told: list[tuple[float, str, str]]
    before: list[tuple[str, str]]
    last: Snapshot
    problems: set[Problem]


def replay(name: str, *, keeps: bool) -> Replay:
    """Look at each sample of a recording.

    Args:
        keeps: What was answered is kept from sample to sample, as the backend does; else all is asked each time.
    """
    samples = [line for line in lines(RECORDINGS / f"{name}.ndjson.xz") if "action" not in line]
    kernel, store = Kernel(samples[0]), Store()
    seen: set[Problem] = set()
    told: list[tuple[float, str, str]] = []
    before: list[tuple[str, str]] = []
    asking: Asking | None = None
    for sample in samples:
        if asking is None or not keeps:
            asking = Asking(found(of_sample(sample)), lambda: 0.0)
        asking.found = found(of_sample(sample))
        inventory = _inventory(asking, sample, kernel)
        snapshot = join(inventory, kernel.observe(sample), kernel.at(sample), store.snapshot)
        is_first = store.snapshot is None
        told += [(sample["t"], event.change.pod, event.change.text) for event in store.apply(snapshot)]
        seen.update(snapshot.problems)
        if is_first:
            before = [(line.event.change.pod, line.text) for line in store.timeline.lines]
    assert store.snapshot is not None
    return Replay(told, before, store.snapshot, seen)


def _inventory(asking: Asking, sample: Sample, kernel: Kernel) -> Inventory:
    observation: Observation = kernel.observe(sample)
    answers = asking.look(observation)
    pods = records(answers, kubelet.find(observation))
    return Inventory("crictl", kernel.at(sample), Runtime("containerd"), pods, tuple(problems(answers)))


KILL_PAUSE = [
    (3.35, WEB, "sandbox attempt 0 is NotReady"),
    (3.35, WEB, "pause ended"),
    (7.76, WEB, "nginx exited 137 (SIGKILL), Error"),
    (7.76, WEB, "sidecar exited 137 (SIGKILL), Error"),
    (7.76, WEB, "IP 10.244.1.5 is gone"),
    (8.70, WEB, "new sandbox attempt 1"),
    (8.70, WEB, "pause restarted, attempt 1 · pid 25116 → 28322"),
    (8.70, WEB, "pause pid 25116 → 28322"),
    (8.70, WEB, "pause net 4026532187 → 4026532177"),
    (8.70, WEB, "pause ipc 4026532332 → 4026532191"),
    (8.70, WEB, "pause uts 4026532331 → 4026532190"),
    (8.70, WEB, "nginx restarted, attempt 1 · pid 25247 → 28373 · last exit 137 (SIGKILL)"),
    (8.70, WEB, "nginx pid 25247 → 28373"),
    (8.70, WEB, "sidecar restarted, attempt 1 · pid 25402 → 28416 · last exit 137 (SIGKILL)"),
    (8.70, WEB, "sidecar pid 25402 → 28416"),
    (8.70, WEB, "IP 10.244.1.8 (was 10.244.1.5)"),
]
KILL_MEMBER = [
    (3.24, WEB, "nginx exited 137 (SIGKILL), Error"),
    (4.06, WEB, "nginx restarted, attempt 2 · pid 28373 → 31866 · last exit 137 (SIGKILL)"),
    (4.06, WEB, "nginx pid 28373 → 31866"),
]
RMP_F = [
    (4.20, API, "sandbox attempt 1 removed"),
    (4.20, API, "init-config gone"),
    (4.20, API, "app gone"),
    (4.20, API, "istio-proxy gone"),
    (4.20, API, "pause ended"),
    (4.20, API, "IP 10.244.1.10 is gone"),
    (5.21, API, "sandbox attempt 0 removed"),
    (5.21, API, "new sandbox attempt 2"),
    (5.21, API, "init-config appeared, exited"),
    (5.21, API, "pause restarted, attempt 2 · pid 11688 → 18032"),
    (5.21, API, "pause pid 11688 → 18032"),
    (5.21, API, "pause net 4026532273 → 4026532179"),
    (5.21, API, "pause ipc 4026532181 → 4026540647"),
    (5.21, API, "pause uts 4026532180 → 4026540646"),
    (5.21, API, "IP 10.244.1.11 (was 10.244.1.10)"),
    (5.92, API, "app appeared, running"),
    (5.92, API, "istio-proxy appeared, running"),
]


@pytest.mark.parametrize(
    ("name", "expected"), [("kill-pause", KILL_PAUSE), ("kill-member", KILL_MEMBER), ("rmp-f", RMP_F)]
)
def test_a_recording_looked_at_whole_tells_what_happened_and_nothing_else(
    name: str, expected: list[tuple[float, str, str]]
) -> None:
    seen = replay(name, keeps=False)
    assert [(round(at, 2), pod, text) for at, pod, text in seen.told] == expected
    assert seen.problems == set()


@pytest.mark.parametrize(
    ("name", "expected"), [("kill-pause", KILL_PAUSE), ("kill-member", KILL_MEMBER), ("rmp-f", RMP_F)]
)
def test_asking_only_for_what_is_news_tells_the_same(name: str, expected: list[tuple[float, str, str]]) -> None:
    """But for what ended between two calls of one look: of that the kernel knows first, and not why."""
    told = [
        (round(at, 2), pod, text.replace("sidecar ended", "sidecar exited 137 (SIGKILL), Error"))
        for at, pod, text in replay(name, keeps=True).told
    ]
    assert told == expected


def pod(records: tuple[PodRecord, ...], name: str) -> PodRecord:
    return next(each for each in records if each.name == name)


def first_inventory(name: str) -> Inventory:
    first = next(lines(RECORDINGS / f"{name}.ndjson.xz"))
    return _inventory(Asking(found(of_sample(first))), first, Kernel(first))


def test_what_happened_before_is_told_from_sandboxes_and_earlier_attempts() -> None:
    before = replay("kill-member", keeps=True).before
    assert [text for where, text in before if where == WEB] == [
        "sandbox attempt 0 was made",
        "nginx attempt 0 exited 137 (SIGKILL), Error",
        "sidecar attempt 0 exited 137 (SIGKILL), Error",
        "new sandbox attempt 1 · old address unknown, then 10.244.1.8",
        "nginx restarted, attempt 1",
        "sidecar restarted, attempt 1",
    ]


def test_two_sandboxes_of_one_pod_are_one_pod_with_a_history() -> None:
    web = pod(first_inventory("kill-member").pods, "multi-container-pod-node1")
    assert [(one.attempt, one.state) for one in web.sandboxes] == [(1, PodState.READY), (0, PodState.NOTREADY)]
    assert web.attempt == 1
    assert web.pause is not None
    assert [life.attempt for life in web.pause.previous] == [0]
    assert [(one.name, one.attempt, [life.exit_code for life in one.previous]) for one in web.members] == [
        ("nginx", 1, [137]),
        ("sidecar", 1, [137]),
    ]


def test_pods_of_one_name_and_two_uids_are_two_pods() -> None:
    pods = [each for each in first_inventory("kill-pause").pods if each.name == "api-node1"]
    assert [each.state for each in pods] == [PodState.READY, PodState.NOTREADY]
    assert pods[0].key != pods[1].key


def test_an_init_container_is_told_by_its_order_and_its_end() -> None:
    api = next(each for each in first_inventory("kill-pause").pods if each.name == "api-node1")
    assert [(one.name, one.role, one.state) for one in api.members] == [
        ("init-config", Role.INIT, ContainerState.EXITED),
        ("app", Role.MEMBER, ContainerState.RUNNING),
        ("istio-proxy", Role.MEMBER, ContainerState.RUNNING),
    ]


def test_a_volume_that_two_members_have_is_shown_with_its_paths() -> None:
    api = next(each for each in first_inventory("kill-pause").pods if each.name == "api-node1")
    assert [one.mounts for one in api.members] == [("config:/config",), ("config:/config",), ()]


def test_a_pod_in_the_hosts_network_is_told() -> None:
    agent = pod(first_inventory("kill-pause").pods, "node-agent-node1")
    assert agent.host_network
    assert agent.runtime_addresses == ()
    assert agent.netns_path is None


def test_a_pod_that_kubelet_made_is_brought_back_by_it_where_one_runs() -> None:
    assert {each.brought_back_by for each in first_inventory("rmp-f").pods} == {Restorer.KUBELET}

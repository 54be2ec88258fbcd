"""``pausetui snapshot --backend crictl -o json`` is true, fact by fact."""

from __future__ import annotations

import copy
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.real import labs
from tests.real.containerd import Bed, containerd
from tests.real.cri_specs import Member, PodSpec, pod
from tests.real.cri_truth import Truth
from tests.waiting import until

pytestmark = pytest.mark.real

KEPT = (
    pod("web", Member("nginx"), Member("sidecar")),
    pod("api", Member("init", "true", init=True), Member("api"), namespace="shop", shared_pid=True),
    pod("node-agent", Member("agent"), namespace="kube-system", host_network=True, source="file"),
)
WEB = KEPT[0]
LATER = 15.0
"""Seconds after a pause was killed: whatever was cached has been asked again by then."""


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    """A node with pods that are kept alive, and one of which a member has failed twice."""
    with containerd() as node:
        failed = node.node.run(pod("failed", Member("a", "exit 3"), Member("b")))
        for attempt in (1, 2):
            wait_for_end(node, failed.members["a"])
            node.node.run_member(failed, failed.spec.members[0], attempt, attempt)
        wait_for_end(node, failed.members["a"])
        with node.kubelet(*KEPT, backoff=1, relist=0.5):
            yield node


def wait_for_end(bed: Bed, container: str) -> None:
    until(lambda: bed.node.status(container).finished_at > 0, what=f"the end of {container}")


def snapshot(bed: Bed) -> Any:
    done = labs.pausetui("snapshot", "--backend", "crictl", "-o", "json", env=bed.environment())
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def sandboxes(bed: Bed, spec: PodSpec) -> dict[int, str]:
    """The ids of a pod's sandboxes by attempt."""
    return {one.metadata.attempt: one.id for one in bed.node.sandboxes() if one.metadata.uid == spec.uid}


@dataclass
class Killed:
    """When the pause of a pod was killed, and what was the last attempt then."""

    at: float
    attempt: int


@pytest.fixture(scope="module")
def killed(bed: Bed) -> Killed:
    """The pause of a pod was killed, and the pod has been made again."""
    before = sandboxes(bed, WEB)
    attempt = max(before)
    os.kill(bed.node.sandbox_pid(before[attempt]), signal.SIGKILL)
    at = time.monotonic()
    until(lambda: attempt + 1 in sandboxes(bed, WEB) and bed.are_up(WEB), 30, "the next attempt")
    return Killed(at, attempt)


def test_when_a_pod_was_made_again_every_fact_is_so(bed: Bed, killed: Killed) -> None:
    printed = snapshot(bed)
    assert Truth(bed).lies(printed) == []
    web = next(one for one in printed["pods"] if one["name"] == "web")
    assert [one["attempt"] for one in web["sandboxes"]] == [killed.attempt + 1, killed.attempt]


def test_at_rest_every_fact_is_so(bed: Bed) -> None:
    printed = snapshot(bed)
    assert Truth(bed).lies(printed) == []
    failed = next(one for one in printed["pods"] if one["name"] == "failed")
    (a, _) = failed["members"]
    assert (a["exit_code"], [past["exit_code"] for past in a["previous"]]) == (3, [3, 3])


def test_a_lie_would_be_found(bed: Bed) -> None:
    printed, truth = snapshot(bed), Truth(bed)
    web = next(place for place, one in enumerate(printed["pods"]) if one["name"] == "web")
    for path in (
        ("addresses",),
        ("attempt",),
        ("sandboxes", 0, "state"),
        ("pause", "pid"),
        ("pause", "namespaces", "net", "inode"),
        ("members", 0, "processes"),
        ("members", 1, "namespaces", "ipc", "id"),
        ("members", 1, "exit_code"),
        ("members", 1, "started_at"),
    ):
        lying = copy.deepcopy(printed)
        inner = lying["pods"][web]
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = []
        assert len(truth.lies(lying)) == 1, path


def test_without_a_pause_every_fact_is_so(bed: Bed) -> None:
    made = bed.node.run(pod("bare", Member("a")))
    os.kill(bed.node.sandbox_pid(made.sandbox), signal.SIGKILL)
    until(lambda: bed.node.sandbox_pid(made.sandbox) == 0, what="containerd to know")
    printed = snapshot(bed)
    assert Truth(bed).lies(printed) == []
    bare = next(one for one in printed["pods"] if one["name"] == "bare")
    assert (bare["state"], bare["pause"]["state"], bare["members"][0]["state"]) == ("notready", "exited", "running")
    assert bare["addresses"]
    bed.node.stop_sandbox(made.sandbox)
    printed = snapshot(bed)
    assert Truth(bed).lies(printed) == []
    assert next(one for one in printed["pods"] if one["name"] == "bare")["addresses"] == []
    bed.node.remove_pod(made.spec)


def test_fifteen_seconds_after_a_pause_was_killed_every_fact_is_so(bed: Bed, killed: Killed) -> None:
    until(lambda: time.monotonic() - killed.at > LATER, LATER + 5)
    assert Truth(bed).lies(snapshot(bed)) == []

"""Which backend is taken on a node with a CRI runtime, with a lab beside it, and when the runtime hangs."""

from __future__ import annotations

import argparse
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pausetui.commands import choose
from pausetui.commands.main import DEFAULTS
from pausetui.kernel.host import HostRoot
from tests.real.containerd import Bed, containerd
from tests.real.cri_client import RunningPod
from tests.real.cri_specs import Member, pod
from tests.real.cri_watch import is_up, watching
from tests.real.labs import lab, named_lab, pausetui
from tests.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def node() -> Iterator[Bed]:
    with containerd() as bed:
        yield bed


@pytest.fixture
def bed(node: Bed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bed]:
    """A node without pods; the program finds its crictl and its runtime by the environment."""
    for name, value in node.environment().items():
        monkeypatch.setenv(name, value)
    yield node
    node.node.remove_all()


@pytest.fixture
def web(bed: Bed) -> RunningPod:
    return bed.node.run(pod("web", Member("nginx"), Member("sidecar")))


@pytest.fixture(scope="module")
def beside() -> Iterator[None]:
    """A lab that runs."""
    with lab("sidecar"):
        yield


@pytest.fixture
def no_lab() -> Iterator[None]:
    with named_lab():
        yield


def backends() -> dict[str, tuple[bool, str]]:
    """What ``pausetui backends`` says of each, and whether it would be taken."""
    done = pausetui("backends")
    assert done.returncode == 0, done.stderr
    rows = ([*line[2:].split(maxsplit=1), line[0]] for line in done.stdout.splitlines())
    return {name: (star == "*", says) for name, says, star in rows}


def snapshot() -> Any:
    """What ``pausetui snapshot`` takes by itself."""
    done = pausetui("snapshot", "-o", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def names(printed: Any) -> list[str]:
    return [one["name"] for one in printed["pods"]]


def test_crictl_with_pods_wins_and_the_lab_is_named(web: RunningPod, beside: None) -> None:
    told = backends()
    assert [name for name, (taken, _) in told.items() if taken] == ["crictl"]
    assert all(told[name][1].startswith("1 pod") for name in ("crictl", "lab"))
    printed = snapshot()
    assert (printed["backend"], names(printed)) == ("crictl", ["web"])
    assert printed["runtime"]["name"] == "containerd"


def test_crictl_without_pods_yields_to_a_running_lab(bed: Bed, beside: None) -> None:
    told = backends()
    assert [name for name, (taken, _) in told.items() if taken] == ["lab"]
    assert told["crictl"][1].startswith("0 pods")
    printed = snapshot()
    assert (printed["backend"], names(printed)) == ("lab", ["sidecar"])


def test_while_the_runtime_hangs_the_pods_are_those_of_proc_and_it_is_said(
    bed: Bed, web: RunningPod, no_lab: None
) -> None:
    with bed.hung():
        printed = snapshot()
        told = backends()
    assert printed["backend"] == "proc"
    assert "crictl does not answer" in printed["remarks"]
    shown = next(one for one in printed["pods"] if one["uid"] == web.spec.uid)
    assert shown["pause"]["pid"] == bed.node.sandbox_pid(web.sandbox)
    assert {one["pid"] for one in shown["members"]} == set(map(bed.node.pid, web.members.values()))
    assert "hangs" in told["crictl"][1]
    assert told["proc"][0]


def test_asked_for_by_name_a_runtime_that_hangs_is_an_error(bed: Bed, web: RunningPod) -> None:
    with bed.hung():
        done = pausetui("snapshot", "--backend", "crictl")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"the runtime at {bed.endpoint} does not answer: it hangs" in done.stderr


def switch(**given: object) -> Any:
    return choose.switch(argparse.Namespace(**{**DEFAULTS, **given}), HostRoot())


def test_a_running_session_changes_to_the_lab_and_back_in_place(
    bed: Bed, web: RunningPod, beside: None, tmp_path: Path
) -> None:
    with watching(bed, tmp_path, backend=switch()) as watched:
        before = watched.pod("web", is_up)
        choices = {one.name: one.in_use for one in watched.session.choices()}
        assert {"crictl", "lab", "proc"} <= choices.keys()
        assert [name for name, in_use in choices.items() if in_use] == ["crictl"]
        watched.session.use("lab")
        watched.pod("sidecar")
        assert watched.snapshot.backend == "lab"
        assert [one.name for one in watched.snapshot.pods] == ["sidecar"]
        assert not [event for event in watched.events if event.change.pod_key]
        watched.session.use("crictl")
        after = watched.pod("web", is_up)
        assert watched.snapshot.backend == "crictl"
        assert (after.key, after.pause, after.addresses) == (before.key, before.pause, before.addresses)
        assert "default/web sandbox attempt 0 was made" in watched.timeline()


def test_a_session_that_found_no_pods_shows_those_that_come(
    bed: Bed, no_lab: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pausetui.backends.switch.ELSEWHERE_SECONDS", 0.5)  # others may have pods in /proc
    with watching(bed, tmp_path, backend=switch()) as watched:
        watched.is_live()
        made = bed.node.run(pod("first", Member("a")))
        shown = watched.pod("first", is_up)
        assert shown.sandboxes[0].id == made.sandbox


def test_a_runtime_that_hung_when_the_session_began_is_taken_when_it_answers(
    bed: Bed, web: RunningPod, no_lab: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pausetui.backends.switch.MISSED_SECONDS", 0.5)
    with bed.hung(), watching(bed, tmp_path, backend=switch()) as watched:
        until(lambda: watched.snapshot.backend == "proc" and watched.snapshot.pods, 30, "the pods of /proc")
        assert "crictl does not answer" in watched.snapshot.remarks
        os.kill(bed.containerd_pid, signal.SIGCONT)
        until(lambda: watched.snapshot.backend == "crictl", 30, "crictl")
        assert watched.pod("web", is_up).sandboxes[0].id == web.sandbox
        assert "crictl does not answer" not in watched.snapshot.remarks

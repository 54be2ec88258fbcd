"""What happened to the pods of a node before the session began is in its timeline, marked as such."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from pausetui.core.changes import TimelineLine
from tests.real.containerd import Bed, containerd
from tests.real.cri_specs import Member, pod
from tests.real.cri_watch import Watched, watching
from tests.waiting import until

pytestmark = pytest.mark.real

FAILED = Member("a", "sleep 0.2; exit 3")


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    """A node of which much has happened: to ``failed``, ``stopped``, ``forgotten`` and ``killed``."""
    with containerd() as node:
        failed = node.node.run(pod("failed", FAILED, Member("b")))
        for attempt in (1, 2):
            wait_for_end(node, failed.members["a"])
            node.node.run_member(failed, FAILED, attempt, attempt)
        wait_for_end(node, failed.members["a"])
        for name in ("stopped", "forgotten"):
            made = node.node.run(pod(name, Member("a")))
            node.node.stop_sandbox(made.sandbox)
            if name == "forgotten":
                node.node.remove_sandbox(made.sandbox)
            node.node.run(made.spec, 1)
        made = node.node.run(pod("killed", Member("a")))
        os.kill(node.node.sandbox_pid(made.sandbox), signal.SIGKILL)
        until(lambda: node.node.sandbox_pid(made.sandbox) == 0, what="containerd to know")
        node.node.run(made.spec, 1)
        yield node


def wait_for_end(bed: Bed, container: str) -> None:
    until(lambda: bed.node.status(container).finished_at > 0, what=f"the end of {container}")


@pytest.fixture(scope="module")
def watched(bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watching(bed, tmp_path_factory.mktemp("journal")) as one:
        one.is_live()
        yield one


def lines(watched: Watched, name: str) -> list[TimelineLine]:
    return [line for line in watched.pictures[-1].timeline if line.event.change.pod == f"default/{name}"]


def address(watched: Watched, name: str) -> str:
    (only,) = watched.pod(name).addresses or ()
    return only


def test_all_of_it_is_marked_in_order_and_no_change_of_this_session(watched: Watched) -> None:
    events = [line.event for line in watched.pictures[-1].timeline]
    assert len(events) >= 10
    assert all(event.before_you_came for event in events)
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert watched.events == []


def test_a_member_that_failed_again_and_again_is_there_with_its_exit_codes(bed: Bed, watched: Watched) -> None:
    found = lines(watched, "failed")
    assert [line.text for line in found] == [
        "sandbox attempt 0 was made",
        "a attempt 0 exited 3, Error",
        "a attempt 2 exited 3, Error",
    ]
    assert found[-1].restarts == 2
    newest = next(one for one in bed.node.containers() if one.metadata.name == "a" and one.metadata.attempt == 2)
    assert found[-1].event.at.timestamp() == pytest.approx(bed.node.status(newest.id).finished_at / 1e9, abs=1e-3)


def test_a_sandbox_that_was_stopped_has_lost_its_address(watched: Watched) -> None:
    assert [line.text for line in lines(watched, "stopped")] == [
        "sandbox attempt 0 was made",
        "a attempt 0 exited 137 (SIGKILL), Error",
        f"new sandbox attempt 1 · old address unknown, then {address(watched, 'stopped')}",
        "a restarted, attempt 1",
    ]


def test_of_a_sandbox_that_was_removed_only_its_being_followed_is_known(watched: Watched) -> None:
    assert [line.text for line in lines(watched, "forgotten")] == [
        f"new sandbox attempt 1 · old address unknown, then {address(watched, 'forgotten')}",
        "a restarted, attempt 1",
    ]


def test_the_address_of_a_sandbox_whose_network_is_still_there_is_known(watched: Watched) -> None:
    old = watched.pod("killed").sandboxes[1].addresses[0]
    texts = [line.text for line in lines(watched, "killed")]
    assert f"new sandbox attempt 1 · IP {old} → {address(watched, 'killed')}" in texts
    assert old != address(watched, "killed")


def test_what_happens_next_is_not_marked(bed: Bed, tmp_path: Path) -> None:
    made = bed.node.run(pod("next", Member("a")))
    with watching(bed, tmp_path) as watched:
        watched.pod("next")
        bed.node.stop(made.members["a"])
        until(lambda: "default/next a ended" in watched.timeline(), what="the news")
        found = lines(watched, "next")
    assert [(line.text, line.event.before_you_came) for line in found] == [
        ("sandbox attempt 0 was made", True),
        ("a ended", False),
    ]

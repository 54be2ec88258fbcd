"""How long kubelet may wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pausetui.core.backoff import back_off
from pausetui.core.inventory import ContainerState, PodState, Restorer
from pausetui.core.snapshot import Container, Pod
from pausetui.core.tabs.container_overview import container_overview
from tests import factories
from tests.factories import NOW

ENDED = NOW - timedelta(seconds=5)


def ended(restarts: int | None, exit_code: int = 1) -> tuple[Pod, Container]:
    pod = replace(factories.pod(), brought_back_by=Restorer.KUBELET)
    member = replace(
        pod.members[0],
        state=ContainerState.EXITED,
        process=None,
        restarts=restarts,
        finished_at=ENDED,
        exit_code=exit_code,
    )
    return replace(pod, members=(member,)), member


def told(pod: Pod, member: Container) -> str:
    return "\n".join(entry.text for entry in container_overview(factories.snapshot(pod), pod, member))


@pytest.mark.parametrize(("restarts", "seconds"), [(0, 0), (1, 10), (2, 20), (3, 40), (6, 300), (400, 300)])
def test_the_wait_doubles_from_ten_seconds_to_five_minutes(restarts: int, seconds: int) -> None:
    wait = back_off(*ended(restarts))
    assert wait is not None
    assert (wait.seconds, wait.until) == (seconds, ENDED + timedelta(seconds=seconds))


def test_where_nobody_brings_it_back_there_is_no_wait() -> None:
    pod, member = ended(3)
    assert back_off(replace(pod, brought_back_by=Restorer.NOBODY), member) is None


def test_in_a_sandbox_that_is_not_ready_nothing_is_started() -> None:
    pod, member = ended(3)
    assert back_off(replace(pod, state=PodState.NOTREADY), member) is None


def test_a_member_whose_restarts_nobody_counted_has_an_unknown_wait() -> None:
    assert back_off(*ended(None)) is None


def test_the_overview_says_by_when_it_is_started_again() -> None:
    assert "kubelet starts it again by" in told(*ended(3))
    assert "back-off of at most 40 s" in told(*ended(3))


def test_the_overview_says_that_the_wait_is_over_and_why_it_may_not_be_started() -> None:
    assert "back-off is over" in told(*ended(0))
    assert "restartPolicy Never, or OnFailure" in told(*ended(0, exit_code=0))

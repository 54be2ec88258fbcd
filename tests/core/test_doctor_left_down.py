"""Members that their restart policy could not start again while their pause was down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pausetui.core.actions import Abilities, ActionKind
from pausetui.core.doctor.checks import findings
from pausetui.core.doctor.finding import Examined, Finding
from pausetui.core.inventory import ContainerState, Restorer, Runtime
from pausetui.core.snapshot import Pod, Snapshot
from tests import factories
from tests.factories import NOW

PAUSE_ID, APP_ID = "a" * 64, "b" * 64


def web(**changed: object) -> Pod:
    """Its pause runs; its member app ended an hour before that, and dockerd failed to start it again."""
    pod = factories.pod("web", namespace="", members=("app",), address="172.17.0.2")
    assert pod.pause is not None
    app = replace(
        pod.members[0],
        state=ContainerState.EXITED,
        process=None,
        processes=(),
        exit_code=137,
        runtime_id=APP_ID,
        joins=PAUSE_ID,
        restart_policy="always",
        start_error="cannot join network of a non running container",
        finished_at=NOW - timedelta(hours=2),
    )
    pause = replace(pod.pause, name="web", runtime_id=PAUSE_ID, started_at=NOW - timedelta(hours=1))
    made = replace(pod, backend="docker", pause=pause, members=(app,), brought_back_by=Restorer.RESTART_POLICY)
    return replace(made, **changed)  # type: ignore[arg-type]


def app_is(pod: Pod, **changed: object) -> Pod:
    return replace(pod, members=(replace(pod.members[0], **changed),))  # type: ignore[arg-type]


def seen(pod: Pod) -> Snapshot:
    runtime = Runtime(pod.backend, "20.10", command=(pod.backend,))
    abilities = Abilities(frozenset(), frozenset(ActionKind))
    return replace(factories.snapshot(pod), backend=pod.backend, runtime=runtime, abilities=abilities)


def found(pod: Pod, before: Pod | None = None) -> tuple[Finding, ...]:
    return findings(Examined(seen(pod), seen(before or pod), ()))


def test_one_that_dockerd_could_not_start_again_is_found_with_why_and_the_command() -> None:
    (one,) = found(web())
    assert (one.id, one.title, one.command) == ("member-left-down", "web app", f"docker start {APP_ID[:13]}")
    assert one.evidence[1] == "Docker tried: cannot join network of a non running container"


def test_of_podman_it_is_told_by_its_end_before_its_pause_was_started() -> None:
    silent = app_is(web(backend="podman"), start_error=None)
    (one,) = found(silent)
    assert one.evidence[1] == "it ended before that started"
    assert found(app_is(silent, finished_at=NOW)) == ()


@pytest.mark.parametrize(
    "changed", [{"start_error": None}, {"restart_policy": "no"}, {"joins": None}, {"state": ContainerState.RUNNING}]
)
def test_one_that_was_stopped_or_that_nothing_says_to_start_again_is_nothing_wrong(
    changed: dict[str, object],
) -> None:
    assert found(app_is(web(), **changed)) == ()


def test_while_the_pause_is_down_that_is_what_is_wrong() -> None:
    pod = web()
    assert pod.pause is not None
    assert found(replace(pod, pause=replace(pod.pause, state=ContainerState.EXITED, process=None))) == ()


def test_one_that_is_being_started_is_not_told() -> None:
    assert found(web(), before=app_is(web(), state=ContainerState.RUNNING)) == ()

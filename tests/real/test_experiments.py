"""Break a real pod through a running session, and see what is said about pause containers.

Each is done once with every way of identifying namespaces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pausetui.backends.lab import LabBackend
from pausetui.core.actions import Action, ActionKind, Offer
from pausetui.core.changes import ChangeKind, Event
from pausetui.core.inventory import ContainerState, PodState
from pausetui.core.namespaces import POD_KINDS
from pausetui.core.predict.offers import offer
from pausetui.core.snapshot import Container, Pod
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from pausetui.live.journal import Journal
from pausetui.live.picture import Picture
from pausetui.live.session import LiveSession
from tests.real.labs import lab
from tests.waiting import until

IDENTITIES = ("ns_id", "cookie", "mntns_id", "generation")


class Watched:
    """A session on the lab, with everything it told."""

    def __init__(self, journal: Path, identity: str = "ns_id") -> None:
        self.pictures: list[Picture] = []
        self.events: list[Event] = []
        self.session = LiveSession(
            LabBackend(HostRoot()),
            Observer(identity=identity),
            on_events=self.events.extend,
            journal=Journal(journal),
        )
        self.session.start(self.pictures.append)

    def pod(self, name: str, wanted: Callable[[Pod], bool]) -> Pod:
        """The newest picture's pod of this name, as soon as it is as wanted."""

        def found() -> Pod | None:
            pods = self.pictures[-1].snapshot.pods if self.pictures else ()
            return next((pod for pod in pods if pod.name == name and wanted(pod)), None)

        return until(found, 20, f"{name} as wanted")

    def do(self, kind: ActionKind, key: str) -> Action:
        made = offer(self.pictures[-1].snapshot, kind, key)
        assert isinstance(made, Offer)
        return self.session.submit(made)


def is_complete(pod: Pod) -> bool:
    return (
        pod.state is PodState.READY
        and bool(pod.addresses)
        and all(one.process and one.namespaces.net for one in pod.containers() if one.role != "init")
    )


def member(pod: Pod, name: str) -> Container:
    return next(one for one in pod.members if one.name == name)


def pod_spaces(pod: Pod) -> tuple[object, ...]:
    assert pod.pause is not None
    return tuple(pod.pause.namespaces.get(kind) for kind in POD_KINDS)


@pytest.fixture(scope="module")
def web() -> Iterator[None]:
    with lab("web"):
        yield


@pytest.fixture(params=IDENTITIES)
def watched(web: None, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Watched]:
    one = Watched(tmp_path / "journal.jsonl", request.param)
    yield one
    one.session.stop()


def test_deleting_the_pause_brings_new_namespaces_a_new_address_and_every_member_anew(watched: Watched) -> None:
    before = watched.pod("web", is_complete)
    action = watched.do(ActionKind.DELETE_PAUSE, before.key)
    after = watched.pod("web", lambda pod: is_complete(pod) and pod.attempt != before.attempt)
    assert after.key == before.key
    assert not set(pod_spaces(after)) & set(pod_spaces(before))
    assert after.addresses != before.addresses
    for name in ("web", "sidecar"):
        assert member(after, name).process != member(before, name).process
        assert member(after, name).attempt != member(before, name).attempt
        assert member(after, name).namespaces.net == after.pause.namespaces.net  # type: ignore[union-attr]
    told = [event for event in watched.events if event.action_id == action.id]
    kinds = {event.change.kind for event in told}
    assert {ChangeKind.SANDBOX_ADDED, ChangeKind.NAMESPACE_CHANGED, ChangeKind.ADDRESS_CHANGED} <= kinds
    assert all(event.seconds_after is not None for event in told)


def test_killing_a_member_leaves_namespaces_and_address_and_gives_it_a_new_pid(watched: Watched) -> None:
    before = watched.pod("web", is_complete)
    old = member(before, "sidecar")
    watched.do(ActionKind.KILL_MEMBER, old.key)

    def is_back(pod: Pod) -> bool:
        return is_complete(pod) and member(pod, "sidecar").process != old.process

    after = watched.pod("web", is_back)
    assert pod_spaces(after) == pod_spaces(before)
    assert after.addresses == before.addresses
    assert after.pause == before.pause
    assert member(after, "web").process == member(before, "web").process
    assert member(after, "sidecar").namespaces.net == old.namespaces.net
    changed = {event.change.kind for event in watched.events}
    assert not changed & {ChangeKind.NAMESPACE_CHANGED, ChangeKind.ADDRESS_CHANGED, ChangeKind.SANDBOX_ADDED}


def test_restarting_a_member_asks_it_to_end_and_it_ends_well(watched: Watched) -> None:
    before = watched.pod("web", is_complete)
    old = member(before, "web")
    watched.do(ActionKind.RESTART_MEMBER, old.key)
    after = watched.pod("web", lambda pod: is_complete(pod) and member(pod, "web").process != old.process)
    assert member(after, "web").previous[0].exit_code == 0
    assert pod_spaces(after) == pod_spaces(before)


def test_a_member_that_crashes_in_a_loop_is_one_line_with_a_count(tmp_path: Path) -> None:
    with lab("crashloop"):
        one = Watched(tmp_path / "journal.jsonl")
        try:
            one.pod("crashloop", lambda pod: (member(pod, "crasher").attempt or 0) >= 3)
            until(lambda: bool(one.pictures[-1].timeline) and one.pictures[-1].timeline[-1].count >= 2, 20)
            lines = [line for line in one.pictures[-1].timeline if line.restarts]
        finally:
            one.session.stop()
    assert len(lines) == 1
    assert lines[0].event.change.container_key is not None
    assert lines[0].event.change.container_key.endswith("crasher")


def test_without_a_pause_the_joined_member_is_orphaned_when_the_first_restarts(tmp_path: Path) -> None:
    with lab("no-pause"):
        one = Watched(tmp_path / "journal.jsonl")
        try:
            before = one.pod("no-pause", is_complete)
            assert before.pause is None
            one.do(ActionKind.KILL_MEMBER, member(before, "a").key)
            after = one.pod("no-pause", lambda pod: is_complete(pod) and bool(pod.orphans))
            texts = [event.change.text for event in one.events]
        finally:
            one.session.stop()
    assert after.orphans == (member(after, "b").key,)
    assert member(after, "b").namespaces.net == member(before, "b").namespaces.net
    assert after.addresses != before.addresses
    assert member(after, "b").state is ContainerState.RUNNING
    assert any("b is orphaned" in text for text in texts)

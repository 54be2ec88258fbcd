"""What a session remembers from one snapshot to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pausetui.core.actions import Action, ActionKind, Target
from pausetui.core.inventory import PodState, Sandbox
from pausetui.live.store import Store
from tests import factories
from tests.factories import NOW


def action_on(pod_key: str) -> Action:
    pod = factories.pod()
    assert pod.pause is not None
    assert pod.pause.process is not None
    return Action("a1", ActionKind.DELETE_PAUSE, pod_key, pod.pause.key, "pause", Target(pod.pause.process))


def test_what_is_there_at_the_first_answer_did_not_just_appear() -> None:
    store = Store()
    store.apply(replace(factories.snapshot(), pods=(), inventory_at=None))
    assert store.apply(factories.snapshot()) == ()


def test_what_a_runtime_remembers_of_the_time_before_comes_first_and_takes_no_number() -> None:
    store = Store()
    old = Sandbox("s0", 0, PodState.READY, NOW - timedelta(hours=1))
    pod = replace(factories.pod(), sandboxes=(old,))
    store.apply(factories.snapshot(pod))
    assert [line.text for line in store.timeline.lines] == ["sandbox attempt 0 was made"]
    (event,) = store.apply(factories.snapshot(replace(pod, addresses=("10.0.0.1",)), seconds=1))
    assert event.seq == 1


def test_another_backend_begins_with_its_own_past_and_nothing_that_came_or_went() -> None:
    store = Store()
    store.apply(factories.snapshot(factories.pod()))
    other = replace(factories.pod(), key="other", name="other")
    assert store.apply(replace(factories.snapshot(other), backend="proc")) == ()
    assert store.gone == ()


def test_events_are_numbered_without_gaps() -> None:
    store = Store()
    store.apply(factories.snapshot(factories.pod()))
    first = store.apply(factories.snapshot(factories.pod(address="10.0.0.1"), seconds=1))
    second = store.apply(factories.snapshot(factories.pod(address="10.0.0.2"), seconds=2))
    assert [event.seq for event in (*first, *second)] == [1, 2]


def test_what_follows_an_action_on_its_pod_is_put_down_to_it_with_the_time_since() -> None:
    store = Store()
    pod = factories.pod()
    store.apply(factories.snapshot(pod))
    store.acted(action_on(pod.key), NOW)
    (event,) = store.apply(factories.snapshot(factories.pod(address="10.0.0.1"), seconds=2.5))
    assert (event.action_id, event.seconds_after) == ("a1", 2.5)


def test_what_happens_to_another_pod_is_not_put_down_to_the_action() -> None:
    store = Store()
    store.apply(factories.snapshot(factories.pod()))
    store.acted(action_on("another"), NOW)
    (event,) = store.apply(factories.snapshot(factories.pod(address="10.0.0.1"), seconds=1))
    assert event.action_id is None


def test_what_happens_long_after_an_action_is_not_put_down_to_it() -> None:
    store = Store()
    pod = factories.pod()
    store.apply(factories.snapshot(pod))
    store.acted(action_on(pod.key), NOW)
    (event,) = store.apply(factories.snapshot(factories.pod(address="10.0.0.1"), seconds=61))
    assert event.action_id is None


def test_a_pod_that_went_is_kept_for_a_minute_as_it_was() -> None:
    store = Store()
    store.apply(factories.snapshot())
    store.apply(factories.snapshot(factories.pod(), seconds=1))
    assert [gone.pod.title for gone in store.gone] == ["shop/api"]
    store.apply(factories.snapshot(factories.pod(), seconds=62))
    assert store.gone == ()


def test_a_pod_that_comes_again_is_no_longer_gone() -> None:
    store = Store()
    store.apply(factories.snapshot())
    store.apply(factories.snapshot(factories.pod(), seconds=1))
    store.apply(factories.snapshot(seconds=2))
    assert store.gone == ()


def test_a_snapshot_taken_later_with_nothing_changed_gives_no_event() -> None:
    store = Store()
    first = factories.snapshot()
    store.apply(first)
    assert store.apply(replace(first, taken_at=NOW + timedelta(seconds=9))) == ()

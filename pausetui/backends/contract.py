"""The tests that every backend passes. Subclass them beside your backend, and run pytest.

::

    class TestMine(BackendContract):
        backend_class = MyBackend

        @pytest.fixture
        def a_pod(self) -> Iterator[str]:
            with my_runtime.pod("web", containers=["nginx"]) as pod:
                yield pod.name

If your runtime can be away (stopped, not installed, hung), ``CanBeAway`` is for you, too. All tests look at the
real kernel, so they run where your runtime runs. Needs pytest, which pausetui itself doesn't.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta

import pytest

from pausetui.backends.base import Backend
from pausetui.core.actions import Action, ActionKind, Target
from pausetui.core.inventory import ContainerRecord, ContainerState, Inventory, PodRecord, PodState, Role
from pausetui.core.observation import Node, Observation, ProcessId
from pausetui.errors import CannotLook
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from pausetui.text import harmless

PATIENCE = 15.0
"""Seconds in which anything has to happen, a call to a runtime that doesn't answer included."""


def records(pod: PodRecord) -> tuple[ContainerRecord, ...]:
    """All containers of a pod, the pause container first."""
    return (pod.pause, *pod.members) if pod.pause else pod.members


class BackendContract:
    """What the rest of pausetui relies on, one test for each promise.

    Attributes:
        backend_class: The class under test, made with nothing but a ``HostRoot``.
    """

    backend_class: Callable[[HostRoot], Backend]

    @pytest.fixture
    def a_pod(self) -> Iterator[str]:
        """Make a pod with at least one running member; yield its name; remove it. To be overridden."""
        raise NotImplementedError("override the fixture a_pod")

    @pytest.fixture
    def observer(self) -> Iterator[Observer]:
        """The kernel of this machine."""
        with closing(Observer(HostRoot())) as observer:
            yield observer

    @pytest.fixture
    def backend(self, a_pod: str) -> Iterator[Backend]:
        """The backend under test, while the pod is there."""
        with closing(type(self).backend_class(HostRoot())) as backend:
            yield backend

    @pytest.fixture
    def inventory(self, backend: Backend, observer: Observer, a_pod: str) -> Inventory:
        """What it says once it has found the pod."""
        deadline = time.monotonic() + PATIENCE
        while True:
            inventory = backend.inventory(observer.observe())
            if any(pod.name == a_pod and pod.members for pod in inventory.pods):
                return inventory
            if time.monotonic() > deadline:
                found = [f"{pod.namespace}/{pod.name}" for pod in inventory.pods]
                pytest.fail(f"the pod {a_pod} is not in the inventory: {found}, {inventory.problems}")
            time.sleep(0.05)

    @pytest.fixture
    def pod(self, inventory: Inventory, a_pod: str) -> PodRecord:
        """The pod."""
        return next(pod for pod in inventory.pods if pod.name == a_pod)

    def test_the_inventory_says_who_was_asked_and_when(self, backend: Backend, inventory: Inventory) -> None:
        """``backend`` is the backend's name, ``runtime`` is named, and the time is now, in UTC."""
        assert inventory.backend == backend.name
        assert inventory.runtime.name
        assert inventory.inventory_at.utcoffset() == timedelta(0)
        assert abs(datetime.now(UTC) - inventory.inventory_at) < timedelta(seconds=PATIENCE)
        assert not inventory.stale

    def test_every_key_is_there_once(self, inventory: Inventory) -> None:
        """Rows are kept by key: two of one key would be one row."""
        pods = Counter(pod.key for pod in inventory.pods)
        containers = Counter(record.key for pod in inventory.pods for record in records(pod))
        assert all(pods)
        assert all(containers)
        assert {key: count for key, count in (pods + containers).items() if count > 1} == {}

    def test_keys_stay_from_one_look_to_the_next(
        self, backend: Backend, observer: Observer, inventory: Inventory, pod: PodRecord
    ) -> None:
        """Nothing happened, so nothing may appear to have."""
        again = backend.inventory(observer.observe())
        same = next((each for each in again.pods if each.key == pod.key), None)
        assert same is not None
        assert [record.key for record in records(same)] == [record.key for record in records(pod)]

    def test_the_pause_container_is_no_member(self, inventory: Inventory) -> None:
        """It is in ``pause``, with its role, or nowhere."""
        for pod in inventory.pods:
            assert pod.pause is None or pod.pause.role is Role.PAUSE
            assert all(member.role is not Role.PAUSE for member in pod.members)

    def test_states_are_of_the_closed_lists(self, inventory: Inventory) -> None:
        """A runtime's own words are translated."""
        for pod in inventory.pods:
            assert isinstance(pod.state, PodState)
            assert all(isinstance(record.state, ContainerState) for record in records(pod))

    def test_what_is_not_known_is_none_and_never_an_empty_text(self, inventory: Inventory) -> None:
        """Ids, images, and reasons are there or None."""
        for pod in inventory.pods:
            assert pod.uid != ""
            for record in records(pod):
                assert "" not in (record.runtime_id, record.sandbox_id, record.image, record.reason)
                assert record.pid is None or record.pid > 0, "0 is how runtimes say that there is no process"

    def test_running_members_have_their_processes(self, observer: Observer, pod: PodRecord) -> None:
        """A pid is that of a process that runs, in the /proc that is looked at, started when it is said to be."""
        running = [record for record in pod.members if record.state is ContainerState.RUNNING]
        assert running
        processes = observer.observe().processes
        for record in running:
            if record.process is not None:
                assert processes[record.process.pid].id == record.process
            elif record.pid is not None:
                assert record.pid in processes

    def test_a_sandbox_that_is_named_is_one_of_the_pods(self, inventory: Inventory) -> None:
        """Containers of earlier sandboxes included."""
        for pod in inventory.pods:
            ids = {sandbox.id for sandbox in pod.sandboxes}
            assert {record.sandbox_id for record in records(pod)} <= ids | {None}

    def test_all_text_is_harmless(self, inventory: Inventory) -> None:
        """Names, ids, and messages went through ``pausetui.text.harmless``."""
        assert [text for text in _texts(inventory) if harmless(text, max(len(text), 1)) != text] == []

    def test_a_machine_where_nothing_can_be_seen_is_no_error(self, backend: Backend) -> None:
        """The observation may be empty: no rights, or another machine's /proc."""
        nothing = Observation(datetime.now(UTC), Node("node", "6.1", "0", "0"))
        assert backend.inventory(nothing).backend == backend.name

    def test_killing_a_member_ends_its_very_process(
        self, backend: Backend, observer: Observer, pod: PodRecord
    ) -> None:
        """And the answer says in words what was sent."""
        record = next(each for each in pod.members if each.state is ContainerState.RUNNING)
        process = _process_of(record, observer)
        with observer.open_target(Target(process)) as target:
            action = Action("1", ActionKind.KILL_MEMBER, pod.key, record.key, record.name, Target(process))
            assert backend.perform(action, target)
            assert target.ended_within(PATIENCE)

    def test_hints_end_soon_after_they_are_told_to(self, backend: Backend) -> None:
        """Quitting waits for nobody."""
        stop = threading.Event()
        listener = threading.Thread(target=lambda: list(backend.hints(stop)), daemon=True)
        listener.start()
        stop.set()
        listener.join(PATIENCE)
        assert not listener.is_alive()

    def test_closing_twice_does_no_harm(self, backend: Backend) -> None:
        """Nor does closing what was never used."""
        backend.close()
        backend.close()


class CanBeAway:
    """For a runtime that can be stopped or missing: pausetui keeps the last answer, if it is told."""

    @pytest.fixture
    def away(self) -> Iterator[Backend]:
        """A backend whose runtime does not answer. To be overridden."""
        raise NotImplementedError("override the fixture away")

    def test_a_runtime_that_is_away_is_told_in_words_and_in_time(self, away: Backend) -> None:
        """CannotLook says what failed and why."""
        asked = time.monotonic()
        with pytest.raises(CannotLook) as caught:
            away.inventory(Observation(datetime.now(UTC), Node("node", "6.1", "0", "0")))
        assert caught.value.what
        assert caught.value.why
        assert time.monotonic() - asked < PATIENCE

    def test_hints_of_a_runtime_that_is_away_end_when_told_to(self, away: Backend) -> None:
        """They may wait for it to come, or raise CannotLook, but not hold up quitting."""
        stop = threading.Event()

        def listen() -> None:
            try:
                list(away.hints(stop))
            except CannotLook:
                return

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        stop.set()
        listener.join(PATIENCE)
        assert not listener.is_alive()


def _process_of(record: ContainerRecord, observer: Observer) -> ProcessId:
    if record.process is not None:
        return record.process
    found = observer.observe().processes.get(record.pid or 0)
    if found is None:
        pytest.fail(f"{record.name} is said to run, and has neither a process nor a pid that there is")
    return found.id


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))

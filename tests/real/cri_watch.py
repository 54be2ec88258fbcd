"""A running session that asks the crictl of a node, and everything that it told."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pausetui.backends.base import Backend
from pausetui.backends.crictl.backend import CrictlBackend
from pausetui.core.actions import Action, ActionKind, ActionOutcome, Offer
from pausetui.core.changes import ChangeKind, Event
from pausetui.core.inventory import ContainerState, PodState, Role
from pausetui.core.namespaces import POD_KINDS
from pausetui.core.observation import Problem
from pausetui.core.predict.offers import offer
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.kernel import pins
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from pausetui.live.journal import Journal
from pausetui.live.pace import ASK_GAP
from pausetui.live.picture import Picture
from pausetui.live.session import LiveSession
from tests.real.containerd import Bed
from tests.waiting import until

Wanted = Callable[[Pod], bool]


class Watched:
    """A session, and the pictures, changes and journal that it made."""

    def __init__(self, backend: Backend, journal: Path, identity: str | None = None) -> None:
        self.pictures: list[Picture] = []
        self.events: list[Event] = []
        self.session = LiveSession(
            backend, Observer(identity=identity), on_events=self.events.extend, journal=Journal(journal)
        )
        self._journal = journal
        self._asked_at = 0.0
        self.session.start(self.pictures.append)

    @property
    def snapshot(self) -> Snapshot:
        """The newest."""
        return until(lambda: self.pictures, what="the first picture")[-1].snapshot

    @property
    def problems(self) -> list[Problem]:
        """Those of the newest snapshot, without what this machine hides from everybody."""
        return [one for one in self.snapshot.problems if one.subject != "kernel"]

    def pod(self, name: str, wanted: Wanted = lambda pod: True, seconds: float = 20) -> Pod:
        """The newest snapshot's pod of this name or uid, as soon as it is as wanted."""

        def found() -> Pod | None:
            return next((pod for pod in self.snapshot.pods if name in (pod.name, pod.uid) and wanted(pod)), None)

        try:
            return until(found, seconds, f"{name} as wanted")
        except AssertionError as error:
            known = next((pod for pod in self.snapshot.pods if name in (pod.name, pod.uid)), None)
            raise AssertionError(f"{error}; it is {known}"[:2000]) from None

    def pod_now(self, name: str, wanted: Wanted) -> Pod:
        """The same; the session is told to look, so that no timer has to run out."""

        def asked_and_wanted(pod: Pod) -> bool:
            self._ask()
            return wanted(pod)

        return self.pod(name, asked_and_wanted)

    def problem(self, words: str, seconds: float = 20) -> Problem:
        """The first problem with these words in it, as soon as there is one."""

        def found() -> Problem | None:
            self._ask()
            return next((one for one in self.problems if words in f"{one.subject} {one.what} {one.why}"), None)

        return until(found, seconds, f"a problem with {words!r}")

    def is_live(self, seconds: float = 20) -> Snapshot:
        """The first snapshot from now on that isn't stale."""

        def found() -> bool:
            self._ask()
            return self.snapshot.inventory_at is not None and not self.snapshot.stale

        until(found, seconds, "a live picture")
        return self.snapshot

    def is_well(self, seconds: float = 20) -> None:
        """Wait until there is no problem."""

        def found() -> bool:
            self._ask()
            return not self.problems

        until(found, seconds, "no problem")

    def pods_known(self) -> list[tuple[str, list[str | None]]]:
        """The pods, and the ids of their containers."""
        return [(pod.name, [one.runtime_id for one in pod.containers()]) for pod in self.snapshot.pods]

    def asked_again(self, times: int = 1) -> Snapshot:
        """The snapshot after the runtime was asked so many times more, and answered."""
        for _ in range(times):
            before = self.snapshot.inventory_at
            self.session.look_now()
            until(lambda before=before: self.snapshot.inventory_at != before, 20, "another inventory")  # type: ignore[misc]
        return self.snapshot

    def _ask(self) -> None:
        """Have the runtime asked without waiting for the timer, as often as a session may."""
        if time.monotonic() - self._asked_at >= ASK_GAP:
            self._asked_at = time.monotonic()
            self.session.look_now()

    def offer(self, kind: ActionKind, key: str) -> Offer:
        made = offer(self.snapshot, kind, key)
        assert isinstance(made, Offer), made
        return made

    def outcome(self, action: Action, seconds: float = 20) -> ActionOutcome:
        """What became of an action."""

        def found() -> ActionOutcome | None:
            told = (one for picture in self.pictures for one in picture.outcomes)
            return next((one for one in told if one.action.id == action.id), None)

        return until(found, seconds, f"the outcome of {action.kind}")

    def followed(self, action: Action) -> list[tuple[ChangeKind, str]]:
        """The changes that were put down to an action."""
        return [(one.change.kind, one.change.text) for one in self.events if one.action_id == action.id]

    def journal(self, action: Action) -> list[Any]:
        """What is on record of an action."""
        lines = map(json.loads, self._journal.read_text().splitlines())
        return [line for line in lines if line["action_id"] == action.id]

    def timeline(self) -> list[str]:
        """The lines as they are shown."""
        return [f"{line.event.change.pod} {line.text}" for line in self.pictures[-1].timeline]


@contextmanager
def watching(
    bed: Bed,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    backend: Backend | None = None,
    identity: str | None = None,
) -> Iterator[Watched]:
    """A session on a node's crictl, or on another backend."""
    used = backend or CrictlBackend(HostRoot(), environ=environment or bed.environment())
    with pytest.MonkeyPatch.context() as patch:
        # The node's mounts are not those of this machine, so no hint tells of a pin that came or went.
        patch.setattr(pins, "INTERVAL", 0.2)
        patch.setattr(pins, "ROUND", 0.2)
        one = Watched(used, folder / "journal.jsonl", identity)
        try:
            yield one
        finally:
            one.session.stop()


def wrapped(bed: Bed, folder: Path, script: str) -> dict[str, str]:
    """The environment in which ``crictl`` is this shell script; ``$crictl`` in it is the node's."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "crictl"
    program.write_text(f"#!/bin/sh\ncrictl={shlex.quote(str(bed.bin / 'crictl'))}\n{script}\n")
    program.chmod(0o755)
    given = bed.environment()
    return {**given, "PATH": f"{folder}:{given['PATH']}"}


def member(pod: Pod, name: str) -> Container:
    return next(one for one in pod.members if one.name == name)


def running(pod: Pod) -> set[str]:
    """The names of the members that run."""
    return {one.name for one in pod.members if one.state is ContainerState.RUNNING}


def is_up(pod: Pod) -> bool:
    """Whether all of it runs and is known."""
    return (
        pod.state is PodState.READY
        and (bool(pod.addresses) or bool(pod.host_network))
        and all(one.process and one.namespaces.net for one in pod.containers() if one.role is not Role.INIT)
    )


def spaces(pod: Pod) -> tuple[object, ...]:
    """The namespaces that a pod's pause shares."""
    assert pod.pause is not None
    found = tuple(pod.pause.namespaces.get(kind) for kind in POD_KINDS)
    assert all(found)
    return found


def is_new_pod(before: Pod) -> Wanted:
    """Whether it is up again in another sandbox."""
    return lambda pod: is_up(pod) and pod.sandboxes[0].id != before.sandboxes[0].id

"""A backend for an imaginary runtime, "shelf", which keeps one file a pod: /run/shelf/web.json.

::

    {"name": "web", "uid": "5f1c…", "pause": 4711, "members": {"nginx": 4712}}
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pausetui.backends.signalling import by_signal
from pausetui.core.actions import Action
from pausetui.core.inventory import (
    ContainerRecord,
    ContainerState,
    Inventory,
    PodRecord,
    PodState,
    Restorer,
    Role,
    Runtime,
)
from pausetui.core.keys import container_key
from pausetui.core.observation import Observation, Problem
from pausetui.errors import CannotLook
from pausetui.kernel.host import HostRoot
from pausetui.kernel.signals import CheckedProcess
from pausetui.text import harmless

LOOK_EVERY = 1.0
"""Seconds between two looks at the folder, for want of anything that tells."""


class ShelfBackend:
    """Reads the pods from the files in /run/shelf."""

    name = "shelf"
    FOLDER = "/run/shelf"

    def __init__(self, host: HostRoot) -> None:
        self._folder = Path(host.join(self.FOLDER))

    def inventory(self, observation: Observation) -> Inventory:
        """Read every file. One that is broken is a problem beside the others, never an error."""
        if not self._folder.is_dir():
            raise CannotLook(f"reading {self._folder}", "there is no such folder", "Is shelf installed?")
        pods, problems = [], []
        for path in sorted(self._folder.glob("*.json")):
            try:
                pods.append(_pod(json.loads(path.read_bytes()), observation))
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                problems.append(
                    Problem("backend:shelf", f"reading {harmless(str(path))}", harmless(str(error)), "")
                )
        runtime = Runtime("shelf", endpoint=str(self._folder))
        return Inventory(self.name, datetime.now(UTC), runtime, tuple(pods), tuple(problems))

    def hints(self, stop: threading.Event) -> Iterator[None]:
        """Say "look" when the folder has changed."""
        before = self._stamp()
        while not stop.wait(LOOK_EVERY):
            if (now := self._stamp()) != before:
                before = now
                yield

    def _stamp(self) -> int:
        try:
            return self._folder.stat().st_mtime_ns
        except OSError:
            return 0

    def perform(self, action: Action, process: CheckedProcess | None) -> str:
        """Every action is a signal to the process that pausetui has checked for us."""
        return by_signal(action, process)

    def close(self) -> None:
        """Nothing is kept open."""


def _pod(said: dict[str, object], observation: Observation) -> PodRecord:
    name, uid, pause, members = said["name"], said["uid"], said["pause"], said["members"]
    if not (isinstance(name, str) and isinstance(uid, str) and isinstance(members, dict)):
        raise TypeError("name and uid are texts, members is an object")
    key = harmless(uid)
    return PodRecord(
        key=key,
        namespace="shelf",
        name=harmless(name),
        uid=key,
        state=PodState.READY if _runs(pause, observation) else PodState.NOTREADY,
        brought_back_by=Restorer.NOBODY,
        pause=_container(key, Role.PAUSE, "pause", pause, observation),
        members=tuple(
            _container(key, Role.MEMBER, harmless(str(member)), pid, observation) for member, pid in members.items()
        ),
    )


def _container(key: str, role: Role, name: str, pid: object, observation: Observation) -> ContainerRecord:
    runs = _runs(pid, observation)
    return ContainerRecord(
        key=container_key(key, role, name),
        name=name,
        role=role,
        state=ContainerState.RUNNING if runs else ContainerState.EXITED,
        # shelf knows pids only. The start time comes from the kernel: together they are a process.
        process=observation.processes[pid].id if runs and isinstance(pid, int) else None,
    )


def _runs(pid: object, observation: Observation) -> bool:
    return isinstance(pid, int) and pid in observation.processes and not observation.processes[pid].zombie

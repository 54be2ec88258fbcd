"""The lab's pods: the lab is asked, whoever on this machine it belongs to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

from pausetui.backends.signalling import by_signal
from pausetui.core.actions import Action
from pausetui.core.inventory import Inventory, Runtime
from pausetui.core.observation import Observation
from pausetui.kernel.host import HostRoot
from pausetui.kernel.signals import CheckedProcess
from pausetui.lab import client, names


class LabBackend:
    """The backend that reads from the embedded runtime. What it says is exact: pids come with start times."""

    name = "lab"

    def __init__(self, host: HostRoot) -> None:
        """Args:
        host: Not read: the lab answers on a socket, not in a file.
        """

    def inventory(self, observation: Observation) -> Inventory:
        """Ask the lab what there is.

        Raises:
            CannotLook: None is up, or it did not answer.
            NotOurFormat: It is one of another version.
        """
        status = client.status()
        return Inventory(
            backend=self.name,
            inventory_at=datetime.now(UTC),
            runtime=Runtime(name="lab", version=status.version, endpoint=names.socket_name()),
            pods=status.pods,
            problems=status.problems,
        )

    def hints(self, stop: threading.Event) -> Iterator[None]:
        """Yield whenever the lab says that something changed, or comes up, or goes."""
        yield from client.changes(stop)

    def perform(self, action: Action, process: CheckedProcess | None) -> str:
        """Carry out an action; the lab's supervisor sees what has ended and brings it back.

        Raises:
            ActionRefused: Nothing was sent, and why.
        """
        return by_signal(action, process)

    def close(self) -> None:
        """Nothing is kept open between two questions."""

"""What a backend is: the one Protocol that crictl, docker, proc and the lab fulfil.

A backend is synchronous and is used from one worker thread at a time; every call to the outside has a
timeout. It names things. What is really in the namespaces, the kernel is asked by somebody else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Protocol

from pausetui.core.actions import Action
from pausetui.core.inventory import Inventory
from pausetui.core.observation import Observation
from pausetui.kernel.signals import CheckedProcess


class Backend(Protocol):
    """Where the inventory comes from."""

    @property
    def name(self) -> str:
        """What ``--backend`` calls it."""

    def inventory(self, observation: Observation) -> Inventory:
        """Ask the runtime what there is.

        Args:
            observation: The newest look at the kernel, for backends that conclude from it.

        Raises:
            CannotLook: The runtime did not answer. The caller keeps the last answer and marks it stale.
        """

    def hints(self, stop: threading.Event) -> Iterator[None]:
        """Yield whenever the runtime says that something changed, until ``stop`` is set.

        Runs on a thread of its own and may end at once where there is nothing to listen to. It never carries
        state: what changed is found by looking.
        """

    def perform(self, action: Action, process: CheckedProcess | None) -> str:
        """Carry out a confirmed action and say in words what was sent.

        Args:
            action: What was confirmed.
            process: Its target, opened and checked on the feed thread just now; signals go through it. The
                caller closes it. None where the runtime is to be asked and no process is known.

        Raises:
            ActionRefused: Nothing was sent, and why.
        """

    def close(self) -> None:
        """Let go of everything. Called once, from any thread."""

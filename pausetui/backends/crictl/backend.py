"""The pods of a Kubernetes node: its CRI runtime is asked through crictl."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from pausetui.backends.crictl import kubelet
from pausetui.backends.crictl.asking import Asking
from pausetui.backends.crictl.doing import BY_RUNTIME, perform
from pausetui.backends.crictl.finding import CrictlOptions, Found, find
from pausetui.backends.crictl.hints import Speaker, changes
from pausetui.backends.crictl.once import Once
from pausetui.backends.crictl.pods import problems, records
from pausetui.backends.signalling import by_signal
from pausetui.core.actions import Abilities, Action, ActionKind
from pausetui.core.inventory import Inventory, Runtime
from pausetui.core.observation import Observation
from pausetui.errors import CannotLook
from pausetui.kernel.host import HostRoot
from pausetui.kernel.signals import CheckedProcess


class CrictlBackend:
    """The backend that asks containerd, CRI-O or cri-dockerd."""

    name = "crictl"
    abilities = Abilities(frozenset({ActionKind.KILL_MEMBER, ActionKind.DELETE_PAUSE}), BY_RUNTIME)

    def __init__(
        self, host: HostRoot, options: CrictlOptions | None = None, environ: Mapping[str, str] = os.environ
    ) -> None:
        """Args:
        host: The machine whose crictl is run and whose runtime is asked.
        options: What the command line says of crictl.
        environ: The environment, as crictl reads it.
        """
        self._host = host
        self._options = options or CrictlOptions()
        self._environ = environ
        self._one_at_a_time = threading.Lock()
        self._found: Found | None = None
        self._asking: Asking | None = None
        self._records = Once(records)

    def inventory(self, observation: Observation) -> Inventory:
        """Ask the runtime what there is.

        Raises:
            CannotLook: There is no crictl or no runtime, or it did not answer.
        """
        with self._one_at_a_time:
            return self._inventory(observation)

    def hints(self, stop: threading.Event) -> Iterator[None]:
        """Yield when the node's folders or, where that harms nobody, the runtime's events hint at news."""
        yield from changes(self._host, stop, self._speaker)

    def perform(self, action: Action, process: CheckedProcess | None) -> str:
        """Carry out an action: through the runtime if it is named by its id there, else by a signal.

        Raises:
            ActionRefused: Nothing was done, and why.
        """
        if action.kind in self.abilities.by_runtime and action.runtime_id is not None and self._found is not None:
            return perform(action, action.runtime_id, self._found)
        return by_signal(action, process)

    def close(self) -> None:
        """Nothing is kept open between two questions."""

    def _inventory(self, observation: Observation) -> Inventory:
        found, asking = self._ready()
        try:
            answers = asking.look(observation)
        except CannotLook:
            self._found = None
            raise
        on_node = kubelet.find(observation)
        return Inventory(
            backend=self.name,
            inventory_at=datetime.now(UTC),
            runtime=Runtime(
                name=answers.version.name,
                version=answers.version.version,
                endpoint=found.endpoint,
                found_by=found.why,
                command=found.program.as_typed,
            ),
            pods=self._records(answers, on_node),
            problems=tuple(problems(answers)),
            remarks=on_node.remarks,
            abilities=self.abilities,
        )

    def _ready(self) -> tuple[Found, Asking]:
        """Whom to ask. After a failure it is looked for again; if it is the same, what is known of it stays."""
        if self._found is not None and self._asking is not None:
            return self._found, self._asking
        found = find(self._host, self._options, self._environ)
        if self._asking is None or self._asking.found != found:
            self._asking = Asking(found)
        self._found = found
        return found, self._asking

    def _speaker(self) -> Speaker | None:
        """Who may be listened to, once it has answered."""
        found, asking = self._found, self._asking
        version = asking.version if found is not None and asking is not None else None
        if found is None or version is None:
            return None
        return Speaker(found.program, version.name, version.version or "")

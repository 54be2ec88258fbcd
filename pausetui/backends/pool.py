"""The backends of one session: each is made when it is first asked, and asked by one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from pausetui.backends.base import Backend
from pausetui.backends.candidates import Candidate, Finding
from pausetui.core.inventory import Inventory
from pausetui.core.observation import Observation
from pausetui.errors import PausetuiError


class Pool:
    """May be used on any thread."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._candidates = {candidate.name: candidate for candidate in candidates}
        self._lock = threading.Lock()
        self._backends: dict[str, Backend] = {}
        self._one_at_a_time = {name: threading.Lock() for name in self._candidates}

    def get(self, name: str) -> Backend:
        """The backend of this name."""
        with self._lock:
            if name not in self._backends:
                self._backends[name] = self._candidates[name].make()
            return self._backends[name]

    def inventory(self, name: str, observation: Observation) -> Inventory:
        """What it says.

        Raises:
            CannotLook: It did not answer.
        """
        backend = self.get(name)
        with self._one_at_a_time[name]:
            return backend.inventory(observation)

    def asked(self, name: str, observation: Observation) -> tuple[Finding, Inventory | None]:
        """What it was found to have; the answer itself is None if there was none."""
        try:
            inventory = self.inventory(name, observation)
        except PausetuiError as error:
            return Finding(name, None, str(error)), None
        except OSError as error:
            return Finding(name, None, error.strerror or str(error)), None
        return Finding(name, len(inventory.pods)), inventory

    def close(self) -> None:
        """Let go of all that were made."""
        for backend in self._backends.values():
            backend.close()

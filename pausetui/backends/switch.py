"""The backend in use, out of those that a machine has: chosen by asking, and changed while it runs.

The first in order that answers and has pods is taken; one that answers and has none yields to one that has, and one
that only concludes yields to one that knows, as soon as that answers. What the others have is looked up beside it,
now and then, on a thread of its own, and told as a remark.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pausetui.backends.candidates import Candidate, Finding
from pausetui.backends.pool import Pool
from pausetui.core.actions import Action
from pausetui.core.inventory import Inventory
from pausetui.core.observation import Observation, Problem
from pausetui.errors import ActionRefused, CannotLook, PausetuiError
from pausetui.kernel.signals import CheckedProcess

AUTO = "auto"
ELSEWHERE_SECONDS = 60.0
"""So often the backends that are not in use are asked what they have."""
MISSED_SECONDS = 10.0
"""So often while one that only concludes stands in for one that did not answer."""
_SOON_SECONDS = 2.0
_MOST_SECONDS = 30.0


class Switch:
    """A backend that is one of several. ``use`` may be called on any thread."""

    def __init__(self, candidates: Sequence[Candidate], wanted: str = AUTO) -> None:
        """Args:
        candidates: In the order in which they are tried.
        wanted: The one to use whatever it has, or AUTO.
        """
        self._candidates = {candidate.name: candidate for candidate in candidates}
        self._wanted = wanted
        self._lock = threading.Lock()
        self._pool = Pool(candidates)
        self._observation: Observation | None = None
        self._current = "" if wanted == AUTO else wanted
        self._has_pods = False
        self._missed: frozenset[str] = frozenset()
        self._findings: dict[str, Finding] = {}
        self._watching = wanted == AUTO
        self._changed = threading.Event()
        self._closed = threading.Event()

    @property
    def name(self) -> str:
        """The backend in use, or "auto" while none is."""
        return self._current or AUTO

    @property
    def names(self) -> tuple[str, ...]:
        """All that could be used."""
        return tuple(self._candidates)

    def use(self, name: str) -> None:
        """Use this one from the next inventory on, whatever it has; AUTO to choose anew."""
        with self._lock:
            self._wanted = name
            self._current = "" if name == AUTO else name
            self._changed.set()

    def inventory(self, observation: Observation) -> Inventory:
        """What the backend in use says; one is chosen first if none is, or if this one has no pods.

        Raises:
            CannotLook: It did not answer, or none did.
        """
        self._observation = observation
        if self._wanted == AUTO and (not (self._current and self._has_pods) or self._is_back()):
            found = self._chosen(observation)
        else:
            found = self._pool.inventory(self._current, observation)
        self._has_pods = bool(found.pods)
        self._findings[found.backend] = Finding(found.backend, len(found.pods))
        silent = tuple(self._silent(found.backend))
        remarks = (*found.remarks, *self._also(found.backend))
        return replace(found, remarks=remarks, problems=(*silent, *found.problems))

    def hints(self, stop: threading.Event) -> Iterator[None]:
        """Those of the backend in use, whichever that is at the time."""
        if self._watching:
            threading.Thread(target=self._look_elsewhere, name="pausetui-elsewhere", daemon=True).start()
        wait = 1.0
        while not (stop.is_set() or self._closed.is_set()):
            self._changed.clear()
            heard = False
            try:
                for _ in self._pool.get(self._current).hints(self._changed) if self._current else ():
                    heard, wait = True, 1.0
                    yield
            except (PausetuiError, OSError):
                heard = True  # it has hints, and is away: the inventory says why
            ended = self._changed.wait(wait if heard else None)
            wait = 1.0 if ended else min(_MOST_SECONDS, wait * 2)

    def perform(self, action: Action, process: CheckedProcess | None) -> str:
        """Have the backend in use carry it out.

        Raises:
            ActionRefused: None is in use, or it refused.
        """
        if not self._current:
            raise ActionRefused(action.subject, "no backend is in use")
        return self._pool.get(self._current).perform(action, process)

    def close(self) -> None:
        """Let go of all of them."""
        self._closed.set()
        self._changed.set()
        self._pool.close()

    def known(self) -> tuple[Finding, ...]:
        """What is known of each without asking anybody."""
        return tuple(self._known(candidate) for candidate in self._candidates.values())

    def _known(self, candidate: Candidate) -> Finding:
        found = self._findings.get(candidate.name)
        if found is None:
            there = "not asked yet" if candidate.seems_there() else "not found here"
            found = Finding(candidate.name, None, "asks nobody: pods from /proc" if candidate.concludes else there)
        return replace(found, elsewhere=candidate.elsewhere())

    def findings(self, observation: Observation) -> tuple[Finding, ...]:
        """Ask every backend, whether it seems to be there or not."""
        return tuple(
            replace(self._pool.asked(name, observation)[0], elsewhere=candidate.elsewhere())
            for name, candidate in self._candidates.items()
        )

    def _chosen(self, observation: Observation) -> Inventory:
        empty: Inventory | None = None
        missed: set[str] = set()
        for name, candidate in self._candidates.items():
            if not candidate.seems_there():
                continue
            finding, inventory = self._pool.asked(name, observation)
            if not candidate.concludes or finding.pods is None:
                self._findings[name] = finding
            if inventory is None:
                missed.add(name)
            elif inventory.pods:
                self._missed = frozenset(missed)
                return self._taken(inventory)
            empty = empty or inventory
        if empty is None:
            silent = "; ".join(f"{one.name}: {one.why_not}" for one in self._findings.values())
            raise CannotLook("looking for pods", silent or "no backend is here")
        self._missed = frozenset(missed)
        return self._taken(empty)

    def _stands_in(self) -> bool:
        """Whether the one in use was taken because one before it did not answer, or only concludes."""
        concludes = self._current in self._candidates and self._candidates[self._current].concludes
        return concludes or bool(self._missed)

    def _misses_some(self) -> bool:
        return any(one.pods is None for one in list(self._findings.values()))

    def _is_back(self) -> bool:
        """Whether one that the one in use stands in for has been found to have pods."""
        concludes = self._current in self._candidates and self._candidates[self._current].concludes
        return any(
            one.pods
            for one in list(self._findings.values())
            if one.name in self._missed or (concludes and one.name != self._current)
        )

    def _silent(self, used: str) -> Iterator[Problem]:
        """Those that would have come first and did not answer: what is shown is not what they have."""
        order = list(self._candidates)
        for one in list(self._findings.values()):
            before = one.name in order and used in order and order.index(one.name) < order.index(used)
            if one.pods is None and before and self._wanted == AUTO:
                next_step = f"these are the pods of {used}; b changes to {one.name} when it answers"
                yield Problem(f"backend:{one.name}", f"asking {one.name}", one.why_not, next_step)

    def _taken(self, inventory: Inventory) -> Inventory:
        with self._lock:
            if self._wanted == AUTO and self._current != inventory.backend:
                self._current = inventory.backend
                self._changed.set()
        return inventory

    def _look_elsewhere(self) -> None:
        wait = _SOON_SECONDS
        while not self._closed.wait(wait):
            for name, candidate in self._candidates.items():
                if name == self._current or candidate.concludes or self._observation is None:
                    continue
                if candidate.seems_there():
                    self._findings[name] = self._pool.asked(name, self._observation)[0]
                else:
                    self._findings.pop(name, None)
            wait = MISSED_SECONDS if self._stands_in() and self._misses_some() else ELSEWHERE_SECONDS

    def _also(self, used: str) -> tuple[str, ...]:
        """What else there is, as remarks; what did not answer is told only where it would have come first."""
        order = list(self._candidates)
        told = []
        for one in list(self._findings.values()):
            before = one.name in order and used in order and order.index(one.name) < order.index(used)
            if one.name != used and one.pods:
                told.append(f"also {one.name}: {one.text}")
            elif one.name != used and one.pods is None and before:
                told.append(f"{one.name} does not answer")
        if self._wanted == AUTO:
            for candidate in self._candidates.values():
                told += [f"also {candidate.name} of {one.whose}" for one in candidate.elsewhere()]
        return tuple(told)

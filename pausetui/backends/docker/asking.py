"""One inventory's questions: where nothing has changed one list (two of Podman), however many containers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pausetui.backends.docker import listing
from pausetui.backends.docker.answers import Answers, Seen
from pausetui.backends.docker.client import Client
from pausetui.backends.docker.details import Detail, detail
from pausetui.backends.docker.evidence import main_process
from pausetui.backends.docker.failures import NotFound
from pausetui.backends.docker.listing import Listed, Version
from pausetui.backends.docker.reading import joined
from pausetui.core.observation import Observation
from pausetui.errors import CannotLook, NotOurFormat

RETRY = 30.0
"""Seconds until a container that could not be asked about is asked about again."""
BUDGET_SECONDS = 2.0
"""How long all asking about single containers may take in one look; the rest has its turn in the next."""


@dataclass(frozen=True, slots=True)
class _Known:
    mark: str
    detail: Detail


class Asking:
    """Asks one engine, and remembers what need not be asked again."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self.client = client
        self._clock = clock
        self._version: Version | None = None
        self._known: dict[str, _Known] = {}
        self._failed: dict[str, tuple[str, float]] = {}
        self._listed: dict[str, Listed] = {}
        self._lock = threading.Lock()
        self._told_of: set[str] = set()
        self._postponed: frozenset[str] = frozenset()
        self._confirmed: dict[str, int] = {}

    def told_of(self, id_: str) -> None:
        """Ask about this container anew in the next look. May be called on any thread."""
        with self._lock:
            self._told_of.add(id_)

    def look(self, observation: Observation) -> Answers:
        """Ask what there is.

        Args:
            observation: The newest look at the kernel. A container whose main process is gone is asked about.

        Raises:
            CannotLook: The engine did not answer, or not in words that are known.
        """
        try:
            return self._look(observation)
        except CannotLook:
            self._version = None
            self.client.close()
            raise

    def _look(self, observation: Observation) -> Answers:
        if self._version is None:
            self._version = listing.version(self.client.version())
        listed, bad = listing.listed(self.client.containers())
        told = self.client.pods()
        pods, bad_pods = listing.pods(told) if told is not None else ((), ())
        postponed = self._ask_about(listed, observation)
        seen = tuple(Seen(one, self._detail(one.id)) for one in listed)
        return Answers(
            version=self._version,
            containers=seen,
            pods=pods,
            failed={id_: why for id_, (why, _) in self._failed.items()},
            bad=(*bad, *bad_pods),
            postponed=postponed,
            gone=self._gone(seen),
        )

    def _detail(self, id_: str) -> Detail | None:
        known = self._known.get(id_)
        return known.detail if known else None

    def _ask_about(self, listed: tuple[Listed, ...], observation: Observation) -> int:
        there = {one.id for one in listed}
        self._known = {id_: known for id_, known in self._known.items() if id_ in there}
        self._failed = {id_: why for id_, why in self._failed.items() if id_ in there}
        self._confirmed = {id_: pid for id_, pid in self._confirmed.items() if id_ in there}
        with self._lock:
            anew, self._told_of = self._told_of | self._postponed, set()
        due = [one for one in listed if self._is_due(one, anew, observation)]
        self._postponed = frozenset()
        deadline = self._clock() + BUDGET_SECONDS
        for place, one in enumerate(due):
            if place and self._clock() > deadline:
                self._postponed = frozenset(left.id for left in due[place:])
                break
            self._inspect(one)
        return len(self._postponed)

    def _is_due(self, one: Listed, anew: set[str], observation: Observation) -> bool:
        failed = self._failed.get(one.id)
        if failed is not None and self._clock() < failed[1]:
            return False
        known = self._known.get(one.id)
        if known is None or failed is not None or one.id in anew or known.mark != one.mark:
            return True
        return one.status == "restarting" or self._has_ended(known.detail, observation)

    def _has_ended(self, detail: Detail, observation: Observation) -> bool:
        """Whether a main process that the kernel has shown is shown no more.

        The list has no start time: what ended and came again between two lists looks as before.
        """
        if detail.pid is None or self.client.endpoint.socket is None:
            return False
        if main_process(detail.id, detail.pid, detail.started_at, observation) is not None:
            self._confirmed[detail.id] = detail.pid
            return False
        return self._confirmed.get(detail.id) == detail.pid

    def _inspect(self, one: Listed) -> None:
        try:
            found = detail(self.client.inspect(one.id))
        except NotFound:
            self._known.pop(one.id, None)  # gone since the list; the next one is without it
        except NotOurFormat as error:
            self._failed[one.id] = (error.why, self._clock() + RETRY)
        except CannotLook as error:
            self._failed[one.id] = (error.why, self._clock() + RETRY)
            self.client.check()
        else:
            self._failed.pop(one.id, None)
            self._known[one.id] = _Known(one.mark, found)

    def _gone(self, seen: Iterable[Seen]) -> Mapping[str, Listed]:
        """What earlier lists had and others still refer to."""
        now = {one.id: one.listed for one in seen}
        wanted = {told for one in seen if (told := joined(one.network_mode)) is not None}
        gone = {id_: one for id_, one in self._listed.items() if id_ in wanted and id_ not in now}
        self._listed = {**now, **gone}
        return gone

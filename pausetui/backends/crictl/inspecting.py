"""The details of many sandboxes or containers, at the price of few calls.

What is known is asked again only if something about it has changed. Many ids go into one call; if one of them fails
it takes the others of its call along (all of them since crictl 1.31, those after it before), so they are asked
again without it. An id that failed alone is asked again alone, and seldom: each try may take a whole timeout.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from pausetui.backends.crictl.failures import as_error, complaint, is_not_found
from pausetui.backends.crictl.program import Ran
from pausetui.backends.crictl.reading import Items, short
from pausetui.errors import CannotLook

MOST_IDS = 100
"""Ids in one call: 64 characters each."""
PARTS = 10
"""Into how many parts a failed call is split. A call that fails by a timeout is slow, one that succeeds is not: so
few steps and many parts."""
RETRY = 10.0
"""Seconds until something that failed is asked again."""
MOST_AGAIN = 2
"""How often something is asked again because it doesn't look settled, while the lists say the same of it."""

_AWAY = ("code = Unavailable", "validate service connection", "unable to determine runtime API version")


class Detail(Protocol):
    """What is said of one id."""

    @property
    def id(self) -> str:
        """Whose it is."""

    @property
    def state(self) -> StrEnum:
        """Its state when it was asked."""

    @property
    def doubt(self) -> str:
        """Why this is not to be relied on and is asked again like a failure, or ""."""


D = TypeVar("D", bound=Detail)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an id has no details.

    Attributes:
        at: When that was, on the clock that is used.
        vanished: The runtime doesn't know it: it is gone.
    """

    why: str
    at: float
    vanished: bool = False


@dataclass(frozen=True, slots=True)
class _Known(Generic[D]):
    """An answer, what the list said of it when it was asked, when that was, and how often it was asked again."""

    answer: D
    listed: StrEnum
    asked_at: float
    again: int = 0


class Inspecting(Generic[D]):
    """What one command (``inspectp`` or ``inspect``) says, kept over the looks."""

    def __init__(
        self,
        command: str,
        read: Callable[[str], Items[D]],
        run: Callable[..., Ran],
        clock: Callable[[], float],
        endpoint: str | None,
    ) -> None:
        """Args:
        command: What is asked.
        read: Makes details of what it prints.
        run: Calls crictl; raises CannotLook if that can't be done or doesn't end in time.
        clock: Seconds, as time.monotonic.
        endpoint: Of the runtime, for messages.
        """
        self._command = command
        self._read = read
        self._run = run
        self._clock = clock
        self._endpoint = endpoint
        self._known: dict[str, _Known[D]] = {}
        self._asked: set[str] = set()
        self.failed: dict[str, Failure] = {}
        """Those that could not be asked, and why."""
        self.postponed: tuple[str, ...] = ()
        """Those that there was no time for in this look."""

    def refresh(self, listed: Mapping[str, StrEnum], again: Iterable[str], deadline: float) -> None:
        """Ask about what is new or has changed, and forget what is no longer listed.

        Args:
            listed: The ids that there are, with the state that the list has for each.
            again: Those that don't look settled: they are asked again, but not for ever.
            deadline: When no more calls are begun.

        Raises:
            CannotLook: The runtime went away, or crictl printed something else than details.
        """
        self._known = {id_: known for id_, known in self._known.items() if id_ in listed}
        self.failed = {id_: failure for id_, failure in self.failed.items() if id_ in listed}
        self._asked = set()
        unsettled = {id_ for id_ in (*again, *self._disagreeing(listed)) if self._may_ask_again(id_)}
        wanted = [
            id_ for id_ in listed if id_ not in self.failed and (self._is_news(id_, listed) or id_ in unsettled)
        ]
        groups = [wanted[start : start + MOST_IDS] for start in range(0, len(wanted), MOST_IDS)]
        counts = {id_: self._known[id_].again + 1 for id_ in unsettled}
        self._ask_all(deque([*groups, *([id_] for id_ in self._suspects())]), listed, counts, deadline)

    def details(self) -> dict[str, D]:
        """The newest answer about each id that has one."""
        return {id_: known.answer for id_, known in self._known.items()}

    def state(self, id_: str, listed: StrEnum) -> StrEnum:
        """The newest word on an id's state: of the list, or of its details if those were asked after it."""
        known = self._known.get(id_)
        return known.answer.state if known is not None and known.listed == listed else listed

    def vanished(self) -> frozenset[str]:
        """Those that were listed in this look, and were gone when they were asked about."""
        return frozenset(id_ for id_ in self._asked if (told := self.failed.get(id_)) is not None and told.vanished)

    def _is_news(self, id_: str, listed: Mapping[str, StrEnum]) -> bool:
        known = self._known.get(id_)
        if known is None:
            return True
        now = listed[id_]
        if now == known.answer.state != known.listed:
            self._known[id_] = replace(known, listed=now)
        return now not in (known.listed, known.answer.state)

    def _disagreeing(self, listed: Mapping[str, StrEnum]) -> list[str]:
        """Those of which the list still doesn't say what their details say."""
        return [id_ for id_, known in self._known.items() if known.listed == listed[id_] != known.answer.state]

    def _suspects(self) -> list[str]:
        """Those that failed and may be asked again by now, the one that waits longest first."""
        due = [id_ for id_, failure in self.failed.items() if self._clock() - failure.at >= RETRY]
        return sorted(due, key=lambda id_: self.failed[id_].at)

    def _may_ask_again(self, id_: str) -> bool:
        known = self._known.get(id_)
        if known is None or known.again >= MOST_AGAIN:
            return False
        return known.again == 0 or self._clock() - known.asked_at >= RETRY

    def _ask_all(
        self, groups: deque[list[str]], listed: Mapping[str, StrEnum], counts: Mapping[str, int], deadline: float
    ) -> None:
        while groups and self._clock() < deadline:
            ids = groups.popleft()
            found, rest = self._ask(ids)
            for answer in found:
                self.failed.pop(answer.id, None)
                again = counts.get(answer.id, 0)
                self._known[answer.id] = _Known(answer, listed[answer.id], self._clock(), again)
                if answer.doubt:
                    self._fail(answer.id, answer.doubt)
            groups.extendleft(reversed(rest))
        self.postponed = tuple(id_ for group in groups for id_ in group if id_ not in self.failed)

    def _ask(self, ids: Sequence[str]) -> tuple[list[D], list[list[str]]]:
        """The answers of one call, and what has to be asked again because another one failed."""
        self._asked.update(ids)
        try:
            ran = self._run(self._command, "-o", "json", *ids)
        except CannotLook as error:
            return [], self._without_culprit(ids, error.why)
        items = self._items(ran)
        asked = set(ids)
        found = [answer for answer in items.good if answer.id in asked]
        bad = {each.id: each.why for each in items.bad}
        for id_ in asked & bad.keys():
            self._fail(id_, bad[id_])
        rest = [id_ for id_ in ids if id_ not in bad and all(answer.id != id_ for answer in found)]
        if ran.rc == 0:
            for id_ in rest:
                self._fail(id_, bad.get("", f"crictl {self._command} said nothing of it"))
            return found, []
        if any(words in complaint(ran) for words in _AWAY):
            raise as_error(ran, f"crictl {self._command}", self._endpoint)
        why = as_error(ran, self._command, self._endpoint).why
        return found, self._without_culprit(rest, why, complaint(ran), vanished=is_not_found(ran))

    def _items(self, ran: Ran) -> Items[D]:
        try:
            return self._read(ran.out)
        except CannotLook:
            if ran.rc == 0:
                raise
            return Items()

    def _without_culprit(
        self, ids: Sequence[str], why: str, said: str = "", *, vanished: bool = False
    ) -> list[list[str]]:
        """Note whose failure it was, if that can be told; the ids to ask again, in groups that make it tellable."""
        named = [id_ for id_ in ids if id_ in said] if len(ids) > 1 else list(ids)
        if len(named) == 1:
            self._fail(named[0], why, vanished=vanished)
            rest = [id_ for id_ in ids if id_ != named[0]]
            return [rest] if rest else []
        size = -(-len(ids) // PARTS)
        return [list(ids[start : start + size]) for start in range(0, len(ids), max(1, size))]

    def _fail(self, id_: str, why: str, *, vanished: bool = False) -> None:
        if vanished:
            self._known.pop(id_, None)
        self.failed[id_] = Failure(why.replace(id_, short(id_)), self._clock(), vanished)

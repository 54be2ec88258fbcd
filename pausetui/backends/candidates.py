"""The backends that a machine may have, and what each was found to have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pausetui.backends.base import Backend
from pausetui.core.wording import plural


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A runtime of somebody's that is asked only if it is named: ``whose`` it is, and the options that name it."""

    whose: str
    options: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A backend that could be used.

    Attributes:
        seems_there: Whether it is worth asking: a look at a file or a socket, nothing that can hang.
        concludes: It asks nobody and has whatever pods others have, so its having pods is no news.
        elsewhere: What else it could ask, as little trouble as ``seems_there``.
    """

    name: str
    make: Callable[[], Backend]
    seems_there: Callable[[], bool] = lambda: True
    concludes: bool = False
    elsewhere: Callable[[], tuple[Elsewhere, ...]] = tuple


@dataclass(frozen=True, slots=True)
class Finding:
    """What a backend was found to have.

    Attributes:
        pods: How many, or None if it did not answer.
        why_not: Why it did not answer, or "".
        elsewhere: What else it could ask.
    """

    name: str
    pods: int | None
    why_not: str = ""
    elsewhere: tuple[Elsewhere, ...] = ()

    @property
    def text(self) -> str:
        """In a few words."""
        has = plural(self.pods, "pod") if self.pods is not None else self.why_not
        # Whoever looked for it and found none says that already, with the option.
        others = (f"also {one.whose}'s: {one.options}" for one in self.elsewhere if one.options not in has)
        return "; ".join((has, *others))


def best(findings: Sequence[Finding]) -> str:
    """The name of the one that auto means, or "": the first with pods, else the first that answers."""
    answered = [one for one in findings if one.pods is not None]
    with_pods = [one for one in answered if one.pods]
    return next((one.name for one in (*with_pods, *answered)), "")

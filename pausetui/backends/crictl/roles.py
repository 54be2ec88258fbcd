"""Which containers of a pod were init containers: the CRI doesn't say. Pure.

kubelet makes the next container only when an init container has ended well, and all others one right after the
other. So an init container is one that ended with 0, of which no life overlaps with that of any other container of
its sandbox, and after which others were made. One that can't be told from others is a member.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Life:
    """One life of a container in one sandbox.

    Attributes:
        finished_at: None while it has not ended, or where that is not known.
        well: It ended with 0.
    """

    name: str
    sandbox_id: str
    created_at: datetime | None
    finished_at: datetime | None
    well: bool


def inits(lives: Iterable[Life]) -> frozenset[str]:
    """The names of those that were init containers in any sandbox of the pod."""
    by_sandbox: dict[str, list[Life]] = {}
    for life in lives:
        by_sandbox.setdefault(life.sandbox_id, []).append(life)
    return frozenset(name for here in by_sandbox.values() for name in _inits_of_one(here))


def _inits_of_one(lives: Sequence[Life]) -> Iterable[str]:
    names = {life.name for life in lives}
    return (name for name in names if _is_init(name, lives))


def _is_init(name: str, lives: Sequence[Life]) -> bool:
    own = [life for life in lives if life.name == name]
    others = [life for life in lives if life.name != name]
    began = min((life.created_at for life in own if life.created_at is not None), default=None)
    ended = max((life.finished_at for life in own if life.finished_at is not None), default=None)
    if began is None or ended is None or any(life.finished_at is None for life in own):
        return False
    last = max(own, key=lambda life: life.finished_at or began)
    if not last.well or not all(_is_before(life, began) or _is_after(life, ended) for life in others):
        return False
    return any(_is_after(life, ended) for life in others)


def _is_before(life: Life, moment: datetime) -> bool:
    return life.finished_at is not None and life.finished_at <= moment


def _is_after(life: Life, moment: datetime) -> bool:
    return life.created_at is not None and life.created_at >= moment

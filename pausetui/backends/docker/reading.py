"""How values are taken out of an engine's answers. Pure.

All text is made harmless here. What is not there and what is null or empty are the same: nobody tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pausetui.core.inventory import ContainerState
from pausetui.core.json_value import At
from pausetui.errors import CannotLook, NotOurFormat
from pausetui.text import harmless

T = TypeVar("T")

_ID = re.compile(r"[0-9a-f]{12,64}", re.ASCII)
_NEVER = "0001-01-01T"
"""How Go writes a time that is not set."""
_JOINS = "container:"
_STATES = {
    "created": ContainerState.CREATED,
    "configured": ContainerState.CREATED,
    "initialized": ContainerState.CREATED,
    "running": ContainerState.RUNNING,
    "paused": ContainerState.RUNNING,
    "stopping": ContainerState.RUNNING,
    "restarting": ContainerState.EXITED,
    "removing": ContainerState.EXITED,
    "exited": ContainerState.EXITED,
    "stopped": ContainerState.EXITED,
    "dead": ContainerState.EXITED,
}


@dataclass(frozen=True, slots=True)
class Bad:
    """One item of a list that could not be read: what it was called, as far as that could be, and why."""

    what: str
    why: str


def state_of(status: str) -> ContainerState:
    """Our word for an engine's word for a container's state."""
    return _STATES.get(status, ContainerState.UNKNOWN)


def joined(network_mode: str | None) -> str | None:
    """The id or name of the container whose network a network mode says to join, or None."""
    if network_mode is None or not network_mode.startswith(_JOINS):
        return None
    return network_mode.removeprefix(_JOINS).removeprefix("/") or None


def word(at: At, key: str) -> str | None:
    """A text, None if there is none or it is empty."""
    told = at.get(key, At.text_or_none, None)
    return harmless(told) if told else None


def moment(at: At, key: str) -> datetime | None:
    """A time in RFC 3339, in UTC; None if there is none or it was never."""
    told = word(at, key)
    return None if told is None or told.startswith(_NEVER) else at[key].moment()


def texts(at: At, key: str) -> tuple[str, ...]:
    """A list of texts."""
    nothing: tuple[str, ...] = ()
    return tuple(map(harmless, at.get(key, lambda found: or_none(found, At.texts), nothing)))


def or_none(at: At, read: Callable[[At], tuple[T, ...]]) -> tuple[T, ...]:
    """What ``read`` makes of a list, nothing of null."""
    return () if at.value is None else read(at)


def identity(at: At) -> str:
    """An id, fit to be handed to the engine again."""
    if not isinstance(at.value, str) or not _ID.fullmatch(at.value):
        raise at.wrong("an id")
    return at.value


def each(at: At, read: Callable[[At], T]) -> tuple[tuple[T, ...], tuple[Bad, ...]]:
    """All items of a list, and those that can't be read.

    Raises:
        CannotLook: It is no list.
    """
    good, bad = [], []
    try:
        items = at.each(lambda item: item)
    except NotOurFormat as error:
        raise unknown(error) from error
    for item in items:
        try:
            good.append(read(item))
        except NotOurFormat as error:
            bad.append(Bad(item.path, error.why))
        except (OverflowError, ValueError, OSError) as error:  # a time that no calendar has
            bad.append(Bad(item.path, str(error)))
    return tuple(good), tuple(bad)


def unknown(error: NotOurFormat) -> CannotLook:
    """What is said of an answer that is none of an engine."""
    return CannotLook(
        f"reading {error.what}", error.why, "Is it Docker's or Podman's API? Name another: -H unix:///PATH."
    )

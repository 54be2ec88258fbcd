"""What crictl prints, as JSON values: protobuf's JSON, in the shapes of all its versions.

Since 1.31 many answers are one array, before they are documents one after the other; one answer is the object
itself in all versions. 64-bit numbers are texts, but where crictl rewrote them; times are texts of nanoseconds in
lists, RFC 3339 in ``inspect`` and ``inspectp``; a message that isn't set is null before 1.31, and then left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from pausetui.core.json_value import At, Json
from pausetui.errors import CannotLook, NotOurFormat
from pausetui.text import harmless

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = re.compile(r"0001-01-01T|1970-01-01T00:00:00(\.0+)?Z$")
"""How Go and the CRI write a time that isn't set."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}", re.ASCII)
"""What may be handed to crictl as an id: nothing that it could take for an option."""
_WHOLE = re.compile(r"-?\d{1,20}", re.ASCII)
_SPACE = re.compile(r"\s*", re.ASCII)
_SHORT = 12


@dataclass(frozen=True, slots=True)
class Bad:
    """One item of an answer that could not be read.

    Attributes:
        id: Whose it is, or "" if not even that can be read.
        why: Where in the answer what is wrong.
    """

    id: str
    why: str


@dataclass(frozen=True, slots=True)
class Items(Generic[T]):
    """What could be read of an answer about many, in its order, and what could not."""

    good: tuple[T, ...] = ()
    bad: tuple[Bad, ...] = ()


def short(id_: str) -> str:
    """An id as it is shown: its first characters, as crictl's tables do."""
    return id_[:_SHORT]


def listed(text: str, call: str, key: str, read: Callable[[At], T]) -> Items[T]:
    """The items of a list: ``{"items": [...]}``.

    Args:
        text: What crictl printed.
        call: Which call, for the message ("crictl pods -o json").
        key: Where in the answer they are.
        read: Reads one.

    Raises:
        CannotLook: It is not what crictl prints, and where.
    """
    try:
        answer = At(_only(text, call), call)
        items = maybe(answer, key) if isinstance(answer.value, dict) and key in answer.value else answer[key]
        return _each(items.each(_itself) if items else (), read, lambda item: item)
    except NotOurFormat as error:
        raise CannotLook(f"reading {call}", error.why) from error


def inspected(text: str, call: str, read: Callable[[At], T]) -> Items[T]:
    """The answers about single ids: one array, documents one after the other, or one object.

    Raises:
        CannotLook: It is not what crictl prints, and where.
    """
    try:
        return _each(_flat(text, call), read, lambda item: item["status"])
    except NotOurFormat as error:
        raise CannotLook(f"reading {call}", error.why) from error


def maybe(at: At | None, *keys: str) -> At | None:
    """What is below these keys, or None if one of them is not there or null."""
    for key in keys:
        if at is None or at.value is None or (isinstance(at.value, dict) and key not in at.value):
            return None
        at = at[key]
    return at if at is not None and at.value is not None else None


def word(at: At | None, *keys: str) -> str | None:
    """A text below these keys, made harmless; None if there is none or it is empty."""
    found = maybe(at, *keys)
    if found is None:
        return None
    if not isinstance(found.value, str):
        raise found.wrong("a text")
    return harmless(found.value) or None


def whole(at: At | None, *keys: str) -> int | None:
    """A whole number below these keys, written as a number or as a text; None if there is none."""
    found = maybe(at, *keys)
    if found is None:
        return None
    if isinstance(found.value, str) and _WHOLE.fullmatch(found.value):
        return int(found.value)
    return found.integer()


def moment(at: At | None, *keys: str) -> datetime | None:
    """A time in RFC 3339 or in nanoseconds since 1970, in UTC; None if there is none or it was never."""
    found = maybe(at, *keys)
    if found is None or found.value == "":
        return None
    if isinstance(found.value, str) and not _WHOLE.fullmatch(found.value):
        return None if _NEVER.match(found.value) else found.moment()
    nanoseconds = whole(found)
    if not nanoseconds:
        return None
    try:
        return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        raise found.wrong("a time in nanoseconds") from None


def identity(at: At, *keys: str) -> str:
    """An id below these keys, fit to be handed to crictl again."""
    found = at
    for key in keys:
        found = found[key]
    if not isinstance(found.value, str) or not _ID.fullmatch(found.value):
        raise found.wrong("an id")
    return found.value


def _itself(at: At) -> At:
    return at


def _each(found: Iterable[At], read: Callable[[At], T], where: Callable[[At], At]) -> Items[T]:
    good, bad = [], []
    for item in found:
        try:
            good.append(read(item))
        except NotOurFormat as error:
            bad.append(Bad(_identity_or_nothing(item, where), error.why))
    return Items(tuple(good), tuple(bad))


def _identity_or_nothing(item: At, where: Callable[[At], At]) -> str:
    try:
        return identity(where(item), "id")
    except NotOurFormat:
        return ""


def _flat(text: str, call: str) -> Iterator[At]:
    for place, value in enumerate(_values(text, call)):
        at = At(value, call, f"${place or ''}")
        yield from at.each(_itself) if isinstance(value, list) else (at,)


def _only(text: str, call: str) -> Json:
    values = tuple(_values(text, call))
    if len(values) != 1:
        raise NotOurFormat(call, f"it printed {len(values)} JSON documents, expected one")
    return values[0]


def _values(text: str, call: str) -> Iterator[Json]:
    decoder = json.JSONDecoder()
    place = _after_space(text, 0)
    while place < len(text):
        try:
            value, place = decoder.raw_decode(text, place)
        except RecursionError as error:
            raise NotOurFormat(call, "it is nested too deeply") from error
        except ValueError as error:
            raise NotOurFormat(call, f"it is not JSON, or cut short: {harmless(str(error))}") from error
        yield value
        place = _after_space(text, place)


def _after_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place

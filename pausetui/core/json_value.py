"""JSON in and out, and a reader that says where in a document something is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from math import isfinite
from typing import TypeAlias, TypeVar

from pausetui.errors import NotOurFormat
from pausetui.text import harmless

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

LONGEST_TEXT = 65_536
"""Characters of one text that are kept from a file; whoever wrote the file may be anybody."""

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def to_line(value: Json) -> str:
    """JSON on one line and in ASCII, so that it can be printed whatever the terminal's encoding is."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def to_page(value: Json) -> str:
    """JSON for reading: indented by two, in ASCII."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, indent=2)


def parse(text: str | bytes, what: str) -> Json:
    """A JSON document as values.

    Args:
        what: What is being read, for the message ("reading capture.json").

    Raises:
        NotOurFormat: It is no JSON (RFC 8259), or nested too deeply.
    """
    try:
        value: Json = json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise NotOurFormat(what, "it is nested too deeply") from error
    except ValueError as error:
        raise NotOurFormat(what, f"it is not JSON: {harmless(str(error))}") from error
    return value


def moment_text(moment: datetime) -> str:
    """A time as RFC 3339 in UTC with microseconds: ``2026-03-14T14:05:00.000000Z``."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@dataclass(frozen=True, slots=True)
class At:
    """A JSON value, and where in which document it stands. Every method raises ``NotOurFormat``.

    Attributes:
        what: What is being read ("reading a snapshot").
        path: Where, as a JSONPath (RFC 9535): ``$.pods[0].state``.
    """

    value: Json
    what: str
    path: str = "$"

    def __getitem__(self, key: str) -> At:
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        if key not in self.value:
            raise NotOurFormat(self.what, f"{self.path} has no {key!r}")
        return At(self.value[key], self.what, f"{self.path}.{key}")

    def get(self, key: str, read: Callable[[At], T], default: T) -> T:
        """What ``read`` makes of a key that older files may lack, or the default."""
        if isinstance(self.value, dict) and key not in self.value:
            return default
        return read(self[key])

    def optional(self, read: Callable[[At], T]) -> T | None:
        """What ``read`` makes of it, or None for null."""
        return None if self.value is None else read(self)

    def each(self, read: Callable[[At], T]) -> tuple[T, ...]:
        """What ``read`` makes of each item of a list, in its order."""
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return tuple(read(At(item, self.what, f"{self.path}[{place}]")) for place, item in enumerate(self.value))

    def text(self) -> str:
        """A text, made harmless: a file is as untrusted as the machine that it came from."""
        if not isinstance(self.value, str):
            raise self.wrong("a text")
        return harmless(self.value, LONGEST_TEXT)

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return self.each(At.text)

    def integer(self) -> int:
        """A whole number."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.wrong("a whole number")
        return self.value

    def number(self) -> float:
        """A number."""
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            raise self.wrong("a number")
        try:
            number = float(self.value)
        except OverflowError:
            raise self.wrong("a number of reasonable size") from None
        if not isfinite(number):
            raise self.wrong("a number of reasonable size")
        return number

    def truth(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def moment(self) -> datetime:
        """A time as RFC 3339, in UTC."""
        if not isinstance(self.value, str) or not _RFC_3339.fullmatch(self.value):
            raise self.wrong("a time as in RFC 3339")
        try:
            return datetime.fromisoformat(self.value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.wrong("a time as in RFC 3339") from None

    def one_of(self, kind: type[E]) -> E:
        """A member of an enumeration."""
        try:
            return kind(self.text())
        except ValueError:
            raise self.wrong(f"one of {', '.join(kind)}") from None

    def text_or_none(self) -> str | None:
        """A text, or null."""
        return self.optional(At.text)

    def integer_or_none(self) -> int | None:
        """A whole number, or null."""
        return self.optional(At.integer)

    def number_or_none(self) -> float | None:
        """A number, or null."""
        return self.optional(At.number)

    def moment_or_none(self) -> datetime | None:
        """A time as RFC 3339, or null."""
        return self.optional(At.moment)

    def expect_schema(self, schema: str) -> None:
        """Check that the document is of this schema, by its ``schema`` key."""
        found = self["schema"].text()
        if found != schema:
            raise NotOurFormat(
                self.what,
                f"{self.path}.schema is {_shown(found)}, and this pausetui reads {schema!r}",
                "Read it with the pausetui that wrote it.",
            )

    def wrong(self, expected: str) -> NotOurFormat:
        """The error for a value that is something else than expected."""
        return NotOurFormat(self.what, f"{self.path} is {_shown(self.value)}, expected {expected}")


def _shown(value: Json) -> str:
    match value:
        case None | bool():
            return json.dumps(value)
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return repr(harmless(value, 60))
        case int() if value.bit_length() > 64:
            return "a number of more than 64 bits"
        case _:
            return repr(value)


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON number")

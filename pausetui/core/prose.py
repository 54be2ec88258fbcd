"""Text for a reader, without saying how it is drawn: entries with a label, a text and a tone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum


class Tone(StrEnum):
    """How something is meant. Drawn as colour, but never told by colour alone."""

    PLAIN = "plain"
    HEADING = "heading"
    QUIET = "quiet"
    GOOD = "good"
    BAD = "bad"
    COMMAND = "command"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Entry:
    """One paragraph: a label in front ("" for none) and a text that may be wrapped behind it."""

    text: str
    label: str = ""
    tone: Tone = Tone.PLAIN


BLANK = Entry("")
NEEDS_ROOT = "needs root"
"""What stands where something exists and we may not read it."""


def heading(text: str) -> Entry:
    """The title of a section."""
    return Entry(text, tone=Tone.HEADING)


def quiet(text: str, label: str = "") -> Entry:
    """Something to be read last."""
    return Entry(text, label, Tone.QUIET)


def memory(size: int | None) -> str:
    """A size in MiB, or KiB below one tenth of a MiB; "?" if not known."""
    if size is None:
        return "?"
    return f"{size / 1024:.0f} KiB" if size < 104_858 else f"{size / 1_048_576:.1f} MiB"


def percent(value: float | None) -> str:
    """A share of one core with one decimal; "?" if not known."""
    return "?" if value is None else f"{value:.1f}%"


def clock(moment: datetime | None, zone: tzinfo | None = None) -> str:
    """The time of day, local unless a zone is given; "?" if not known."""
    return "?" if moment is None else f"{moment.astimezone(zone):%H:%M:%S}"


def age(since: datetime | None, now: datetime) -> str:
    """A coarse age: ``<1m``, ``3m``, ``2h``, ``5d``; "" if not known."""
    return "" if since is None else age_and_end(since, now)[0]


def age_and_end(since: datetime, now: datetime) -> tuple[str, datetime]:
    """A coarse age, and the moment at which it is not true any more."""
    seconds = max(0.0, (now - since).total_seconds())
    if seconds < 60:
        return "<1m", since + timedelta(minutes=1)
    for letter, size, limit in (("m", 60, 3600), ("h", 3600, 86_400)):
        if seconds < limit:
            count = int(seconds // size)
            return f"{count}{letter}", since + timedelta(seconds=(count + 1) * size)
    days = int(seconds // 86_400)
    return f"{days}d", since + timedelta(days=days + 1)


def listed(names: list[str], limit: int = 6) -> str:
    """Names in one phrase: "a, b and 3 more"."""
    if len(names) <= limit:
        return ", ".join(names)
    return f"{', '.join(names[:limit])} and {len(names) - limit} more"

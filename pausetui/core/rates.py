"""What goes through a link now: the difference of two looks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from pausetui.core.network import Counters, Link, NetworkView


@dataclass(frozen=True, slots=True)
class Rates:
    """As ``Counters``, but a second."""

    rx_bytes: float
    tx_bytes: float
    rx_packets: float
    tx_packets: float
    rx_errors: float
    tx_errors: float
    rx_dropped: float
    tx_dropped: float


def rates(before: NetworkView, after: NetworkView) -> Mapping[str, Rates]:
    """By the names of the links that both views have.

    Absent are those that were made anew between the two, whose counters began again, and all of them if the views
    are of two namespaces or no time is between them.
    """
    seconds = after.read_at - before.read_at
    if before.net != after.net or seconds <= 0:
        return {}
    earlier = {_key(link): link.counters for link in before.links or ()}
    found = {}
    for link in after.links or ():
        rate = _rate(earlier.get(_key(link)), link.counters, seconds)
        if rate is not None:
            found[link.name] = rate
    return found


def _key(link: Link) -> tuple[str, int | None]:
    return link.name, link.index


def _rate(before: Counters | None, after: Counters | None, seconds: float) -> Rates | None:
    if before is None or after is None:
        return None
    grown = {field.name: getattr(after, field.name) - getattr(before, field.name) for field in fields(Counters)}
    if min(grown.values()) < 0:
        return None
    return Rates(**{name: count / seconds for name, count in grown.items()})

"""How wide each column of the tree is, so that what may never be cut off is not. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len

from pausetui.widgets.row import Row

GAP = 2
STATE, RESTARTS, AGE, PID = 10, 4, 3, 7
SMALL_STATE = 8
"""Cells that "NotReady" takes."""
SHORTEST_NAME = 12
LONGEST_NAME = 44
LEAD = 4
"""Cells before the name of a pod or container."""
SHARES = 17
"""Cells that "net=A ipc=A uts=A" takes."""
TITLE = 19
"""Cells that "address, namespaces" takes, and one more."""
SHORTEST_WHERE, LONGEST_WHERE = 10, 45
LONGEST_SPAN = 100
NARROW, SMALL = 30, 60
"""Below the first only names are left; up to the second there are no ages, and names without a namespace."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What some rows would like to have, in cells.

    Attributes:
        name: For lead and name.
        where: For what is never cut off.
        more: For ``where`` and what may be cut off behind it.
        restarts: For the number of restarts; 0 if there are none.
        span: For a text that goes over all columns.
    """

    name: int = 0
    where: int = 0
    more: int = 0
    restarts: int = 0
    span: int = 0

    def __or__(self, other: Needs) -> Needs:
        return Needs(
            max(self.name, other.name),
            max(self.where, other.where),
            max(self.more, other.more),
            max(self.restarts, other.restarts),
            max(self.span, other.span),
        )


@dataclass(frozen=True, slots=True)
class Columns:
    """The width of each column in cells; 0 for one that is not shown. Gaps come on top."""

    name: int
    state: int = 0
    restarts: int = 0
    age: int = 0
    pid: int = 0
    where: int = 0


def needs(rows: Iterable[Row]) -> Needs:
    """What these rows would like to have."""
    name = where = more = restarts = span = 0
    for row in rows:
        if row.spans:
            span = max(span, min(LONGEST_SPAN, cell_len(row.lead) + cell_len(row.name)))
            continue
        name = max(name, cell_len(row.lead) + cell_len(row.name))
        own = min(LONGEST_WHERE, cell_len(row.where))
        where = max(where, own)
        more = max(more, own + cell_len(row.more) + bool(row.more))
        restarts = max(restarts, cell_len(row.restarts))
    return Needs(name, where, more, restarts, span)


def columns(need: Needs, width: int) -> Columns:
    """Share out a width: state first, then where, restarts, age and pid as long as they fit."""
    if width < NARROW:
        return Columns(name=max(1, width))
    small = width <= SMALL
    shortest = SHORTEST_NAME + LEAD if small else SHORTEST_NAME
    restarts = need.restarts if small else max(RESTARTS, need.restarts)
    state = SMALL_STATE if small else STATE
    left = width - shortest - state - GAP
    where = _where(need, left - (restarts + GAP if restarts else 0) - GAP, small=small)
    left -= where + GAP if where else 0
    given = {}
    for column, wanted in (("restarts", restarts), ("age", 0 if small else AGE)):
        given[column] = wanted if wanted and left >= wanted + GAP else 0
        left -= given[column] + GAP if given[column] else 0
    more = max(0, need.more - where) if where else 0
    spare_for_pid = left - more - max(0, min(need.name, LONGEST_NAME) - shortest)
    given["pid"] = PID if spare_for_pid >= PID + GAP else 0
    left -= given["pid"] + GAP if given["pid"] else 0
    name, where = _shared_out(need, shortest + max(0, left), where, more)
    return Columns(name=name, state=state, where=where, **given)


def _where(need: Needs, room: int, *, small: bool) -> int:
    wanted = need.where if small else max(need.where, SHARES)
    given = min(wanted, room)
    return given if given >= min(wanted, SHORTEST_WHERE) else 0


def _shared_out(need: Needs, name: int, where: int, more: int) -> tuple[int, int]:
    """Name and where, once all others have theirs: what no name needs goes to where."""
    if not where:
        return name, where
    wanted = max(SHORTEST_NAME, min(need.name, LONGEST_NAME))
    spare = max(0, name - wanted)
    longer = max(0, min(need.name - wanted, spare - more))
    return min(name, wanted + longer), where + spare - longer


def least(need: Needs) -> int:
    """The width from which on state, address and restarts are whole."""
    return SHORTEST_NAME + STATE + max(RESTARTS, need.restarts) + max(need.where, SHARES) + 3 * GAP


def comfortable(need: Needs) -> int:
    """The width at which nothing of these rows has to be left out but pids."""
    name = max(SHORTEST_NAME, min(need.name, LONGEST_NAME))
    return name + STATE + max(RESTARTS, need.restarts) + AGE + max(need.more, TITLE) + 4 * GAP


def whole(need: Needs) -> int:
    """The width at which nothing has to be left out or cut off, pids and what goes over all columns included."""
    longer = max(0, need.name - LONGEST_NAME)
    return max(comfortable(need) + longer + PID + GAP, need.span)

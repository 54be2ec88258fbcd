"""How wide each column of the tree is, so that what may never be cut off is not. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len

from pausetui.widgets.row import Row

GAP = 2
STATE, RESTARTS, AGE, PID = 10, 4, 3, 7
SHORTEST_NAME = 12
LONGEST_NAME = 44
SHARES = 17
"""Cells that "net=A ipc=A uts=A" takes."""
TITLE = 19
"""Cells that "address, namespaces" takes, and one more."""
NARROW = 30


@dataclass(frozen=True, slots=True)
class Needs:
    """What some rows would like to have, in cells: for lead and name, for ``where``, and with ``more``."""

    name: int = 0
    where: int = 0
    more: int = 0

    def __or__(self, other: Needs) -> Needs:
        return Needs(max(self.name, other.name), max(self.where, other.where), max(self.more, other.more))


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
    name = where = more = 0
    for row in rows:
        if not row.spans:
            name = max(name, cell_len(row.lead) + cell_len(row.name))
            where = max(where, cell_len(row.where))
            more = max(more, cell_len(row.where) + cell_len(row.more) + bool(row.more))
    return Needs(name, where, more)


def columns(need: Needs, width: int) -> Columns:
    """Share out a width: state first, then where, restarts, age and pid as long as they fit."""
    shortest = SHORTEST_NAME if width >= NARROW else SHORTEST_NAME // 2 + 2
    left = width - shortest
    where_wanted = max(need.where, SHARES)
    given = {}
    for column, wanted in (("state", STATE), ("where", where_wanted), ("restarts", RESTARTS), ("age", AGE)):
        given[column] = wanted if left >= wanted + GAP else 0
        left -= given[column] + GAP if given[column] else 0
    more = max(0, need.more - given["where"]) if given["where"] else 0
    spare_for_pid = left - more - max(0, min(need.name, LONGEST_NAME) - shortest)
    given["pid"] = PID if spare_for_pid >= PID + GAP else 0
    left -= given["pid"] + GAP if given["pid"] else 0
    name = shortest + max(0, left)
    if given["where"]:
        wanted_name = max(SHORTEST_NAME, min(need.name, LONGEST_NAME))
        given["where"] += max(0, name - wanted_name)
        name = min(name, wanted_name)
    return Columns(name=max(1, min(name, width)), **given)


def comfortable(need: Needs) -> int:
    """The width at which nothing of these rows has to be left out but pids."""
    name = max(SHORTEST_NAME, min(need.name, LONGEST_NAME))
    return name + STATE + RESTARTS + AGE + max(need.more, TITLE) + 4 * GAP

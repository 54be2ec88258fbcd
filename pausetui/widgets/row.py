"""One row of the tree, before it has a width or a colour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pausetui.core.observation import ProcessId


class RowKind(StrEnum):
    """What a row is about."""

    POD = "pod"
    CONTAINER = "container"
    PROCESS = "process"
    SHARER = "sharer"
    NOTE = "note"
    PROBLEM = "problem"
    GROUP = "group"
    NOBODYS = "nobodys"


class Look(StrEnum):
    """How a row is meant. Each is told by a glyph or a word too."""

    PLAIN = "plain"
    QUIET = "quiet"
    BAD = "bad"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the tree; its cells are not padded yet.

    Attributes:
        key: What the selection is kept by.
        lead: Branches, fold and state glyph, up to where the name begins.
        short: A name for where there is little room, or "".
        where: The pod's address, or which namespaces a container shares.
        more: What may be cut off behind ``where``.
        spans: The text goes over all columns.
        foldable: It has children; ``unfolded`` says whether they are shown.
    """

    key: str
    kind: RowKind
    pod_key: str
    container_key: str | None
    lead: str
    name: str
    short: str = ""
    state: str = ""
    restarts: str = ""
    age: str = ""
    pid: str = ""
    where: str = ""
    more: str = ""
    look: Look = Look.PLAIN
    spans: bool = False
    foldable: bool = False
    unfolded: bool = False
    process: ProcessId | None = None

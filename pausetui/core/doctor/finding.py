"""What the doctor finds, and what it looks at."""

from __future__ import annotations

from dataclasses import dataclass

from pausetui.core.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong on this machine.

    Attributes:
        id: Which kind of thing, the same for ever ("orphan-member").
        subject: What it is about: a key of the snapshot, or a path.
        title: The same as a user calls it ("shop/api app").
        means: What it means, in a sentence or two.
        evidence: What was seen, a line each.
        do: The command or the step that mends it, or that shows more.
    """

    id: str
    subject: str
    title: str
    means: str
    evidence: tuple[str, ...]
    do: str = ""


@dataclass(frozen=True, slots=True)
class Reservation:
    """An address that a CNI plug-in has given away (host-local: a file named by the address).

    Attributes:
        container_id: Whom it was given to: a sandbox's id.
    """

    network: str
    address: str
    container_id: str
    path: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What the doctor looks at.

    Attributes:
        snapshot: The machine now.
        before: The machine a moment ago; what has to last to be wrong was there, too.
        reservations: Addresses given away, or None if that could not be read.
    """

    snapshot: Snapshot
    before: Snapshot
    reservations: tuple[Reservation, ...] | None = None

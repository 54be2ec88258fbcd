"""One measured line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A figure beside what it is compared with.

    Attributes:
        name: What was measured.
        ours: pausetui's figure.
        peer: The peer's or the floor's, from the same run; null where the goal is an absolute one.
        unit: Of both.
        ratio: ours / peer; null without a peer.
        goal: In words ("at most 1.6 x", "at most 400 bytes").
        met: The goal holds.
        bound_by: What the figure consists of, where that is known.
    """

    name: str
    ours: float
    peer: float | None
    unit: str
    ratio: float | None
    goal: str
    met: bool
    bound_by: str = ""


def at_most_times(name: str, ours: float, peer: float, unit: str, goal: float, bound_by: str = "") -> Row:
    """A figure that may be at most ``goal`` times that of the peer."""
    ratio = ours / peer
    return Row(name, ours, peer, unit, ratio, f"at most {goal:g} x", ratio <= goal, bound_by)


def at_most(name: str, ours: float, unit: str, goal: float, bound_by: str = "") -> Row:
    """A figure with an absolute limit."""
    return Row(name, ours, None, unit, None, f"at most {goal:g} {unit}", ours <= goal, bound_by)

"""Which pane is where at a given size of the terminal. Pure."""

from __future__ import annotations

from dataclasses import dataclass

WIDE = 100
"""From this width on the details stand beside the tree; below it they take its place."""
VERY_WIDE = 160
"""From this width on the tree takes what its longest rows need."""
NARROWEST_TREE, WIDEST_TREE = 50, 76
NARROWEST_DETAILS, NAMED_DETAILS, FULL_DETAILS = 40, 52, 80
"""Widths of the details: the least; with the names of all tabs; where there is plenty."""
TALL, LOW, LOWEST = 30, 14, 6


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Widths in cells and heights in lines; 0 is not shown."""

    tree: int
    details: int
    timeline: int
    keys: int

    @property
    def beside(self) -> bool:
        """Whether tree and details are both in view."""
        return bool(self.tree and self.details)


def arranged(
    width: int, height: int, *, details: bool, comfortable: int, least: int = 0, whole: int = 0
) -> Arrangement:
    """Lay out the panes.

    Args:
        details: Whether the user wants to see the details.
        comfortable: The width at which the tree leaves nothing out but pids.
        least: The width that the tree needs for what is never cut off.
        whole: The width at which it leaves out and cuts off nothing.
    """
    timeline = 9 if height >= TALL else 4 if height >= LOW else 0
    keys = 1 if height >= LOWEST else 0
    if not details:
        return Arrangement(width, 0, timeline, keys)
    if width < WIDE:
        return Arrangement(0, width, timeline, keys)
    if width >= VERY_WIDE:
        wanted = min(max(comfortable, whole) + 1, width - FULL_DETAILS)
    else:
        wanted = min(comfortable + 1, WIDEST_TREE, width - NAMED_DETAILS)
    tree = min(max(NARROWEST_TREE, least, wanted), width - NARROWEST_DETAILS)
    return Arrangement(tree, width - tree, timeline, keys)

"""Which pane is where at a given size of the terminal. Pure."""

from __future__ import annotations

from dataclasses import dataclass

WIDE = 100
"""From this width on the details stand beside the tree; below it they take its place."""
NARROWEST_TREE, WIDEST_TREE, NARROWEST_DETAILS = 50, 76, 40
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


def arranged(width: int, height: int, *, details: bool, comfortable: int) -> Arrangement:
    """Lay out the panes.

    Args:
        details: Whether the user wants to see the details.
        comfortable: The width at which the tree leaves nothing out.
    """
    timeline = 9 if height >= TALL else 4 if height >= LOW else 0
    keys = 1 if height >= LOWEST else 0
    if not details:
        return Arrangement(width, 0, timeline, keys)
    if width < WIDE:
        return Arrangement(0, width, timeline, keys)
    tree = max(NARROWEST_TREE, min(comfortable + 1, WIDEST_TREE, width - NARROWEST_DETAILS))
    return Arrangement(tree, width - tree, timeline, keys)

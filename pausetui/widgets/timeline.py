"""What happened, newest last, in as few lines as there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, tzinfo

from textual.strip import Strip

from pausetui.core.changes import TimelineLine
from pausetui.core.prose import clock
from pausetui.text import Glyphs
from pausetui.widgets.canvas import Canvas
from pausetui.widgets.drawing import NOTICE, PLAIN, QUIET, STRONG, cut, fitted, strip, title

HEADER = 1
BEFORE = "<"
"""Stands behind the time of what happened before the program was started."""
TIME = 8
LONGEST_POD = 24


class Timeline(Canvas):
    """The last lines of the timeline, of all pods or of one."""

    def __init__(self, glyphs: Glyphs, zone: tzinfo | None, *, id: str = "timeline") -> None:  # noqa: A002
        super().__init__(glyphs, id=id)
        self._zone = zone
        self._lines_of_all: Sequence[TimelineLine] = ()
        self._pod: tuple[str, str] | None = None
        self._back = 0

    @property
    def page(self) -> int:
        """How many lines are in view."""
        return max(1, self.size.height - HEADER)

    def show(self, lines: Sequence[TimelineLine], pod: tuple[str, str] | None) -> None:
        """Show the newest lines; of one pod (its key and title), or of all if None."""
        if pod != self._pod:
            self._back = 0
        if lines is self._lines_of_all and pod == self._pod:
            return
        self._lines_of_all, self._pod = lines, pod
        self.draw()

    def scroll(self, lines: int) -> None:
        """Go towards the newest line, or back if negative."""
        self._back -= lines
        self.draw()

    def roll(self, lines: int) -> None:
        """The mouse wheel scrolls."""
        self.scroll(lines)

    def draw(self) -> None:
        """Draw the lines in view."""
        width = self.size.width
        if not width or self.size.height < HEADER:
            return
        chosen = [line for line in self._lines_of_all if self._is_shown(line)]
        self._back = max(0, min(self._back, len(chosen) - self.page))
        end = len(chosen) - self._back
        shown = chosen[max(0, end - self.page) : end]
        others = len(self._lines_of_all) - len(chosen)
        names = min(LONGEST_POD, max((len(line.event.change.pod) for line in shown), default=0))
        today = self._day(self._lines_of_all[-1]) if self._lines_of_all else None
        told = any(line.event.before_you_came for line in shown)
        self.paint(
            [self._title(width, others, told=told), *(self._line(line, names, width, today) for line in shown)]
        )

    def _is_shown(self, line: TimelineLine) -> bool:
        return self._pod is None or line.event.change.pod_key in ("", self._pod[0])

    def _day(self, line: TimelineLine) -> date:
        return line.event.at.astimezone(self._zone).date()

    def _when(self, line: TimelineLine, today: date | None) -> str:
        """The time since our action, else the time of day; of an earlier day than the newest line's, the day."""
        if line.event.seconds_after is not None:
            return f"+{line.event.seconds_after:.1f}s"
        day = self._day(line)
        return clock(line.event.at, self._zone) if day == today else f"{day:%d %b}"

    def _title(self, width: int, others: int, *, told: bool) -> Strip:
        dot = self.glyphs.dot
        which = f" {dot} {self._pod[1]}" if self._pod else ""
        right = f"{others} more of other pods, t shows all" if others else ""
        earlier = f"{BEFORE} before you came {dot if right else ''} " if told else ""
        later = f"{self.glyphs.below} {self._back} newer " if self._back else ""
        return title(f" Timeline{which}", width, self.glyphs, active=self.active, right=later + earlier + right)

    def _line(self, line: TimelineLine, names: int, width: int, today: date | None) -> Strip:
        event = line.event
        ours = event.seconds_after is not None
        count = f" ×{line.count}" if line.count > 1 else ""
        if self.glyphs.name == "ascii":
            count = count.replace("×", "x")
        head = f" {self._when(line, today):>{TIME}}{BEFORE if event.before_you_came else ' '} "
        pod = fitted(event.change.pod, names, self.glyphs) + "  " if names else ""
        room = width - len(head) - len(pod) - len(count)
        plain, strong = (QUIET, QUIET) if event.before_you_came else (PLAIN, STRONG)
        pieces = ((head, NOTICE if ours else QUIET), (pod, strong), (cut(line.text, room, self.glyphs), plain))
        return strip((*pieces, (count, NOTICE)), width)

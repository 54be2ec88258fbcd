"""The tree of pods: rows in view, the cursor, folding. It never repaints more than what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from textual.events import Click
from textual.strip import Strip

from pausetui.core.counterpart import counterparts
from pausetui.core.observation import ProcessId, Vitals
from pausetui.core.prose import BLANK, Entry, quiet
from pausetui.live.picture import Picture
from pausetui.messages import SubjectChanged
from pausetui.text import Glyphs
from pausetui.widgets import tree_lines
from pausetui.widgets.canvas import Canvas
from pausetui.widgets.columns import Columns, Needs, columns, comfortable, least, whole
from pausetui.widgets.drawing import PLAIN, strip
from pausetui.widgets.folding import Folding
from pausetui.widgets.listing import Listing
from pausetui.widgets.row import Row, RowKind
from pausetui.widgets.wrapping import wrapped

HEADER = 1
_Drawn = tuple[Row, Columns, int, str, str, str]


class PodTree(Canvas):
    """Pods, pause containers, members and processes as rows, with a cursor that is kept by key."""

    def __init__(self, glyphs: Glyphs, *, id: str = "tree") -> None:  # noqa: A002 - Textual's name for it
        super().__init__(glyphs, id=id)
        self.listing = Listing(glyphs)
        self.folding = Folding()
        self.active = True
        self.empty: tuple[Entry, ...] = ()
        self._picture: Picture | None = None
        self._rows: tuple[Row, ...] = ()
        self._places: dict[str, int] = {}
        self._selected: str | None = None
        self._elsewhere: tuple[str, ...] = ()
        self._top = 0
        self._needs = Needs()
        self._cache: dict[str, tuple[_Drawn, Strip]] = {}

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, in view or not."""
        return self._rows

    @property
    def selected(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self._place()] if self._rows else None

    @property
    def page(self) -> int:
        """How many rows are in view."""
        return max(1, self.size.height - HEADER)

    @property
    def comfortable_width(self) -> int:
        """The width at which no column has to be left out."""
        return comfortable(self._needs)

    @property
    def least_width(self) -> int:
        """The width from which on state, address and restarts are whole."""
        return least(self._needs)

    @property
    def whole_width(self) -> int:
        """The width at which nothing is left out or cut off."""
        return whole(self._needs)

    def show(self, picture: Picture, room: int) -> None:
        """Draw this picture; keeps the cursor on what it was on.

        Args:
            room: How many rows are or will be in view; the tree may not have its size yet.
        """
        before, self._picture = self._picture, picture
        self.folding.see(picture.snapshot.pods, room)
        self._elsewhere = self._counterparts(before, picture)
        self._update(by_user=False)

    def _counterparts(self, before: Picture | None, now: Picture) -> tuple[str, ...]:
        """What the cursor was on, as another backend calls it."""
        if before is None or self._selected is None or before.snapshot.backend == now.snapshot.backend:
            return ()
        return counterparts(self._selected, before.snapshot, now.snapshot)

    def set_filter(self, words: tuple[str, ...]) -> None:
        """Show only what contains all these words."""
        self.folding.words = words
        self._update(by_user=True)

    def set_only_wrong(self, only_wrong: bool) -> None:
        """Show only pods with something wrong, or all."""
        self.folding.only_wrong = only_wrong
        self._update(by_user=True)

    def fold(self, row: Row, *, unfolded: bool) -> None:
        """Show or hide what is below a row."""
        self.folding.set(row, unfolded=unfolded)
        self._update(by_user=True)

    def fold_all(self, *, unfolded: bool) -> None:
        """Show or hide what is below every row."""
        if self._picture is not None:
            self.folding.set_all(self._picture.snapshot.pods, unfolded=unfolded)
            self._update(by_user=True)

    def select(self, place: int) -> None:
        """Put the cursor on the row at this place, or on the nearest there is."""
        if self._rows:
            self._choose(self._rows[max(0, min(place, len(self._rows) - 1))].key, by_user=True)
            self.draw()

    def move(self, rows: int) -> None:
        """Move the cursor down, or up if negative."""
        self.select(self._place() + rows)

    def select_key(self, key: str) -> bool:
        """Put the cursor on this row; False if there is none."""
        place = self._places.get(key)
        if place is not None:
            self.select(place)
        return place is not None

    def roll(self, lines: int) -> None:
        """The mouse wheel moves the cursor."""
        self.move(lines)

    def on_click(self, event: Click) -> None:
        """A click selects a row; on the selected one it folds or unfolds."""
        place = self._top + event.y - HEADER
        if not 0 <= place < len(self._rows) or event.y < HEADER:
            return
        row = self._rows[place]
        if row is self.selected and row.foldable:
            self.fold(row, unfolded=not row.unfolded)
        else:
            self.select(place)

    def select_next(self, step: int) -> bool:
        """Put the cursor on the next row that matches the filter, or that is wrong; False if there is no other."""
        here, count = self._place(), len(self._rows)
        for distance in range(1, count):
            place = (here + step * distance) % count
            if self._is_sought(self._rows[place]):
                self.select(place)
                return True
        return False

    def _is_sought(self, row: Row) -> bool:
        if self.folding.words:
            text = f"{row.name} {row.where} {row.pid}".lower()
            return all(word in text for word in self.folding.words)
        return row.kind is RowKind.POD and self.glyphs.problem in row.lead

    def draw(self) -> None:
        """Draw the rows in view, each from the cache if it is as before."""
        width = self.size.width
        if self._picture is None or not width:
            return
        if not self._rows:
            self.paint(self._instead_of_rows(width))
            return
        self._scroll_to_cursor()
        shown = columns(self._needs, width)
        cursor, vitals = self._place(), self._picture.snapshot.vitals
        lines = [tree_lines.header(shown, width, self.glyphs)]
        for place in range(self._top, min(self._top + self.page, len(self._rows))):
            lines.append(self._line(self._rows[place], shown, width, vitals, selected=place == cursor))
        self.paint(lines)

    def _instead_of_rows(self, width: int) -> list[Strip]:
        said = self.empty
        if self._picture is not None and self._picture.snapshot.pods:
            said = (BLANK, quiet(self.folding.why_nothing))
        lines = [line for entry in said for line in wrapped(entry, max(1, width - 4), self.glyphs)]
        return [strip((("  ", PLAIN), *line), width) for line in lines[: self.size.height]]

    def _line(
        self, row: Row, shown: Columns, width: int, vitals: Mapping[ProcessId, Vitals], *, selected: bool
    ) -> Strip:
        cursor = ("here" if self.active else "elsewhere") if selected else ""
        state = tree_lines.state_now(row, vitals)
        drawn = (row, shown, width, tree_lines.cpu_note(row, vitals), cursor, state)
        cached = self._cache.get(row.key)
        if cached is not None and cached[0][0] is row and cached[0][1:] == drawn[1:]:
            return cached[1]
        now = row if state == row.state else replace(row, state=state)
        line = tree_lines.row_line(now, shown, width, self.glyphs, drawn[3], cursor)
        if len(self._cache) > 4 * len(self._rows) + self.page:
            self._cache.clear()
        self._cache[row.key] = (drawn, line)
        return line

    def _update(self, *, by_user: bool) -> None:
        if self._picture is None:
            return
        drawn = self._picture
        if by_user:
            self._needs = Needs()
        rows = self.listing.rows(drawn, self.folding.view) if drawn.snapshot.pods or drawn.gone else ()
        self._needs |= self.listing.needs
        if rows is not self._rows:
            self._replace(rows, by_user=by_user)
        self.draw()

    def _replace(self, rows: tuple[Row, ...], *, by_user: bool) -> None:
        before, place = self._rows, self._place()
        on_screen = place - self._top
        self._rows = rows
        self._places = {row.key: number for number, row in enumerate(rows)}
        if self._selected not in self._places:
            self._choose(self._successor(before, place), by_user=by_user)
        self._top = self._place() - on_screen

    def _successor(self, before: tuple[Row, ...], place: int) -> str | None:
        """Where the cursor goes when its row is gone: the row's pod, else whatever is at the same place."""
        if not self._rows:
            return None
        same = next((key for key in self._elsewhere if key in self._places), None)
        if same is not None:
            return same
        if before and before[place].pod_key in self._places:
            return before[place].pod_key
        following = (row.key for row in before[place:] if row.key in self._places)
        preceding = (row.key for row in reversed(before[:place]) if row.key in self._places)
        fallback = self._rows[min(place, len(self._rows) - 1)].key
        return next(following, None) or next(preceding, fallback)

    def _choose(self, key: str | None, *, by_user: bool) -> None:
        if key != self._selected:
            self._selected = key
            self.post_message(SubjectChanged(key, by_user=by_user))

    def _place(self) -> int:
        return self._places.get(self._selected, 0) if self._selected is not None else 0

    def _scroll_to_cursor(self) -> None:
        cursor = self._place()
        self._top = max(cursor - self.page + 1, min(self._top, cursor))
        self._top = max(0, min(self._top, len(self._rows) - self.page))

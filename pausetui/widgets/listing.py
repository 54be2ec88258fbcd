"""The rows of a whole picture. Pods that have not changed are not turned into rows again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from operator import or_

from pausetui.core.nobodys import Lasting
from pausetui.core.observation import Problem
from pausetui.core.snapshot import Container, Pod, Snapshot, Unclaimed
from pausetui.core.trouble import Trouble, other_problems, troubles
from pausetui.live.picture import GonePod, Picture
from pausetui.text import Glyphs
from pausetui.widgets.columns import Needs, needs
from pausetui.widgets.row import Row
from pausetui.widgets.rows import Drawing, gone_row, group_row, nobodys_rows, pod_rows, problem_rows

END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class View:
    """What the user wants to see of a picture.

    Attributes:
        unfolded: Keys of the unfolded pods, each with the keys of its unfolded containers.
        words: What a pod or container must contain, in lower case; () for no filter.
        only_wrong: Only pods with something wrong.
        apart: Also the containers that share nothing; they are folded away where there are pods.
    """

    unfolded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    only_wrong: bool = False
    apart: bool = False


@dataclass(frozen=True, slots=True)
class _Drawn:
    pod: Pod
    opened: frozenset[str] | None
    words: tuple[str, ...]
    problems: tuple[Problem, ...]
    troubles: tuple[Trouble, ...]
    valid_until: datetime
    rows: tuple[Row, ...]
    needs: Needs


_Shown = tuple[tuple[Pod, ...], tuple[GonePod, ...], tuple[Problem, ...], tuple[Unclaimed, ...], View]
"""What the rows were made from."""


class Listing:
    """Turns pictures into rows.

    Attributes:
        bad: How many pods of the last picture have something wrong.
        hidden: How many pods of the last picture the view leaves out.
        needs: The widths that the rows would like to have.
    """

    def __init__(self, glyphs: Glyphs) -> None:
        self.bad = 0
        self.hidden = 0
        self.needs = Needs()
        self._glyphs = glyphs
        self._drawn: dict[str, _Drawn] = {}
        self._nobodys = Lasting()
        self._last: _Shown | None = None
        self._valid_until = END_OF_TIME
        self._rows: tuple[Row, ...] = ()

    def rows(self, picture: Picture, view: View) -> tuple[Row, ...]:
        """The rows of this picture; the very same tuple as last time if nothing in it changed."""
        snapshot = picture.snapshot
        nobodys = self._nobodys.of(snapshot)
        now = (snapshot.pods, picture.gone, snapshot.problems, nobodys, view)
        same = self._last is not None and all(a is b or a == b for a, b in zip(now, self._last, strict=True))
        if same and snapshot.taken_at < self._valid_until:
            return self._rows
        drawn = [self._draw(pod, snapshot, view) for pod in snapshot.pods]
        self._drawn = {one.pod.key: one for one in drawn}
        self.bad = sum(1 for one in drawn if one.troubles)
        shown = [one for one in drawn if one.rows and (one.troubles or not view.only_wrong)]
        self.hidden = len(drawn) - len(shown)
        self.needs = reduce(or_, (one.needs for one in shown), Needs())
        self._valid_until = min((one.valid_until for one in drawn), default=END_OF_TIME)
        self._rows = tuple(self._all_rows(shown, picture, view))
        if not view.words:
            self._rows += nobodys_rows(nobodys)
        self._last = now
        return self._rows

    def _all_rows(self, shown: list[_Drawn], picture: Picture, view: View) -> Iterator[Row]:
        alive = {pod.key for pod in picture.snapshot.pods}
        gone = [one.pod for one in picture.gone if one.pod.key not in alive and _matches_pod(one.pod, view.words)]
        gone.sort(key=lambda pod: pod.title, reverse=True)
        together, apart = _parted(shown, view)
        unfolded = view.apart or not together
        for one in together:
            while gone and gone[-1].title < one.pod.title:
                yield gone_row(gone[-1], self._glyphs, gone.pop().key)
            yield from one.rows
        while gone:
            yield gone_row(gone[-1], self._glyphs, gone.pop().key)
        if apart:
            yield group_row(len(apart), self._glyphs, unfolded=unfolded)
            yield from (row for one in apart if unfolded for row in one.rows)
        if not view.words:
            yield from problem_rows(other_problems(picture.snapshot), self._glyphs)

    def _draw(self, pod: Pod, snapshot: Snapshot, view: View) -> _Drawn:
        opened = view.unfolded.get(pod.key)
        before = self._drawn.get(pod.key)
        if (
            before is not None
            and (before.pod is pod or before.pod == pod)
            and before.opened == opened
            and before.words == view.words
            and (before.problems is snapshot.problems or before.problems == snapshot.problems)
            and snapshot.taken_at < before.valid_until
        ):
            return before
        wrong = troubles(pod, snapshot.problems, snapshot.taken_at)
        drawing = Drawing(self._glyphs, snapshot.taken_at, snapshot.host, opened, wrong)
        rows = _filtered_rows(pod, drawing, view.words)
        ends = [end for end in (drawing.valid_until, *(one.until for one in wrong)) if end is not None]
        return _Drawn(
            pod, opened, view.words, snapshot.problems, wrong, min(ends, default=END_OF_TIME), rows, needs(rows)
        )


def _parted(shown: list[_Drawn], view: View) -> tuple[list[_Drawn], list[_Drawn]]:
    """The pods, and the containers that share nothing and have nothing wrong; while one filters all are pods."""
    if view.words:
        return shown, []
    apart = [one for one in shown if one.pod.shares_nothing and not one.troubles]
    return [one for one in shown if not one.pod.shares_nothing or one.troubles], apart


def _filtered_rows(pod: Pod, drawing: Drawing, words: tuple[str, ...]) -> tuple[Row, ...]:
    if not _matches_pod(pod, words):
        drawing.kept = frozenset(one.key for one in pod.containers() if _matches_container(pod, one, words))
        if not drawing.kept:
            return ()
        drawing.unfolded = drawing.unfolded or frozenset()
    return pod_rows(pod, drawing)


def _matches_pod(pod: Pod, words: tuple[str, ...]) -> bool:
    if not words:
        return True
    text = " ".join((pod.title, *(pod.addresses or ()), pod.uid or "")).lower()
    return all(word in text for word in words)


def _matches_container(pod: Pod, container: Container, words: tuple[str, ...]) -> bool:
    pids = (str(process.id.pid) for process in container.processes)
    parts = (pod.title, container.name, container.runtime_id or "", *pids)
    text = " ".join(parts).lower()
    return all(word in text for word in words)

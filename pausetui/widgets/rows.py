"""The tree as flat rows: what each row says, before it has a width or a colour. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rich.cells import cell_len

from pausetui.core.inventory import ContainerState, PodState
from pausetui.core.namespaces import POD_KINDS, NamespaceKind, Namespaces
from pausetui.core.nobodys import in_short, key
from pausetui.core.observation import Problem
from pausetui.core.prose import age_and_end
from pausetui.core.sharing import letters, shares_pid
from pausetui.core.snapshot import Container, ContainerProcess, Pod, Unclaimed
from pausetui.core.trouble import Trouble, word_for
from pausetui.core.wording import plural, state_name
from pausetui.text import Glyphs
from pausetui.widgets import cells
from pausetui.widgets.columns import SHARES
from pausetui.widgets.row import Look, Row, RowKind


@dataclass(slots=True)
class Drawing:
    """What is needed to turn one pod into rows.

    Attributes:
        unfolded: None if the pod is folded, else the keys of its unfolded containers.
        kept: Keys of the containers that pass the filter, or None for all of them.
        valid_until: When the first of the ages drawn is not true any more.
    """

    glyphs: Glyphs
    now: datetime
    host: Namespaces
    unfolded: frozenset[str] | None
    troubles: Sequence[Trouble] = ()
    kept: frozenset[str] | None = None
    valid_until: datetime | None = None

    def age(self, since: datetime | None) -> str:
        """A coarse age; remembers when it has to be drawn anew."""
        if since is None:
            return ""
        text, end = age_and_end(since, self.now)
        self.valid_until = end if self.valid_until is None else min(end, self.valid_until)
        return text


def pod_rows(pod: Pod, drawing: Drawing) -> tuple[Row, ...]:
    """The rows of one pod: itself, and if it is unfolded its pause, members, sharers and notes."""
    if drawing.unfolded is None:
        return (_pod_row(pod, drawing),)
    below = [part for part in _parts(pod, drawing) if part]
    rows = [_pod_row(pod, drawing)]
    for place, part in enumerate(below):
        rows.extend(_branched(part, drawing.glyphs, last=place == len(below) - 1))
    return tuple(rows)


def gone_row(pod: Pod, glyphs: Glyphs, key: str) -> Row:
    """The one row of a pod that ended less than a minute ago."""
    where = pod.addresses[0] if pod.addresses else ""
    return Row(
        key, RowKind.POD, pod.key, None, f"{glyphs.gone}   ", pod.title, state="gone", where=where, look=Look.GONE
    )


def group_row(count: int, glyphs: Glyphs, *, unfolded: bool) -> Row:
    """The row that stands for all containers that share nothing."""
    fold = glyphs.unfolded if unfolded else glyphs.folded
    name = f"{plural(count, 'container')} that share{'s' if count == 1 else ''} nothing"
    return Row(
        "group:apart",
        RowKind.GROUP,
        "",
        None,
        f"{fold}   ",
        name,
        look=Look.QUIET,
        spans=True,
        foldable=True,
        unfolded=unfolded,
    )


def problem_rows(problems: Sequence[Problem], glyphs: Glyphs) -> tuple[Row, ...]:
    """What could not be seen and belongs to no pod, at the end of the tree."""
    return tuple(
        Row(
            key=f"problem:{problem.subject}:{problem.what}",
            kind=RowKind.PROBLEM,
            pod_key="",
            container_key=None,
            lead=f"{glyphs.problem} ",
            name=f"{problem.what}: {problem.why}",
            look=Look.BAD,
            spans=True,
        )
        for problem in problems
    )


def nobodys_rows(unclaimed: Sequence[Unclaimed]) -> tuple[Row, ...]:
    """Namespaces that a pin alone keeps and no pod has, at the end of the tree. Somebody may want them so."""
    return tuple(
        Row(
            key=key(one),
            kind=RowKind.NOBODYS,
            pod_key="",
            container_key=None,
            lead="  ",
            name=in_short(one),
            look=Look.QUIET,
            spans=True,
        )
        for one in unclaimed
    )


def _parts(pod: Pod, drawing: Drawing) -> Iterator[list[Row]]:
    shown = _shown_kinds(pod)
    shares = {kind: letters(pod, drawing.host, kind) for kind in shown}
    if pod.pause is None and drawing.kept is None:
        yield [_no_pause(pod)]
    for container in pod.containers():
        if drawing.kept is None or container.key in drawing.kept:
            yield [_container_row(pod, container, shares, drawing), *_process_rows(pod, container, drawing)]
    if drawing.kept is None:
        yield from ([_sharer_row(pod, place)] for place in range(len(pod.sharers)))
        notes = (trouble for trouble in drawing.troubles if not trouble.seen_in_columns)
        yield from ([_note_row(pod, trouble, drawing.glyphs)] for trouble in notes)


def _branched(part: list[Row], glyphs: Glyphs, *, last: bool) -> Iterator[Row]:
    head, *tail = part
    yield _with_lead(head, f"  {glyphs.last if last else glyphs.branch} ")
    trunk = "    " if last else f"  {glyphs.trunk} "
    for place, row in enumerate(tail):
        yield _with_lead(row, f"{trunk}{glyphs.last if place == len(tail) - 1 else glyphs.branch} ")


def _with_lead(row: Row, branches: str) -> Row:
    return replace(row, lead=branches + row.lead)


def _pod_row(pod: Pod, drawing: Drawing) -> Row:
    glyphs = drawing.glyphs
    fold = glyphs.folded if drawing.unfolded is None else glyphs.unfolded
    where, others = cells.address(pod)
    return Row(
        key=pod.key,
        kind=RowKind.POD,
        pod_key=pod.key,
        container_key=None,
        lead=f"{fold} {glyphs.problem if drawing.troubles else ' '} ",
        name=pod.title,
        short=pod.name,
        state=state_name(pod.state),
        age=drawing.age(cells.pod_since(pod)) if drawing.unfolded is None else "",
        where=where,
        more=f"{others} {word_for(drawing.troubles)}".strip(),
        look=Look.BAD if pod.state is not PodState.READY else Look.PLAIN,
        foldable=True,
        unfolded=drawing.unfolded is not None,
    )


def _no_pause(pod: Pod) -> Row:
    key = f"{pod.key}/no-pause"
    return Row(
        key, RowKind.NOTE, pod.key, None, "", f"pause: none  {pod.note}".rstrip(), look=Look.QUIET, spans=True
    )


def _container_row(
    pod: Pod, container: Container, shares: Mapping[NamespaceKind, Mapping[str, str]], drawing: Drawing
) -> Row:
    glyphs = drawing.glyphs
    unfolded = drawing.unfolded is not None and container.key in drawing.unfolded
    foldable = len(container.processes) > 1
    count = f" {glyphs.unfolded if unfolded else glyphs.folded}{len(container.processes)}" if foldable else ""
    orphan = container.key in pod.orphans
    where, more = cells.shares(pod, container, shares, drawing.host), "orphaned" if orphan else ""
    if container.state is not ContainerState.RUNNING and cell_len(where) > SHARES:
        where, more = "", where  # what an engine says at length: it takes no room from names
    return Row(
        key=container.key,
        kind=RowKind.CONTAINER,
        pod_key=pod.key,
        container_key=container.key,
        lead=f"{glyphs.problem if orphan else cells.state_glyph(container, glyphs)} ",
        name=cells.container_name(container) + count,
        state=cells.state_word(container),
        restarts=cells.restarts(container, glyphs),
        age="" if cells.is_as_old_as_pause(pod, container) else drawing.age(cells.since(container)),
        pid=str(container.process.pid) if container.process else "",
        where=where,
        more=more,
        look=cells.container_look(container, orphan=orphan),
        foldable=foldable,
        unfolded=unfolded,
        process=container.process,
    )


def _shown_kinds(pod: Pod) -> tuple[NamespaceKind, ...]:
    return (*POD_KINDS, NamespaceKind.PID) if shares_pid(pod) else POD_KINDS


def _process_rows(pod: Pod, container: Container, drawing: Drawing) -> Iterator[Row]:
    if drawing.unfolded is None or container.key not in drawing.unfolded or len(container.processes) < 2:
        return
    for process in container.processes:
        yield _process_row(pod, container, process)


def _process_row(pod: Pod, container: Container, process: ContainerProcess) -> Row:
    own = " ".join(f"own {namespace.kind}" for namespace in process.differs)
    inner = f"pid {process.inner_pid} inside" if process.inner_pid not in (None, process.id.pid) else ""
    return Row(
        key=f"{container.key}/pid/{process.id.pid}.{process.id.start_ticks}",
        kind=RowKind.PROCESS,
        pod_key=pod.key,
        container_key=container.key,
        lead="",
        name=process.name,
        state="zombie" if process.zombie else f"pid {process.id.pid}",
        pid=str(process.id.pid),
        where=own or inner,
        more=inner if own else "",
        look=Look.QUIET,
        process=process.id,
    )


def _sharer_row(pod: Pod, place: int) -> Row:
    sharer = pod.sharers[place]
    return Row(
        key=f"{pod.key}/sharer/{sharer.id.pid}.{sharer.id.start_ticks}",
        kind=RowKind.SHARER,
        pod_key=pod.key,
        container_key=None,
        lead="",
        name=f"{sharer.name} (pid {sharer.id.pid}) shares {' '.join(sharer.kinds)}",
        look=Look.QUIET,
        spans=True,
        process=sharer.id,
    )


def _note_row(pod: Pod, trouble: Trouble, glyphs: Glyphs) -> Row:
    return Row(
        key=f"{pod.key}/note/{trouble.subject}/{trouble.text}",
        kind=RowKind.NOTE,
        pod_key=pod.key,
        container_key=trouble.subject if trouble.subject != pod.key else None,
        lead=f"{glyphs.problem} ",
        name=trouble.text,
        look=Look.BAD,
        spans=True,
    )

"""What the selected row stands for in a picture. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pausetui.core.inventory import Role
from pausetui.core.nobodys import key
from pausetui.core.observation import Problem
from pausetui.core.snapshot import Container, Pod, Unclaimed
from pausetui.live.picture import Picture
from pausetui.widgets.row import Look, Row, RowKind


@dataclass(frozen=True, slots=True)
class Subject:
    """A row and what it stands for.

    Attributes:
        gone: The pod has ended; what is said is how it was last seen.
    """

    row: Row
    pod: Pod | None = None
    container: Container | None = None
    problem: Problem | None = None
    nobodys: Unclaimed | None = None
    gone: bool = False

    @property
    def member(self) -> Container | None:
        """The container that an action on a member would be for: the row's, or the only one of the pod."""
        if self.container is not None and self.container.role is not Role.PAUSE:
            return self.container
        only = self.pod.members if self.pod is not None and self.row.kind is RowKind.POD else ()
        return only[0] if len(only) == 1 else None

    @property
    def ids(self) -> str:
        """Its name and ids in one line, for the clipboard."""
        pod, container = self.pod, self.container
        if pod is None:
            return self.row.name
        parts = [
            pod.title,
            container.name if container else "",
            *(pod.addresses or () if container is None else ()),
        ]
        pid = container.process.pid if container is not None and container.process is not None else None
        own = container.runtime_id if container is not None else pod.uid
        return " ".join(part for part in (*parts, f"pid {pid}" if pid else "", own or "") if part)


def subject(picture: Picture, row: Row) -> Subject:
    """What this row stands for in this picture."""
    if row.kind is RowKind.PROBLEM:
        found = (one for one in picture.snapshot.problems if row.key == f"problem:{one.subject}:{one.what}")
        return Subject(row, problem=next(found, None))
    if row.kind is RowKind.NOBODYS:
        left = (one for one in picture.snapshot.unclaimed if row.key == key(one))
        return Subject(row, nobodys=next(left, None))
    if row.kind is RowKind.GROUP:
        return Subject(row)
    pod = picture.snapshot.pod(row.pod_key)
    if pod is None or row.look is Look.GONE:
        past = next((one.pod for one in picture.gone if one.pod.key == row.pod_key), None)
        return Subject(row, pod=past, gone=True)
    container = next((one for one in pod.containers() if one.key == row.container_key), None)
    return Subject(row, pod, container)

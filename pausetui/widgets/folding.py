"""What of the tree is unfolded, filtered and left out, as the user wants it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pausetui.core.snapshot import Pod
from pausetui.widgets.listing import View
from pausetui.widgets.row import Row, RowKind


class Folding:
    """Pods start unfolded if all of them fit at first sight, else folded; from then on the user decides."""

    def __init__(self) -> None:
        self._unfolded: dict[str, frozenset[str]] = {}
        self._seen: set[str] = set()
        self._start_unfolded: bool | None = None
        self._words: tuple[str, ...] = ()
        self._only_wrong = False
        self._apart = False
        self._view = View()

    @property
    def view(self) -> View:
        """What the user wants to see; the same object until it changes."""
        return self._view

    @property
    def words(self) -> tuple[str, ...]:
        """What every pod or container shown contains."""
        return self._words

    @words.setter
    def words(self, words: tuple[str, ...]) -> None:
        self._words = words
        self._renew()

    @property
    def only_wrong(self) -> bool:
        """Whether only pods with something wrong are shown."""
        return self._only_wrong

    @only_wrong.setter
    def only_wrong(self, only_wrong: bool) -> None:
        self._only_wrong = only_wrong
        self._renew()

    @property
    def why_nothing(self) -> str:
        """Why no pod is shown although there are some."""
        if self._words:
            what = "Nothing that is wrong" if self._only_wrong else "Nothing"
            return f"{what} contains {' '.join(self._words)}; esc shows all again."
        return "Nothing is wrong; ! shows all again."

    def see(self, pods: Sequence[Pod], room: int) -> None:
        """Decide how pods that were not there before start."""
        new = [pod for pod in pods if pod.key not in self._seen]
        if not new:
            return
        if self._start_unfolded is None:
            self._start_unfolded = sum(1 + sum(1 for _ in pod.containers()) for pod in pods) <= room
        self._seen.update(pod.key for pod in new)
        if self._start_unfolded:
            self._unfolded.update({pod.key: frozenset() for pod in new})
            self._renew()

    def set(self, row: Row, *, unfolded: bool) -> None:
        """Fold or unfold a pod, a container, or the containers that share nothing."""
        if row.kind is RowKind.GROUP:
            self._apart = unfolded
        elif row.kind is RowKind.POD:
            self._set_pod(row.pod_key, unfolded=unfolded)
        elif row.container_key is not None:
            others = self._unfolded.get(row.pod_key, frozenset()) - {row.container_key}
            self._unfolded[row.pod_key] = others | {row.container_key} if unfolded else others
        self._renew()

    def set_all(self, pods: Sequence[Pod], *, unfolded: bool) -> None:
        """Fold or unfold all pods and containers."""
        containers = {pod.key: frozenset(one.key for one in pod.containers()) for pod in pods}
        self._unfolded = containers if unfolded else {}
        self._renew()

    def _set_pod(self, key: str, *, unfolded: bool) -> None:
        if unfolded:
            self._unfolded.setdefault(key, frozenset())
        else:
            self._unfolded.pop(key, None)

    def _renew(self) -> None:
        self._view = View(dict(self._unfolded), self._words, self._only_wrong, self._apart)

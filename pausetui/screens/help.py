"""Help: every key that exists now, and what the glyphs mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from pausetui.core.prose import BLANK, Entry, heading, quiet
from pausetui.screens.dialog import FAR, Dialog
from pausetui.screens.keys import GROUPS, Key
from pausetui.text import Glyphs


class HelpScreen(Dialog[None]):
    """The keys, by what they are for. Only those that do something now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q,enter", "cancel", "close", id="help-close", show=False),
        Binding("j", "scroll_page(1)", "down", id="help-down", show=False),
        Binding("k", "scroll_page(-1)", "up", id="help-up", show=False),
        Binding("space", "scroll_page(10)", "page down", id="help-page-down", show=False),
        Binding("g", f"scroll_page(-{FAR})", "to the top", id="help-top", show=False),
        Binding("G", f"scroll_page({FAR})", "to the end", id="help-bottom", show=False),
    ]

    def __init__(self, glyphs: Glyphs, keys: Sequence[Key]) -> None:
        super().__init__(glyphs, "Help", typing=False)
        self._keys = frozenset(keys)

    def entries(self) -> Sequence[Entry]:
        """Groups of keys, then the glyphs."""
        return (BLANK, *self._all_keys(), heading("Signs"), *_signs(self.glyphs), BLANK, quiet("esc closes this."))

    def _all_keys(self) -> Iterator[Entry]:
        for name, keys in GROUPS:
            shown = [key for key in keys if key in self._keys]
            if shown:
                yield heading(name)
                yield from (Entry(key.what, f"{self._shown(key):<9}") for key in shown)
                yield BLANK

    def _shown(self, key: Key) -> str:
        if self.glyphs.name != "ascii":
            return key.shown
        names = {"↓": "down", "↑": "up", "→": "right", "←": "left", "1…6": "1 to 6"}
        return " ".join(names.get(part, part) for part in key.shown.split(" "))


def _signs(glyphs: Glyphs) -> Iterator[Entry]:
    yield Entry("pause container", f"{glyphs.pause:<9}")
    yield Entry("running", f"{glyphs.running:<9}")
    yield Entry("not running", f"{glyphs.exited:<9}")
    yield Entry("something is wrong; also a word says what", f"{glyphs.problem:<9}")
    yield Entry("a pod that ended less than a minute ago", f"{glyphs.gone:<9}")
    yield Entry("restarted so often; of pause: sandbox attempt", f"{glyphs.restarts + '2':<9}")
    count = f"{glyphs.folded}2 {glyphs.unfolded}2"
    yield Entry("behind a container's name: its number of processes, folded or unfolded", f"{count:<9}")
    yield Entry("a member without an age is as old as its pause", f"{'age':<9}")
    yield Entry("equal letters within a pod share the namespace", f"{'net=A':<9}")

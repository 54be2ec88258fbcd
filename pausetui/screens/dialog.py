"""A dialog: a page over the main screen, with a line to type in where one is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from pausetui.core.prose import Entry
from pausetui.text import Glyphs
from pausetui.widgets.page import Page

WIDEST = 84
FAR = 1000
"""Further than any page is long, in lines."""
Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], Generic[Answer]):
    """A page in the middle of the screen. Escape closes it, and nothing is done."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "close", id="dialog-close", show=False),
        Binding("ctrl+c", "app.quit", "quit", id="dialog-quit", show=False),
        Binding("down", "scroll_page(1)", "down", id="dialog-down", show=False),
        Binding("up", "scroll_page(-1)", "up", id="dialog-up", show=False),
        Binding("pagedown", "scroll_page(10)", "page down", id="dialog-page-down", show=False),
        Binding("pageup", "scroll_page(-10)", "page up", id="dialog-page-up", show=False),
        Binding("home", f"scroll_page(-{FAR})", "to the top", id="dialog-top", show=False),
        Binding("end", f"scroll_page({FAR})", "to the end", id="dialog-bottom", show=False),
    ]

    def __init__(self, glyphs: Glyphs, name: str, *, typing: bool) -> None:
        super().__init__()
        self.glyphs = glyphs
        self.page = Page(glyphs, name)
        self.typed = Input(id="typed", compact=True, select_on_focus=False)
        self._typing = typing

    def entries(self) -> Sequence[Entry]:
        """What the page says now."""
        return ()

    def compose(self) -> ComposeResult:
        """Put the page and the line to type in into a box."""
        self.typed.cursor_blink = False
        self.typed.display = self._typing
        box = Vertical(self.page, self.typed, id="box")
        box.set_class(self.glyphs.name == "ascii", "ascii")
        yield box

    def on_mount(self) -> None:
        """Begin with the cursor where it is needed."""
        if self._typing:
            self.typed.focus()
        self.redraw()

    def on_resize(self) -> None:
        """Lay the box out anew."""
        self.redraw()

    def redraw(self) -> None:
        """Show the present entries, in a box as high as they need."""
        self.page.show(self.entries())
        if not self.is_mounted:
            return
        width, height = self.app.size
        frame = 2 if width >= 30 and height >= 12 else 0
        box = self.query_one("#box")
        box.set_class(not frame, "narrow")
        inner = min(WIDEST, width) - frame
        box.styles.width = inner + frame
        lines = min(self.page.needed(inner), height - frame - self._typing)
        self.page.styles.height = max(1, lines)

    def action_cancel(self) -> None:
        """Close, and do nothing."""
        self.dismiss(None)

    def action_scroll_page(self, lines: int) -> None:
        """Scroll the page where it does not fit."""
        self.page.scroll(lines)

"""The panes of the main screen: status, tree, details, timeline, keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Input

from pausetui.core import nobodys
from pausetui.core.actions import ActionKind
from pausetui.core.namespaces import NamespaceKind
from pausetui.live.picture import Picture
from pausetui.screens import keys
from pausetui.screens.arrangement import WIDE, Arrangement, arranged
from pausetui.screens.subject import Subject, subject
from pausetui.screens.tabs import NAMESPACES, NETWORK, TABS, entries
from pausetui.text import Glyphs
from pausetui.widgets.details import Details
from pausetui.widgets.key_bar import KeyBar
from pausetui.widgets.pod_tree import PodTree
from pausetui.widgets.status_bar import Status, StatusBar
from pausetui.widgets.timeline import Timeline

PANES = ("tree", "details", "timeline")


class Panes(Screen[None]):
    """The panes of the main screen: where each is, and what it shows of the picture.

    Args:
        glyphs: What it is drawn with.
        zone: The time zone of times of day; None for the local one.
        root_command: What shows what is hidden, or None if we are root.
        lab: Whether the lab can be offered.
        namespace: The Kubernetes namespace that alone is shown, or None for all.
    """

    AUTO_FOCUS = ""

    def __init__(
        self,
        glyphs: Glyphs,
        *,
        zone: tzinfo | None = None,
        root_command: str | None = None,
        lab: bool = False,
        namespace: str | None = None,
    ) -> None:
        super().__init__()
        self.glyphs = glyphs
        self.frozen = False
        self.read_only = False
        self.picture: Picture | None = None
        self.newest: Picture | None = None
        self._zone = zone
        self._root_command = root_command
        self._lab = lab
        self._namespace = namespace
        self.kind = NamespaceKind.NET
        self._watched: dict[int, str | None] = {}
        self.on_watched: Callable[[str | None], None] = lambda pod_key: None
        self.on_held: Callable[[str | None], None] = lambda pod_key: None
        self.pane = "tree"
        self.details_wanted: bool | None = None
        self.timeline_of_all = True
        self.arrangement: Arrangement | None = None
        self._tree_widths = (0, 0, 0)
        self.status = StatusBar(glyphs)
        self.pods = PodTree(glyphs)
        self.details = Details(glyphs, TABS)
        self.timeline = Timeline(glyphs, zone)
        self.key_bar = KeyBar(glyphs)
        self.filter = Input(id="filter", compact=True, select_on_focus=False)

    def compose(self) -> ComposeResult:
        """Put the panes in place."""
        self.filter.cursor_blink = False
        self.filter.display = False
        yield self.status
        yield Horizontal(self.pods, self.details, id="body")
        yield self.timeline
        yield self.filter
        yield self.key_bar

    def say(self, notice: str) -> None:
        """Show a notice until the next key."""
        self.key_bar.say(notice)

    @property
    def subject(self) -> Subject | None:
        """What the selected row stands for."""
        row = self.pods.selected
        return subject(self.picture, row) if self.picture is not None and row is not None else None

    @property
    def offers_lab(self) -> bool:
        """Whether the view of a machine without pods is shown, with the lab as a way on."""
        shown = self.picture
        if shown is None or shown.snapshot.inventory_at is None:
            return False
        return self._lab and not shown.snapshot.pods and not shown.elsewhere

    @property
    def available_keys(self) -> tuple[keys.Key, ...]:
        """The keys that do something now."""
        can = self.picture.snapshot.abilities.all if self.picture is not None else frozenset[ActionKind]()
        return keys.available(pods=bool(self.pods.rows), read_only=self.read_only, lab=self.offers_lab, can=can)

    @property
    def keys_to_explain(self) -> tuple[keys.Key, ...]:
        """The keys that do something now, and the lab's where it could be offered."""
        own = self.available_keys
        return (*own, keys.LAB) if self._lab and keys.LAB not in own else own

    def on_resize(self) -> None:
        """Lay the panes out anew."""
        self.lay_out()
        self.show_around()

    @property
    def terminal_size(self) -> Size:
        """The size of the screen, which before the first layout is that of the terminal."""
        return self.size if self.size.width else self.app.size

    @property
    def room(self) -> int:
        """How many rows of the tree are or will be in view."""
        width, height = self.terminal_size
        shown = arranged(width, height, details=False, comfortable=0)
        return max(1, height - self.status.rows - shown.timeline - shown.keys - 1)

    @property
    def shows_details(self) -> bool:
        """Whether the user wants to see the details."""
        return self.terminal_size.width >= WIDE if self.details_wanted is None else self.details_wanted

    def is_in_view(self, pane: str) -> bool:
        """Whether a pane is shown now."""
        shown = self.arrangement
        if shown is None:
            return False
        return bool({"tree": shown.tree, "details": shown.details, "timeline": shown.timeline}[pane])

    def go_to(self, pane: str) -> None:
        """Send keys to this pane."""
        self.pane = pane
        for name, widget in (("tree", self.pods), ("details", self.details), ("timeline", self.timeline)):
            widget.set_active(name == pane)

    def set_details(self, wanted: bool) -> None:
        """Show or hide the details."""
        self.details_wanted = wanted
        self.lay_out()
        if not self.is_in_view(self.pane):
            self.go_to("tree" if self.is_in_view("tree") else "details")
        self.show_details()

    @property
    def _wanted_widths(self) -> tuple[int, int, int]:
        """The least, comfortable and whole width of the tree; they only grow, so that the panes keep still."""
        least, comfortable, whole = self._tree_widths
        tree = self.pods
        return (
            max(least, tree.least_width),
            max(comfortable, tree.comfortable_width),
            max(whole, tree.whole_width),
        )

    def lay_out(self) -> None:
        """Give every pane its place at the present size."""
        width, height = self.terminal_size
        self._tree_widths = least, comfortable, whole = self._wanted_widths
        chosen = arranged(
            width, height, details=self.shows_details, comfortable=comfortable, least=least, whole=whole
        )
        self.status.styles.height = self.status.rows
        if chosen == self.arrangement:
            return
        self.arrangement = chosen
        self.details.bordered = chosen.beside
        self.pods.display, self.details.display = bool(chosen.tree), bool(chosen.details)
        self.pods.styles.width, self.details.styles.width = chosen.tree, chosen.details
        self.timeline.display, self.timeline.styles.height = bool(chosen.timeline), chosen.timeline
        self.key_bar.display = bool(chosen.keys) and not self.filter.display
        if not self.is_in_view(self.pane):
            self.go_to("tree" if chosen.tree else "details")

    def close_filter(self) -> None:
        """Put the line to type a filter in away."""
        self.set_focus(None)
        self.filter.display = False
        self.key_bar.display = self.arrangement is None or bool(self.arrangement.keys)

    def show_around(self) -> None:
        """Draw everything but the tree."""
        if self.picture is None:
            return
        self.show_status()
        if self.status.rows != self.status.size.height or self._wanted_widths != self._tree_widths:
            self.lay_out()
        self.show_details()
        self.show_timeline()
        self.key_bar.show(keys.bar(self.available_keys))

    def show_status(self) -> None:
        """Draw the status line."""
        if self.picture is not None:
            folding = self.pods.folding
            view = " ".join((*folding.words, *(("only wrong",) if folding.only_wrong else ())))
            status = Status(
                self.pods.listing.bad,
                self.frozen,
                f"shows {view}" if view else "",
                self._root_command,
                self._namespace,
                self._zone,
            )
            self.status.show(self.picture, status)

    def show_details(self) -> None:
        """Draw the details of the selected row."""
        shown, chosen = self.picture, self.subject
        in_view = self.arrangement is not None and bool(self.arrangement.details)
        self._tell_what_is_watched(chosen if in_view else None, nobodys.ALL if self._lists_nobodys else None)
        if shown is None or not in_view:
            return
        told = entries(chosen, self.details.tab, shown, self._zone, self.kind) if chosen else ()
        self.details.show(told, (chosen.row.key if chosen else None, self.details.tab))

    @property
    def _lists_nobodys(self) -> bool:
        """Whether there are no pods, so that nobody's namespaces are told of in their place."""
        shown = self.picture.snapshot if self.picture is not None else None
        return shown is not None and not shown.pods and bool(shown.unclaimed)

    def _tell_what_is_watched(self, chosen: Subject | None, listed: str | None) -> None:
        pod = chosen.pod if chosen is not None and not chosen.gone else None
        left = chosen.nobodys if chosen is not None else None
        for tab, tell in ((NAMESPACES, self.on_held), (NETWORK, self.on_watched)):
            key = pod.key if pod is not None and self.details.tab == tab else None
            if key is None and tab == NAMESPACES:
                key = nobodys.key(left) if left is not None else listed  # every tab says the same of it
            if key != self._watched.get(tab):
                self._watched[tab] = key
                tell(key)

    def show_timeline(self) -> None:
        """Draw the timeline."""
        if self.picture is not None:
            chosen = None if self.timeline_of_all else self.subject
            pod = chosen.pod if chosen is not None else None
            self.timeline.show(self.picture.timeline, (pod.key, pod.title) if pod is not None else None)

"""The main screen: what its keys do with the panes."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType

from pausetui.core.namespaces import KINDS
from pausetui.live.picture import Picture
from pausetui.messages import SubjectChanged
from pausetui.screens import keys, no_pods
from pausetui.screens.panes import PANES, Panes
from pausetui.screens.tabs import NAMESPACES, TABS


class MainScreen(Panes):
    """What is drawn most of the time: panes that take pictures, and the keys that move in them."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings()]

    def show(self, picture: Picture) -> None:
        """Draw a picture, unless the user froze the one before."""
        self.read_only = picture.read_only
        self.newest = picture
        if self.frozen and self.picture is not None:
            return
        self.picture = picture
        if not picture.snapshot.pods:
            self.pods.empty = no_pods.entries(
                picture.snapshot,
                self._root_command,
                lab=self._lab,
                namespace=self._namespace,
                elsewhere=picture.elsewhere,
                held=picture.held,
            )
        self.pods.show(picture, self.room)
        if self.arrangement is None:
            self.lay_out()
        self.show_around()

    def on_key(self) -> None:
        """A key takes the notice away."""
        self.key_bar.say("")

    def on_subject_changed(self, message: SubjectChanged) -> None:
        """Tell about the row that is selected now."""
        if message.by_user:
            self.timeline_of_all = False
        self.show_around()

    def on_input_changed(self) -> None:
        """Filter while the user types."""
        self.pods.set_filter(tuple(self.filter.value.lower().split()))
        self.show_status()

    def on_input_submitted(self) -> None:
        """Keep the filter and go back to the tree."""
        self.close_filter()

    def action_move(self, rows: int) -> None:
        """One row or line down or up, in the pane that keys go to."""
        self._in_pane(self.pods.move, self.details.scroll, self.timeline.scroll)(rows)

    def action_page(self, pages: int) -> None:
        """One page down or up."""
        size = {"tree": self.pods.page, "details": self.details.page, "timeline": self.timeline.page}[self.pane]
        self.action_move(pages * max(1, size - 1))

    def action_end(self, direction: int) -> None:
        """To the last or the first row."""
        self.action_move(direction * 1_000_000)

    def action_right(self) -> None:
        """Unfold, then go in; the next tab in the details."""
        if self.pane == "details":
            self.action_tab((self.details.tab + 1) % len(TABS))
        elif (row := self.pods.selected) is not None and row.foldable:
            if row.unfolded:
                self.pods.move(1)
            else:
                self.pods.fold(row, unfolded=True)

    def action_left(self) -> None:
        """Fold, then go to the pod; the tab before in the details."""
        row = self.pods.selected
        if self.pane == "details":
            self.action_tab((self.details.tab - 1) % len(TABS))
        elif row is not None and row.foldable and row.unfolded:
            self.pods.fold(row, unfolded=False)
        elif row is not None:
            container = row.container_key if row.key != row.container_key else None
            if container is None or not self.pods.select_key(container):
                self.pods.select_key(row.pod_key)

    def action_toggle_fold(self) -> None:
        """Fold or unfold."""
        row = self.pods.selected
        if row is not None and row.foldable:
            self.pods.fold(row, unfolded=not row.unfolded)

    def action_fold_all(self, unfolded: bool) -> None:
        """Unfold or fold everything."""
        self.pods.fold_all(unfolded=unfolded)

    def action_pane(self, step: int) -> None:
        """To the next pane that is in view."""
        shown = [pane for pane in PANES if self.is_in_view(pane)]
        place = shown.index(self.pane) if self.pane in shown else 0
        if shown:
            self.go_to(shown[(place + step) % len(shown)])

    def action_open(self) -> None:
        """Open the details, or go into them."""
        if self.picture is None or self.pods.selected is None:
            return
        self.details_wanted = True
        self.lay_out()
        self.go_to("details")
        self.show_details()

    def action_details(self) -> None:
        """Show or hide the details."""
        self.set_details(not self.shows_details)

    def action_tab(self, number: int) -> None:
        """Choose what the details are about."""
        if number < len(TABS):
            self.details.tab = number
            if not self.shows_details:
                self.set_details(True)
            self.show_details()

    def action_kind(self, step: int) -> None:
        """Choose the next kind of namespace, or the one before; where they are not in view, go there first."""
        if self.details.tab != NAMESPACES or not self.is_in_view("details"):
            self.action_tab(NAMESPACES)
            return
        self.kind = KINDS[(KINDS.index(self.kind) + step) % len(KINDS)]
        self.show_details()

    def action_filter(self) -> None:
        """Open the filter."""
        self.key_bar.display = False
        self.filter.display = True
        self.set_focus(self.filter)  # at once: what is typed next belongs to it

    def action_only_wrong(self) -> None:
        """Show only what is wrong, or all."""
        self.pods.set_only_wrong(not self.pods.folding.only_wrong)
        self.show_status()

    def action_match(self, step: int) -> None:
        """To the next row that matches the filter, or to the next pod with something wrong."""
        if not self.pods.select_next(step):
            self.say("nothing else matches" if self.pods.folding.words else "nothing else is wrong")

    def action_timeline(self) -> None:
        """Timeline of all pods, or of the selected one."""
        self.timeline_of_all = not self.timeline_of_all
        self.show_timeline()

    def action_freeze(self) -> None:
        """Freeze the picture or let it go on."""
        self.frozen = not self.frozen
        if self.newest is not None and not self.frozen:
            self.show(self.newest)
        self.show_status()

    def action_back(self) -> None:
        """One step back."""
        if self.filter.display:
            self.filter.value = ""
            self.close_filter()
        elif self.pane == "timeline" or (self.pane == "details" and self.arrangement and self.arrangement.beside):
            self.go_to("tree")
        elif self.arrangement is not None and self.arrangement.details and not self.arrangement.beside:
            self.set_details(False)
        elif self.pods.folding.words:
            self.filter.value = ""
        elif self.pods.folding.only_wrong:
            self.action_only_wrong()
        else:
            self.timeline_of_all = True
            self.show_timeline()

    def _in_pane(
        self, tree: Callable[[int], None], details: Callable[[int], None], timeline: Callable[[int], None]
    ) -> Callable[[int], None]:
        return {"tree": tree, "details": details, "timeline": timeline}[self.pane]

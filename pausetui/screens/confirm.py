"""The confirmation: what will happen, in words, before it does. What is not confirmed is not done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from pausetui.core.actions import NotPossible, Offer
from pausetui.core.prose import BLANK, Entry, Tone, quiet
from pausetui.screens.dialog import Dialog
from pausetui.text import Glyphs


class ConfirmScreen(Dialog[Offer]):
    """Shows an offer. Its answer is the offer if it was confirmed, else None.

    Where a name has to be typed, enter only says so until it is there; where not, only ``y`` confirms.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "confirm", "do it", id="confirm", show=False),
        Binding("n,q,enter", "cancel", "cancel", id="confirm-cancel", show=False),
    ]

    def __init__(self, glyphs: Glyphs, offer: Offer) -> None:
        self.offer = offer
        self._mistaken = False
        super().__init__(glyphs, offer.title, typing=bool(offer.type_to_confirm))

    @property
    def is_confirmed(self) -> bool:
        """Whether what has to be typed was typed."""
        return self.typed.value == self.offer.type_to_confirm

    def entries(self) -> Sequence[Entry]:
        """Effects, warnings, the command that does the same, and how to confirm."""
        return (
            BLANK,
            *(Entry(effect, "-") for effect in self.offer.effects),
            *(
                (BLANK, *(Entry(text, "!", Tone.BAD) for text in self.offer.before_you_confirm))
                if self.offer.before_you_confirm
                else ()
            ),
            BLANK,
            quiet("The same by hand, without the checks:"),
            Entry(self.offer.command, "  ", tone=Tone.COMMAND),
            BLANK,
            *self._how_to_confirm(),
        )

    def reconsider(self, now: Offer | NotPossible) -> str:
        """Hold the offer against the newest picture.

        Returns:
            Why the confirmation has to close: what it is for is gone or is another process; "" if it stands.
        """
        if isinstance(now, NotPossible):
            return f"{self.offer.subject}: {now.why}"
        if now.target != self.offer.target:
            pids = [str(one.process.pid) if one else "none" for one in (self.offer.target, now.target)]
            return f"{self.offer.subject} is another process now (pid {f' {self.glyphs.arrow} '.join(pids)})"
        if now.runtime_id != self.offer.runtime_id:
            return f"{self.offer.subject} is another one now"
        if now != self.offer and now.type_to_confirm == self.offer.type_to_confirm:
            self.offer = now
            self.redraw()
        return ""

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say whether enter does it by now."""
        event.stop()
        self._mistaken = False
        self.redraw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter confirms if the name is right, and else says that it is not."""
        event.stop()
        if self.is_confirmed:
            self.dismiss(self.offer)
        else:
            self._mistaken = True
            self.redraw()

    def action_confirm(self) -> None:
        """Confirm with a key, where no name has to be typed."""
        if not self.offer.type_to_confirm:
            self.dismiss(self.offer)

    def _how_to_confirm(self) -> Sequence[Entry]:
        if not self.offer.type_to_confirm:
            return (Entry("y does it. Enter and esc cancel."),)
        if self.is_confirmed:
            return (Entry("Enter does it now. Esc cancels.", tone=Tone.BAD),)
        if self._mistaken:
            text = f"That is not its name: type {self.offer.type_to_confirm} and press enter. Esc cancels."
            return (Entry(text, tone=Tone.NOTICE),)
        return (Entry(f"To do it, type {self.offer.type_to_confirm} and press enter. Esc cancels."),)

"""What the panes tell the screen."""

from __future__ import annotations

from textual.message import Message


class SubjectChanged(Message):
    """Another row is selected, by the user or because the selected one is gone.

    Attributes:
        row_key: The one selected now, or None if there are no rows.
        by_user: A key did it.
    """

    def __init__(self, row_key: str | None, *, by_user: bool) -> None:
        super().__init__()
        self.row_key = row_key
        self.by_user = by_user

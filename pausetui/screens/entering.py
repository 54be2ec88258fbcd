"""Giving the terminal to another program for a while."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App

from pausetui.live.lending import lend_terminal


def run_in_terminal(app: App[str], argv: Sequence[str], title: str) -> str:
    """Run a program in the terminal until it ends.

    Returns:
        How it ended, in words.
    """
    with app.suspend():
        return lend_terminal(argv, title)

"""The whole program, driven by its keys in a small terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.real.labs import named_lab
from tests.real.tmux import Tmux

pytestmark = pytest.mark.real


@pytest.fixture
def screen() -> Iterator[Tmux]:
    with named_lab(), Tmux([sys.executable, "-m", "pausetui", "--lab"]) as tmux:
        yield tmux


def found(pattern: str, but: str = "") -> Callable[[list[str]], str | None]:
    """What the group of this pattern has matched in some line of the screen, unless it is ``but``."""
    every = re.compile(pattern)

    def condition(lines: list[str]) -> str | None:
        matches = (match[1] for line in lines if (match := every.search(line)))
        return next((match for match in matches if match != but), None)

    return condition


def test_whoever_reads_only_the_screen_can_delete_a_pause_and_see_the_new_address(screen: Tmux) -> None:
    screen.until_shown(found(r"lab/(web) .* 10\."))
    screen.press("C-d")
    name = screen.until_shown(found(r"To do it, type (\S+) and press enter"))
    old = screen.until_shown(found(r"\(now (10\.[\d.]+)\)"))
    screen.write(name)
    screen.press("Enter")
    new = screen.until_shown(found(rf"lab/{name} .* (10\.[\d.]+)", but=old))
    assert screen.until_shown(found(rf"\+\d.*IP {re.escape(new)} \(was ({re.escape(old)})\)"))

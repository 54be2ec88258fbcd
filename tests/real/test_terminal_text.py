"""What reaches a real terminal: nothing that the machine's names could do to it, and no more than it can show."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.real.ptys import Pty, on_stage

pytestmark = pytest.mark.real
OURS = re.compile(
    "\x1b\\[[0-9;:<>?=]*[ $]?[A-Za-z]"  # moving, colours, modes: what Textual sends
    "|\x1b\\]22;[a-z]*(?:\x07|\x1b\\\\)"  # the shape of the mouse pointer
    "|\x1b\\]52;c;[A-Za-z0-9+/=]*\x07"  # the clipboard, in base64
)
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
ESCAPE = "\x1b[27u"
"""Escape in the keyboard protocol that can't be taken for alt and the next key when both come at once."""
EVERYWHERE = (
    *("\x1b[B" * 12),
    *("2", "3", "4", "5", "1"),
    "+",
    *("jjjj", "G", "k", "kk", "g"),
    *("\r", "\t", "jj", ESCAPE),
    *("y", "Y"),
    *("\x04", "x", ESCAPE),
    *("r", ESCAPE),
    *("?", ESCAPE),
    *(":", "del", ESCAPE),
    *("/", "PWN", "\r", "n", "N", ESCAPE),
    *("!", "!", "t", "d", "d"),
)


def test_hostile_names_go_through_every_pane_as_plain_text() -> None:
    with on_stage("hostile", size=(120, 40)) as terminal:
        terminal.wait_for("Timeline")
        for keys in EVERYWHERE:
            terminal.press_and_settle(keys)
        terminal.press_and_settle("\x1b[H")
        terminal.press("q")
        assert terminal.ended(60) == 0
        assert "[/b][red]PWNED" in terminal.text
        assert "\\x1b]0;PWNED\\x07" in terminal.text
        drawn = terminal.text[terminal.text.index("\x1b[?1049h") : terminal.text.rindex("\x1b[?1049l")]
        rest = OURS.sub("", drawn)
        assert CONTROL.findall(rest.replace("\r", "").replace("\n", "")) == []
        assert "PWNED" not in "".join(OURS.findall(drawn))
        assert terminal.is_restored


def test_the_title_of_the_window_is_never_touched() -> None:
    with on_stage("hostile", size=(120, 40)) as terminal:
        terminal.wait_for("Timeline")
        assert re.search("\x1b\\][012];", terminal.text) is None


def test_neither_focus_nor_mouse_are_reported() -> None:
    with on_stage("plain") as terminal:
        terminal.wait_for("default/web")
        assert terminal.text.rfind("\x1b[?1004l") > terminal.text.rfind("\x1b[?1004h")
        assert "\x1b[?1003h" not in terminal.text


def test_the_mouse_can_be_asked_for() -> None:
    with on_stage("mouse") as terminal:
        terminal.wait_for("default/web")
        assert "\x1b[?1003h" in terminal.text


def test_a_click_selects_a_row() -> None:
    with on_stage("mouse") as terminal:
        terminal.wait_for("shop/api")
        row = next(n for n, line in enumerate(terminal.display.split("\n"), 1) if "shop/api" in line)
        terminal.press(f"\x1b[<0;5;{row}M\x1b[<0;5;{row}m")
        terminal.wait_for("Timeline · shop/api")


def test_an_encoding_without_these_signs_gets_ascii() -> None:
    with on_stage("plain", environment={"PYTHONIOENCODING": "ascii"}) as terminal:
        terminal.wait_for("default/web")
        assert OURS.sub("", terminal.text).isascii()
        assert "\\u" not in terminal.text


def test_no_color_means_no_colour() -> None:
    with on_stage("plain", environment={"NO_COLOR": "1"}) as terminal:
        terminal.wait_for("default/web")
        codes = {
            code for found in re.findall("\x1b\\[([0-9;]*)m", terminal.text) for code in found.split(";") if code
        }
        assert codes <= {"0", "1", "2", "4", "7", "39", "49"}


def test_the_terminals_own_colours_are_used() -> None:
    with on_stage("plain", environment={"COLORTERM": "truecolor"}) as terminal:
        terminal.wait_for("default/web")
        assert "38;2;" not in terminal.text
        assert "48;2;" not in terminal.text


def pausetui(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pausetui", *arguments]


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_dumb_terminal_is_told_what_to_use(term: str) -> None:
    with Pty(pausetui(), environment={"TERM": term}) as terminal:
        assert terminal.ended() == 2
        assert "pausetui snapshot" in terminal.text
        assert "\x1b" not in terminal.text


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_what_is_not_a_terminal_is_told_what_to_use(name: str) -> None:
    with Pty([sys.executable, "-c", "import time; time.sleep(60)"]) as terminal:
        path = os.ttyname(terminal._slave)
        with open(path, "r+b", buffering=0) as tty:
            streams = dict.fromkeys(("stdin", "stdout", "stderr"), tty)
            told = subprocess.run(
                pausetui(),
                **{**streams, name: subprocess.DEVNULL if name == "stdin" else subprocess.PIPE},  # type: ignore[call-overload]
                timeout=30,
                check=False,
                env={**os.environ, "TERM": "xterm"},
            )
        assert told.returncode == 2
        said = told.stderr.decode() if name == "stderr" else terminal.display
        assert f"{name} is not a terminal" in said.replace("\n", " ")

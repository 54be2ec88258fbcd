"""Text from the machine, made harmless, and text of our own in the glyphs there are."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.text import ASCII, MAX_NAME, UNICODE, decoded, glyphs_for, harmless, in_glyphs, shortened

MOVES_THE_CURSOR = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@given(st.text())
def test_nothing_that_moves_a_cursor_or_turns_text_around_gets_through(text: str) -> None:
    assert not {category(character) for character in harmless(text)} & MOVES_THE_CURSOR


@given(st.binary())
def test_no_bytes_at_all_get_a_control_character_through(raw: bytes) -> None:
    assert not {category(character) for character in decoded(raw)} & MOVES_THE_CURSOR


@given(st.text(min_size=0, max_size=1000), st.integers(1, 300))
def test_it_is_never_longer_than_it_may_be(text: str, limit: int) -> None:
    assert len(harmless(text, limit)) <= limit


@given(st.text(max_size=40))
def test_making_it_harmless_twice_changes_nothing_more(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("\x9b31m", r"\x9b31m"),
        ("two\nlines", r"two\nlines"),
        ("\u202efdp.exe", r"\u202efdp.exe"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\udc80", r"\udc80"),
        ("[red]plain[/red]", "[red]plain[/red]"),
        ("日本", "日本"),
    ],
)
def test_what_was_there_can_still_be_read(hostile: str, shown: str) -> None:
    assert harmless(hostile) == shown


def test_four_thousand_characters_are_cut_with_an_ellipsis() -> None:
    assert harmless("x" * 4096) == "x" * (MAX_NAME - 1) + "…"


def test_bytes_that_are_no_utf_8_are_shown_as_such() -> None:
    assert decoded(b"a\xffb") == r"a\xffb"


@given(st.text(), st.integers(1, 40))
def test_a_shortened_text_fits_and_keeps_both_ends(text: str, width: int) -> None:
    short = shortened(text, width)
    assert len(short) <= width
    if len(text) > width >= 3:
        assert (short[0], short[-1]) == (text[0], text[-1])


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf8"])
def test_a_terminal_that_shows_unicode_gets_unicode(encoding: str) -> None:
    assert glyphs_for(encoding) is UNICODE


@pytest.mark.parametrize("encoding", ["iso8859-1", "ascii", None, ""])
def test_any_other_terminal_gets_ascii(encoding: str | None) -> None:
    assert glyphs_for(encoding) is ASCII


def test_ascii_can_be_asked_for() -> None:
    assert glyphs_for("utf-8", ascii_only=True) is ASCII


def test_our_own_words_lose_their_arrows_and_dots_in_ascii() -> None:
    assert in_glyphs("1 → 2 · net", ASCII) == "1 -> 2 - net"


@given(st.text())
def test_whatever_it_says_ascii_is_ascii(text: str) -> None:
    assert in_glyphs(text, ASCII).isascii()

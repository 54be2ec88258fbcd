from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pausetui.core.prose import Entry, Tone
from pausetui.text import ASCII, UNICODE, harmless
from pausetui.widgets.drawing import cut, fitted, strip, title
from pausetui.widgets.wrapping import wrapped

texts = st.text(max_size=60).map(harmless)
glyph_sets = st.sampled_from([UNICODE, ASCII])


@given(texts, st.integers(1, 40), glyph_sets, st.booleans())
def test_a_fitted_text_is_exactly_as_wide_as_asked(text: str, width: int, glyphs: object, right: bool) -> None:
    assert cell_len(fitted(text, width, glyphs, right=right)) == width  # type: ignore[arg-type]


@given(texts, st.integers(0, 40), glyph_sets)
def test_a_cut_text_is_never_wider_than_asked(text: str, width: int, glyphs: object) -> None:
    assert cell_len(cut(text, width, glyphs)) <= width  # type: ignore[arg-type]


def test_both_ends_of_a_long_name_are_kept() -> None:
    assert fitted("payment-service-x2x8k", 12, UNICODE) == "paymen…x2x8k"


@given(st.builds(Entry, texts, texts, st.sampled_from(Tone)), st.integers(1, 60), glyph_sets)
def test_no_line_of_an_entry_is_wider_than_asked(entry: Entry, width: int, glyphs: object) -> None:
    for line in wrapped(entry, width, glyphs):
        assert sum(cell_len(text) for text, _ in line) <= max(2, width)


@given(texts, st.integers(3, 60))
def test_no_word_of_an_entry_is_lost(text: str, width: int) -> None:
    lines = wrapped(Entry(text), width, UNICODE)
    shown = "".join(piece for line in lines for piece, _ in line)
    assert "".join(shown.split()) == "".join(text.split())


def test_text_hangs_under_its_label() -> None:
    lines = wrapped(Entry("held by pause, nginx and the sidecar", "net"), 24, UNICODE)
    assert ["".join(text for text, _ in line) for line in lines] == [
        "net  held by pause,",
        "     nginx and the",
        "     sidecar",
    ]


def test_in_ascii_everything_that_is_drawn_is_ascii() -> None:
    assert title(" 日本 → x", 40, ASCII, active=True).text.isascii()
    assert strip([(cut("a → b · c", 40, ASCII), wrapped(Entry(""), 1, ASCII)[0][0][1])], 40).text.isascii()


def test_a_line_that_is_wrapped_keeps_the_blanks_that_align_its_columns() -> None:
    text = "   29860      18    6.1 MiB       ?  forker  own mnt"
    first, second = (line[0][0] for line in wrapped(Entry(text), 45, UNICODE))
    assert first == "   29860      18    6.1 MiB       ?  forker"
    assert second == "   own mnt"

"""Text from the machine made harmless, and the glyphs that everything is drawn with.

Names, argv, hostnames and messages come from processes that anybody may start. Textual passes control
characters through to the terminal from every widget, so they are made visible here, at the border, before
they reach any model object. Nothing else in the program escapes anything.
"""

from __future__ import annotations

import encodings.unicode_escape  # noqa: F401 - loaded now: after rights were dropped it may not be readable
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import category

MAX_NAME = 256
"""Longest name, argument or message, in characters, that is kept; longer ones are cut with an ellipsis."""

_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that move the cursor, turn the text around, or take no room: control, format
(bidi, zero width), surrogate, private, unassigned, line and paragraph separators."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One way to draw: the same picture in Unicode or in ASCII."""

    name: str
    pause: str
    running: str
    exited: str
    problem: str
    gone: str
    folded: str
    unfolded: str
    branch: str
    last: str
    trunk: str
    restarts: str
    arrow: str
    ellipsis: str
    dot: str
    cursor: str
    rule: str = "─"
    above: str = "↑"
    below: str = "↓"


UNICODE = Glyphs(
    name="unicode",
    pause="◆",
    running="●",
    exited="○",
    problem="▲",
    gone="✕",
    folded="▶",
    unfolded="▼",
    branch="├",
    last="└",
    trunk="│",
    restarts="↻",
    arrow="→",
    ellipsis="…",
    dot="·",
    cursor="▌",
)
ASCII = Glyphs(
    name="ascii",
    pause="#",
    running="*",
    exited="o",
    problem="!",
    gone="x",
    folded="+",
    unfolded="-",
    branch="|",
    last="`",
    trunk="|",
    restarts="r",
    arrow="->",
    ellipsis="~",
    dot="-",
    cursor=">",
    rule="-",
    above="^",
    below="v",
)

_IN_ASCII = str.maketrans({"→": "->", "·": "-", "…": "~", "–": "-", "—": "-", "’": "'", "“": '"', "”": '"'})


def glyphs_for(encoding: str | None, *, ascii_only: bool = False) -> Glyphs:
    """The glyphs that a terminal with this encoding can show."""
    if ascii_only or not encoding:
        return ASCII
    return UNICODE if encoding.lower().replace("-", "").replace("_", "") in {"utf8", "utf16"} else ASCII


def in_glyphs(text: str, glyphs: Glyphs) -> str:
    """A text of our own in what these glyphs allow; characters with no equivalent become ``?``."""
    if glyphs is not ASCII or text.isascii():
        return text
    return text.translate(_IN_ASCII).encode("ascii", "replace").decode("ascii")


def harmless(text: str, limit: int = MAX_NAME) -> str:
    """Untrusted text with every control, bidi, zero-width and line-breaking character made visible.

    ESC becomes ``\\x1b``, a newline ``\\n``, U+202E ``\\u202e``: what was there can still be read. The result
    never holds a character that moves a terminal's cursor, and is at most ``limit`` characters long.
    """
    if text.isascii() and text.isprintable() and len(text) <= limit:
        return text
    return _harmless(text[: limit + 1], limit)


@lru_cache(maxsize=4096)
def _harmless(text: str, limit: int) -> str:
    shown = "".join(_visible(character) for character in text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _visible(character: str) -> str:
    if category(character) not in _HARMFUL:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def decoded(raw: bytes, limit: int = MAX_NAME) -> str:
    """Bytes from the machine as harmless text; bytes that are no UTF-8 become ``\\xNN``."""
    return harmless(raw[: 4 * (limit + 1)].decode("utf-8", "backslashreplace"), limit)


def shortened(text: str, width: int, ellipsis: str = "…") -> str:
    """Text cut in its middle to at most ``width`` characters: both ends of a name tell it apart."""
    if len(text) <= width:
        return text
    if width <= len(ellipsis):
        return text[:width]
    room = width - len(ellipsis)
    head = (room + 1) // 2
    return text[:head] + ellipsis + text[len(text) - (room - head) :]

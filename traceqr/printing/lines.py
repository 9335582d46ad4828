"""Names cut into lines that fit, by estimated widths: the program has no fonts of those who will show the text."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "\u2026"

_NO_WIDTH = frozenset({"Mn", "Me", "Cf", "Cc"})
_BROAD = frozenset("mwMW@%\u2014\u2026")
_NARROW = frozenset(" fijlrtI.,:;'|!()[]-")


def wrap(text: str, width_em: float, count: int) -> tuple[str, ...]:
    """At most `count` lines of at most `width_em` times the font size each; what does not fit ends in an ellipsis.

    Breaks at spaces where a word would be cut, and between any two characters of Chinese. White space is folded.
    """
    rest = " ".join(text.split())
    lines: list[str] = []
    while rest and len(lines) < count:
        cut = _cut(rest, width_em)
        if cut < len(rest) and len(lines) == count - 1:
            return (*lines, rest[: _cut(rest, width_em - _em(ELLIPSIS))].rstrip() + ELLIPSIS)
        cut = _word_end(rest, cut)
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return tuple(lines)


def _cut(text: str, width_em: float) -> int:
    """How many leading characters fit, one at least."""
    used = 0.0
    for at, char in enumerate(text):
        used += _em(char)
        if used > width_em and at:
            return at
    return len(text)


def _word_end(text: str, cut: int) -> int:
    """The end of the last whole word before `cut`, if `cut` is inside a word that fits on a line by itself."""
    inside = cut < len(text) and _in_word(text[cut - 1]) and _in_word(text[cut])
    space = text.rfind(" ", 0, cut)
    return space if inside and space > 0 else cut


def _in_word(char: str) -> bool:
    return not char.isspace() and not _is_wide(char)


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _em(char: str) -> float:
    """The width of a bold sans-serif character, on the safe side, in font sizes."""
    if unicodedata.category(char) in _NO_WIDTH:
        return 0.0
    if _is_wide(char) or char in _BROAD:
        return 1.05
    if char in _NARROW:
        return 0.42
    return 0.76 if char.isupper() else 0.64

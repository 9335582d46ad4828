"""Which characters a text for people may have: those that can be shown, and do not turn the lines around them."""

from __future__ import annotations

import unicodedata

_REFUSED = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufffe\uffff")
"""Characters that turn the reading direction, and what is no character."""


def unshown(text: str) -> str:
    """The first character of a text that cannot be shown, or nothing; line feeds can."""
    return next((char for char in text if char in _TURNS or (char != "\n" and _is_refused(char))), "")


def _is_refused(char: str) -> bool:
    return unicodedata.category(char) in _REFUSED

"""Whole numbers as they come in addresses and hidden fields: nobody types them, so a bad one is none."""

from __future__ import annotations

MAX_DIGITS = 18
"""So many always fit into an integer of a database."""


def whole(text: str | None, digits: int = MAX_DIGITS) -> int | None:
    """A number of at most so many ASCII digits, or None for any other text. Never raises."""
    plain = (text or "").strip()
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) <= digits else None

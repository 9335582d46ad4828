"""Receipts: the number by which somebody follows what he reported. Nobody guesses one, and a slip in typing is noticed.

19 characters of Crockford's base 32 are drawn (95 bits), the last one checks them: a code over the field of 32 elements
that finds every wrong character and every two that changed places. Only the digest of a receipt is kept.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 20
GROUP = 5

_ALIKE = str.maketrans("OIL", "011", " -")
"""What is read for another character, and what only stands between."""

_POLYNOMIAL = 0b100101
"""x^5 + x^2 + 1, which makes the five bits of a character an element of a field; x is primitive in it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt; `plain` is its 20 characters without groups."""

    plain: str

    @classmethod
    def drawn(cls, octets: bytes) -> Receipt:
        """From 16 octets that nobody can guess."""
        number = int.from_bytes(octets)
        stem = "".join(ALPHABET[number >> 5 * place & 31] for place in range(LENGTH - 1))
        return cls(stem + _check(stem))

    @classmethod
    def parse(cls, text: str) -> Receipt | None:
        """As somebody typed it, however spaced and in either case; None for what is no receipt."""
        plain = text[: 4 * LENGTH].upper().translate(_ALIKE)
        if len(plain) != LENGTH or not set(plain) <= set(ALPHABET) or _check(plain[:-1]) != plain[-1]:
            return None
        return cls(plain)

    def __str__(self) -> str:
        return "-".join(self.plain[at : at + GROUP] for at in range(0, LENGTH, GROUP))

    @property
    def digest(self) -> str:
        """What the registry knows it by, in hex. It is long enough to need no slow hash."""
        return hashlib.sha256(f"traceqr.receipt.v1\n{self.plain}".encode("ascii")).hexdigest()


def _check(stem: str) -> str:
    """The character that makes the sum over x^(place + 1) times the character vanish."""
    total = 0
    for char in stem:
        total = _times_x(total ^ ALPHABET.index(char))
    return ALPHABET[total]


def _times_x(element: int) -> int:
    doubled = element << 1
    return doubled ^ _POLYNOMIAL if doubled > 31 else doubled

"""GTIN, GS1 General Specifications section 3.2 (AI 01) and 7.9 (check digit)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from stdnum import ean

from traceqr.errors import TraceqrError

_FOURTEEN_DIGITS = re.compile("[0-9]{14}")
_TRADE_FORM = re.compile("[0-9]{8}|[0-9]{12,14}")


class InvalidGtin(TraceqrError):
    """Not a GTIN, or one with a wrong check digit."""


@dataclass(frozen=True, slots=True)
class Gtin:
    """A GTIN in its 14-digit form, check digit right."""

    digits: str

    def __post_init__(self) -> None:
        _check(self.digits)

    @classmethod
    def parse(cls, digits: str) -> Gtin:
        """From exactly 14 ASCII digits, as a label spells it. Raises `InvalidGtin`."""
        return cls(digits)

    @classmethod
    def from_trade(cls, digits: str) -> Gtin:
        """From the 8, 12, 13 or 14 digits under a bar code, padded with zeros. Raises `InvalidGtin`."""
        if not _TRADE_FORM.fullmatch(digits):
            raise InvalidGtin(f"expected a GTIN of 8, 12, 13 or 14 digits, got {digits!r}")
        return cls.parse(digits.zfill(14))

    def __str__(self) -> str:
        return self.digits

    @property
    def trade(self) -> str:
        """The digits as printed under the bar code: 13, unless a 14th names a packing level."""
        return self.digits[1:] if self.digits[0] == "0" else self.digits


@lru_cache(maxsize=4096)
def _check(digits: str) -> None:
    """Raise `InvalidGtin` unless it is one. Remembered, since the labels of a product share theirs."""
    if not _FOURTEEN_DIGITS.fullmatch(digits):
        raise InvalidGtin(f"expected a GTIN of 14 digits, got {digits!r}")
    expected = ean.calc_check_digit(digits[:-1])
    if digits[-1] != expected:
        raise InvalidGtin(f"expected check digit {expected} at the end of GTIN {digits!r}, got {digits[-1]}")

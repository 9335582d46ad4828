"""Code 128 (ISO/IEC 15417), as GS1-128 needs it for digits: code set C behind FNC1.

A symbol is told as the widths of its bars and spaces in turn, in modules, the first a bar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from traceqr.symbol.symbol import SymbolError

QUIET_ZONE = 10
"""Modules of paper on either side."""

_PATTERNS = re.findall(
    "[1-4]{6}",
    """
    212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222
    123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321
    232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121
    313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224
    111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111
    111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113
    114311 411113 411311 113141 114131 311141 411131 211412 211214 211232
""",
)
"""Of the values 0 to 105 (table 1 of the standard), the last three begin a symbol."""

_STOP = "2331112"
_FNC1, _START_C = 102, 105


def gs1(digits: str) -> tuple[int, ...]:
    """The widths of a GS1-128 symbol of an even number of digits, application identifiers among them."""
    if not (digits.isascii() and digits.isdigit() and len(digits) % 2 == 0):
        raise SymbolError(f"expected an even number of digits for GS1-128, got {digits!r}")
    values = [_START_C, _FNC1, *(int(digits[at : at + 2]) for at in range(0, len(digits), 2))]
    check = sum(max(1, place) * value for place, value in enumerate(values)) % 103
    return tuple(int(width) for pattern in (*values, check) for width in _PATTERNS[pattern]) + tuple(map(int, _STOP))


def bars(widths: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """The bars of a symbol: where each begins, and how wide it is."""
    at = 0
    for place, width in enumerate(widths):
        if place % 2 == 0:
            yield at, width
        at += width

"""Symbols in vector PDF: a font whose 128 glyphs are rows of seven modules, and symbols as strings of it.

A symbol is cut into columns of seven modules, and each column is a string of as many characters as the symbol has rows,
set downwards. Seven modules and the highest bit make characters that need no escape in a string, so every symbol takes
the same number of bytes, and no number in it depends on the label. The bits of a glyph are, from the most significant
one down, its modules from left to right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

TILE = 7
"""Modules of a glyph, side by side."""

FIRST, LAST = 128, 255
"""Characters of the font: 128 and the seven modules."""

_INSET = 0.0001
"""How far a run stays inside its modules, on each side: less than any dot, and more than the last bit of a float.
Without it a renderer that inks every dot it touches adds a row of dots to one run and not to the next.
"""


def columns(size: int) -> int:
    """Strings of a symbol of `size` modules a side."""
    return -(-size // TILE)


def tiles(symbols: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Packed symbols, shape (labels, size, row_bytes), as characters, shape (labels, columns, size)."""
    count, size, row_bytes = symbols.shape
    padded = np.zeros((count, size, 8), np.uint8)
    padded[:, :, :row_bytes] = symbols
    words = padded.view(">u8")[:, :, 0].astype(np.uint64)
    made = np.empty((count, columns(size), size), np.uint8)
    for column in range(columns(size)):
        made[:, column] = (words >> np.uint64(64 - TILE * (column + 1))).astype(np.uint8)
    made |= FIRST
    return made


def glyphs() -> Iterator[bytes]:
    """What each of the 128 characters draws, as a content stream: runs of dark modules.

    Text runs downwards, so that x of a glyph is the symbol's y: one module of it, and y of the glyph is the symbol's x.
    """
    for pattern in range(LAST - FIRST + 1):
        runs = re.finditer("1+", f"{pattern:07b}")
        drawn = b"".join(_run(run.start(), run.end()) for run in runs)
        yield b"1 0 d0 " + (drawn + b"f" if drawn else b"")


def _run(start: int, end: int) -> bytes:
    return b"%.5f %.5f %.5f %.5f re " % (_INSET, start + _INSET, 1 - 2 * _INSET, end - start - 2 * _INSET)

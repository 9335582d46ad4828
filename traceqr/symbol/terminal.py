"""A symbol as text for a terminal, two rows of modules a line."""

from __future__ import annotations

from traceqr.symbol.symbol import Symbol

# Black on white from the fixed part of the 256 colours: the first 16 are whatever the user's theme makes of them.
_COLOURS = "\x1b[38;5;16;48;5;231m"
_RESET = "\x1b[0m"
_BLOCKS = {(0, 0): " ", (1, 0): "\u2580", (0, 1): "\u2584", (1, 1): "\u2588"}


def to_terminal(symbol: Symbol) -> str:
    """Lines of half blocks with quiet zone, dark on light whatever the terminal's theme, each ended by a newline."""
    rows = symbol.framed
    # A symbol has an odd number of rows: the lower half of the last line is quiet zone too.
    upper, lower = rows[::2], (*rows[1::2], bytes(len(rows)))
    return "".join(f"{_COLOURS}{_line(*pair)}{_RESET}\n" for pair in zip(upper, lower, strict=True))


def _line(upper: bytes, lower: bytes) -> str:
    return "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))

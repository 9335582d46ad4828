"""A symbol as a PNG of one bit a dot."""

from __future__ import annotations

import io

from PIL import Image

from traceqr.symbol.symbol import Symbol, SymbolError

MAX_DOTS = 64
"""Dots a module at most, to bound the picture: 65 modules with quiet zone make 4,160 dots a side."""

_PAPER_AND_INK = bytes.maketrans(b"\0\1", b"\xff\0")


def to_png(symbol: Symbol, dots_per_module: int = 8, dpi: int | None = None) -> bytes:
    """A black and white PNG with quiet zone, the same bytes each time.

    `dpi`, where given, tells a layout program the resolution. Raises `SymbolError` for sizes out of range.
    """
    if not 1 <= dots_per_module <= MAX_DOTS:
        raise SymbolError(f"expected 1 to {MAX_DOTS} dots a module, got {dots_per_module}")
    if dpi is not None and not 1 <= dpi <= 10_000:
        raise SymbolError(f"expected a resolution of 1 to 10000 dpi, got {dpi}")
    rows = symbol.framed
    side = len(rows)
    modules = Image.frombytes("L", (side, side), b"".join(rows).translate(_PAPER_AND_INK))
    dots = side * dots_per_module
    picture = modules.resize((dots, dots), Image.Resampling.NEAREST).convert("1", dither=Image.Dither.NONE)
    content = io.BytesIO()
    if dpi is None:
        picture.save(content, "PNG", optimize=True)
    else:
        picture.save(content, "PNG", optimize=True, dpi=(dpi, dpi))
    return content.getvalue()

"""A label as a roll printer sees it: a design in whole dots, what is the same on all labels drawn once.

Thermal printers have one colour and no half dots. So the modules of a symbol are rounded down to whole dots, and the
symbol stands in the middle of its box with all the quiet zone that the rounding leaves. The serial, and the host where
it fits on a line, are set in the printer's own font; other words are drawn here, since few printers hold a Chinese font
and no two the same one. A drawn word is sent with each label: what lies in a printer's memory is lost when it is
switched off in the middle of a roll, and labels without a product's name would follow.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from traceqr.label.serial import Serial
from traceqr.printing.design import Align, Design, Item, Kind, wording
from traceqr.printing.format import Job, PrintError
from traceqr.printing.lettering import drawn, ink
from traceqr.printing.sizes import INCH_MM, SymbolSize, modules

RESOLUTIONS = (203, 300, 600)
"""Dots an inch of print heads: 8, 12 and 24 a millimetre in the makers' words."""

NATIVE_DOTS = 10
"""Dots of a module at most where the printer makes the symbol: the limit of ZPL and of TSPL alike."""


_HARMLESS = re.compile("[A-Za-z0-9.:-]+( [A-Za-z0-9.:-]+)*")
"""What the printer's own font may set: nothing that ends a field or begins a command, in ZPL or in TSPL."""


@dataclass(frozen=True, slots=True)
class Font:
    """A printer's own: dots of its smallest legible type, and the width of a character in heights, or a safe guess."""

    least: int
    widest: float


class Drawing(enum.StrEnum):
    """Who makes the symbol: the printer, from its text, or this program, dot by dot."""

    NATIVE = "native"
    GRAPHIC = "graphic"


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A picture at a place of the label, in dots: rows of `row_bytes` bytes, top row first. A set bit is ink."""

    x: int
    y: int
    row_bytes: int
    content: bytes

    @property
    def height(self) -> int:
        """How many rows."""
        return len(self.content) // self.row_bytes

    @property
    def rows(self) -> list[bytes]:
        """Its rows."""
        width = self.row_bytes
        return [self.content[at : at + width] for at in range(0, len(self.content), width)]


@dataclass(frozen=True, slots=True)
class Typed:
    """A line in the printer's own font, in a box of dots. `size` is the height of the type, `text` a specimen; `words`
    is what stands before the digits of a serial.
    """

    kind: Kind
    x: int
    y: int
    width: int
    height: int
    size: int
    align: Align
    text: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Plate:
    """A label in dots: the top left corner of the symbol without its quiet zone, and what stands beside it."""

    drawing: Drawing
    dpi: int
    width: int
    height: int
    symbol: SymbolSize
    x: int
    y: int
    typed: tuple[Typed, ...]
    drawn: tuple[Bitmap, ...]

    @classmethod
    def of(cls, job: Job, design: Design, dpi: int, drawing: Drawing, font: Font, head_mm: float | None) -> Self:
        """The labels of a job on a printer of `dpi` whose head is `head_mm` wide, if that is known.

        Raises `PrintError` for what cannot be printed: an unknown resolution, a label wider than the head, modules too
        small, words that fit only where nobody could read them, a character without a glyph, a hidden code; and
        `SymbolError` for a host that needs a larger symbol than there is.
        """
        _check(design, dpi, head_mm)
        box = design.symbol.box
        symbol = _symbol(job, box.width, dpi, drawing)
        spare = to_dots(box.width, dpi) - symbol.modules * (symbol.dots or 0)
        placed = [_placed(item, job, dpi, font) for item in design.items if item.kind is not Kind.SYMBOL]
        return cls(
            drawing,
            dpi,
            to_dots(design.width, dpi),
            to_dots(design.height, dpi),
            symbol,
            to_dots(box.x, dpi) + spare // 2,
            to_dots(box.y, dpi) + spare // 2,
            tuple(each for each in placed if isinstance(each, Typed)),
            tuple(each for each in placed if isinstance(each, Bitmap)),
        )

    @property
    def dots(self) -> int:
        """Of a module."""
        assert self.symbol.dots is not None  # it was fitted to a printer
        return self.symbol.dots

    @property
    def side(self) -> int:
        """Dots along the side of the symbol."""
        return self.symbol.modules * self.dots

    @property
    def row_bytes(self) -> int:
        """Bytes of a row of the symbol's dots."""
        return (self.side + 7) // 8

    @property
    def notes(self) -> tuple[str, ...]:
        """What it comes to: the label, the symbol after rounding, and what to try first."""
        width, height = (length * INCH_MM / self.dpi for length in (self.width, self.height))
        label = (
            f"Label of {width:.1f} x {height:.1f} mm, {self.width} x {self.height} dots at {self.dpi} dpi: the print"
            " head must be as wide."
        )
        native = (
            "The printer makes the symbols, and an old one may make them larger than said here. Print one, measure and"
            " scan it; if it is larger, choose graphics.",
        )
        notes = (label, "Modules are rounded down to whole dots.", *self.symbol.notes)
        return notes + native if self.drawing is Drawing.NATIVE else notes


def to_dots(length_mm: float, dpi: int) -> int:
    """The nearest whole number of dots."""
    return round(length_mm * dpi / INCH_MM)


@cache
def broadened(dots: int) -> NDArray[np.uint8]:
    """What 8 modules in a row become at `dots` dots each: shape (256, dots), the most significant bit left.

    Eight modules of `dots` dots are `dots` whole bytes, so a symbol is broadened by looking its bytes up.
    """
    modules = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    return np.packbits(np.repeat(modules, dots, axis=1), axis=1)


def _check(design: Design, dpi: int, head_mm: float | None) -> None:
    if dpi not in RESOLUTIONS:
        raise PrintError(f"expected a printer of {', '.join(map(str, RESOLUTIONS))} dpi, got {dpi}")
    if head_mm is not None and not design.width <= head_mm:
        raise PrintError(
            f"expected a label at most as wide as the print head, {head_mm:g} mm, got {design.width:g} mm: design"
            f" {design.name!r}"
        )
    if design.asks_for_hidden_code:
        raise PrintError(f"expected a design without hidden code for a roll printer, got {design.name!r}")


def _symbol(job: Job, width_mm: float, dpi: int, drawing: Drawing) -> SymbolSize:
    fitted = SymbolSize.fit(modules(job), width_mm, dpi)
    if drawing is Drawing.GRAPHIC or fitted.dots is None or fitted.dots <= NATIVE_DOTS:
        return fitted
    return SymbolSize.of_dots(fitted.modules, NATIVE_DOTS, dpi)


def _placed(item: Item, job: Job, dpi: int, font: Font) -> Typed | Bitmap | None:
    """An item in dots; None where it says nothing."""
    x, y, width, height = _box(item, dpi)
    words = item.words if item.kind is Kind.SERIAL else ""
    text = f"{words}{Serial(job.series.batch, job.first).readable}" if item.kind is Kind.SERIAL else wording(item, job)
    if item.kind is Kind.SERIAL and not _HARMLESS.fullmatch(text):
        raise PrintError(
            f"expected words before a serial of letters, digits, dots, colons and hyphens for a roll printer, whose own"
            f" font sets them, got {words!r}"
        )
    if item.kind in (Kind.SERIAL, Kind.HOST) and _HARMLESS.fullmatch(text):
        wanted = to_dots(item.size, dpi)
        size = min(wanted, height, int(width / (len(text) * font.widest)))
        # A host goes into several lines rather than into small type.
        if size >= font.least and (item.kind is Kind.SERIAL or size >= 0.75 * wanted):
            return Typed(item.kind, x, y, width, height, size, item.align, text, words)
        if item.kind is Kind.SERIAL:
            raise PrintError(
                f"expected a serial in type of {font.least} dots at least, got {size} in {item.box} at {dpi} dpi"
            )
    picture = drawn(item, job, dpi, (width, height))
    return _cropped(ink(picture), x, y) if picture else None


def _box(item: Item, dpi: int) -> tuple[int, int, int, int]:
    box = item.box
    return to_dots(box.x, dpi), to_dots(box.y, dpi), to_dots(box.width, dpi), to_dots(box.height, dpi)


def _cropped(picture: Image.Image, x: int, y: int) -> Bitmap | None:
    """A picture that stands at a place, cut down to its ink."""
    edges = picture.getbbox()
    if edges is None:
        return None
    left, top, right, _ = edges
    return Bitmap(x + left, y + top, (right - left + 7) // 8, picture.crop(edges).tobytes())

"""A label of a design as a picture, before there is one: to look at a design, not to print it.

The symbol has the right size and place, but its seal does not hold: whoever scans a preview is told that it is forged.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

from PIL import Image, ImageOps

from traceqr.label.format import Label
from traceqr.label.gtin import Gtin
from traceqr.label.hidden import grouped
from traceqr.label.host import Origin
from traceqr.label.seal import Seal
from traceqr.label.serial import Serial
from traceqr.label.series import Series
from traceqr.printing.artwork import ARTWORKS
from traceqr.printing.design import Colour, Design, Item, Kind
from traceqr.printing.format import Imprint, Job, PrintError
from traceqr.printing.lettering import drawn, stamped
from traceqr.printing.sizes import INCH_MM, SymbolSize
from traceqr.symbol.encode import encode
from traceqr.symbol.symbol import QUIET_ZONE, Symbol

DPI = 300
"""Dots an inch of a preview, unless told."""

EXAMPLE = Imprint(
    "明前滇红 特级",
    "L-20260901",
    "云南示例茶业有限公司",
    "250 g",
    "2026-09-01",
    "2028-08-31",
    ARTWORKS,
)
"""What stands on labels whose product nobody has named yet."""

EXAMPLE_CODE = grouped("123456789012")

MAX_DOTS = 30_000_000
"""As many as a label of 400 x 400 mm has at 340 dpi, and 90 MB."""

_RESOLUTIONS = (300, 1200)
"""Coarser than that, the smallest type is no type any more."""
_PAPER = "#ffffff"
_INK = {Colour.INK: "#000000", Colour.RED: "#a3241d"}


def example(origin: Origin, imprint: Imprint = EXAMPLE) -> Job:
    """A job of one label that nobody issued: key, batch and product are made up, the host is the deployment's."""
    series = Series(origin, Gtin.parse("06901234000016"), 1, 1, 0)
    return Job(series, 0, 0, imprint)


def preview(design: Design, job: Job, dpi: int = DPI) -> bytes:
    """The first label of a job on a design, as PNG; the same bytes each time.

    Raises `PrintError` or `SymbolError` for what could not be printed either: words that do not fit, a character
    without a glyph, modules too small, a host too long.
    """
    least, most = _RESOLUTIONS
    if not least <= dpi <= most:
        raise PrintError(f"expected a preview of {least} to {most} dpi, got {dpi}")
    if _dots(design.width, dpi) * _dots(design.height, dpi) > MAX_DOTS:
        raise PrintError(
            f"expected a preview of at most {MAX_DOTS:,} dots, got one of {design.width:g} x {design.height:g} mm at"
            f" {dpi} dpi: choose fewer"
        )
    picture = Image.new("RGB", (_dots(design.width, dpi), _dots(design.height, dpi)), _PAPER)
    for item in design.items:
        size = (_dots(item.box.width, dpi), _dots(item.box.height, dpi))
        if item.kind is Kind.LOGO:
            picture.paste(stamped(item, size), (_dots(item.box.x, dpi), _dots(item.box.y, dpi)))
            continue
        stamp = _symbol(item, job, dpi) if item.kind is Kind.SYMBOL else drawn(_worded(item, job), job, dpi, size)
        if stamp is not None:
            _put(picture, stamp, item, dpi)
    return _png(picture, dpi)


def _put(picture: Image.Image, stamp: Image.Image, item: Item, dpi: int) -> None:
    """A grey picture in the item's colour. A symbol stands in the middle of its box."""
    x, y = _dots(item.box.x, dpi), _dots(item.box.y, dpi)
    if item.kind is Kind.SYMBOL:
        x += (_dots(item.box.width, dpi) - stamp.width) // 2
        y += (_dots(item.box.height, dpi) - stamp.height) // 2
    picture.paste(_INK[item.colour], (x, y), ImageOps.invert(stamp))


def _worded(item: Item, job: Job) -> Item:
    """What differs by label, with the words of the first: a caption as far as drawing goes."""
    if item.kind is Kind.SERIAL:
        said = Serial(job.series.batch, job.first).readable
    elif item.kind is Kind.HIDDEN_CODE:
        said = EXAMPLE_CODE
    else:
        return item
    return replace(item, kind=Kind.CAPTION, words=f"{item.words}{said}")


def _symbol(item: Item, job: Job, dpi: int) -> Image.Image:
    """In whole dots, with its quiet zone."""
    symbol = encode(_label(job), job.level, mask=job.mask)
    dots = SymbolSize.fit(symbol.size, item.box.width, dpi).dots
    assert dots is not None  # it was fitted to a resolution
    return _enlarged(symbol, dots)


def _enlarged(symbol: Symbol, dots: int) -> Image.Image:
    side = symbol.size + 2 * QUIET_ZONE
    modules = Image.frombytes("L", (side, side), bytes(0 if dark else 255 for dark in b"".join(symbol.framed)))
    return modules.resize((side * dots, side * dots), Image.Resampling.NEAREST)


def _label(job: Job) -> Label:
    """The first label of a job, with bytes in place of a signature."""
    series = job.series
    serial = Serial(series.batch, job.first)
    nobody = hashlib.sha512(f"traceqr preview {serial}".encode()).digest()
    return Label(series.origin, series.gtin, serial, Seal(series.key, series.pledge, nobody))


def _png(picture: Image.Image, dpi: int) -> bytes:
    content = io.BytesIO()
    picture.save(content, "PNG", optimize=True, dpi=(dpi, dpi))
    return content.getvalue()


def _dots(length_mm: float, dpi: int) -> int:
    return max(1, round(length_mm * dpi / INCH_MM))

"""Words, rules, frames and logos drawn in dots of one colour, for printers that hold no font for them.

Words stand where the PDF has them: the same typeface, lines and sizes.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from importlib import resources

from PIL import Image, ImageDraw, ImageFont

from traceqr.printing.design import Item, Kind, Weight, wording
from traceqr.printing.fonts import FILES, cleaned, face
from traceqr.printing.format import Job, PrintError
from traceqr.printing.logo import Logo
from traceqr.printing.sizes import INCH_MM
from traceqr.printing.typesetting import typeset

FEWEST_DOTS = 10
"""Dots of the smallest type that a print head makes legible."""

_DARK = 150
"""Grey below this becomes ink: strokes of small Chinese type neither break nor close up."""

_STEPS = 40
"""Hundredths by which type is made smaller at most, so that it fits in whole dots."""

Size = tuple[int, int]


def drawn(item: Item, job: Job, dpi: int, size: Size) -> Image.Image | None:
    """An item as a picture of its box, `size` dots; ink is 0. None where it says nothing.

    Raises `PrintError` for words that do not fit, for a character without a glyph, for type too small to read at this
    resolution, and for a logo that cannot be read.
    """
    if item.kind is Kind.RULE:
        return Image.new("L", (max(1, size[0]), max(1, size[1])), 0)
    if item.kind is Kind.FRAME:
        return _outlined(size, dpi)
    return _stamped(item, size) if item.kind is Kind.LOGO else _lettered(item, job, dpi, size)


def _lettered(item: Item, job: Job, dpi: int, size: Size) -> Image.Image | None:
    text = cleaned(wording(item, job))
    metrics = face(item.weight)
    metrics.require(text, item.kind)
    scale = dpi / INCH_MM
    lines = typeset(item, text, metrics)
    if not lines:
        return None
    em = _fitting([line.text for line in lines], item.weight, lines[0].size * scale, size[0])
    if em < FEWEST_DOTS:
        raise PrintError(
            f"expected {item.kind} in type of {FEWEST_DOTS} dots at least, got {em:.1f} at {dpi} dpi"
            f" for {len(text)} characters: {text[:60]!r}; a larger box or a finer printer makes them legible"
        )
    picture, typeface = _paper(size), _typeface(item.weight, em)
    pencil = ImageDraw.Draw(picture)
    for line in lines:
        left, _, right, _ = typeface.getbbox(line.text, anchor="ls")
        x = (size[0] - (right - left)) * item.align.share - left
        pencil.text((round(x), round((line.y - item.box.y) * scale)), line.text, 0, typeface, anchor="ls")
    return picture


def _fitting(lines: list[str], weight: Weight, em: float, width: int) -> float:
    """The size in dots at which all lines fit: in whole dots each character takes somewhat more or less than its real
    width, by which the lines were set.
    """
    for step in range(_STEPS):
        tried = em * (1 - step / 100)
        boxes = [_typeface(weight, tried).getbbox(line, anchor="ls") for line in lines]
        if all(right - left <= width for left, _, right, _ in boxes):
            return tried
    return 0.0


def _outlined(size: Size, dpi: int) -> Image.Image:
    picture = _paper(size)
    thickness = max(1, round(0.2 * dpi / INCH_MM))
    corner = round(1.0 * dpi / INCH_MM)
    ImageDraw.Draw(picture).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), corner, outline=0, width=thickness)
    return picture


def _stamped(item: Item, size: Size) -> Image.Image:
    return stamped(item, size).convert("L")


def stamped(item: Item, size: Size) -> Image.Image:
    """A logo in its colours, as large as its box allows. Raises `PrintError`."""
    logo = Logo.read(item.picture, item.box)
    image = Image.frombytes("RGB", (logo.width, logo.height), zlib.decompress(logo.content))
    scale = min(size[0] / image.width, size[1] / image.height)
    image = image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale))))
    picture = Image.new("RGB", size, "white")
    picture.paste(image, (round((size[0] - image.width) * item.align.share), (size[1] - image.height) // 2))
    return picture


def _paper(size: Size) -> Image.Image:
    return Image.new("L", size, 255)


def ink(picture: Image.Image) -> Image.Image:
    """A grey picture in one bit a dot, in which what is set is ink."""
    return picture.point(lambda grey: 255 if grey < _DARK else 0).convert("1", dither=Image.Dither.NONE)


@lru_cache(maxsize=32)
def _typeface(weight: Weight, em: float) -> ImageFont.FreeTypeFont:
    # The basic layout engine: what it draws does not depend on libraries that may or may not be there.
    with resources.as_file(resources.files("traceqr.printing") / "fonts" / FILES[weight]) as path:
        return ImageFont.truetype(path, em, layout_engine=ImageFont.Layout.BASIC)

"""Words, rules, frames and logos drawn in dots of one colour, for printers that hold no font for them.

Words stand where the PDF has them: the same typeface, lines and sizes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

from PIL import Image, ImageChops, ImageDraw, ImageFont

from traceqr.printing.artwork import Artwork, arranged
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

_FINER = 4
"""Finer dots along a dot, of which artworks are drawn."""

_CHORDS = 8
"""Lines in place of a curve."""

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
    if item.kind is Kind.MARKS:
        return _marked(item, job, dpi, size)
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


def _marked(item: Item, job: Job, dpi: int, size: Size) -> Image.Image | None:
    """The artworks of a job's marks in their place."""
    placed = arranged(job.imprint.marks, item.box, item.align)
    if not placed:
        return None
    picture = _paper(size)
    for each in placed:
        left, top = (round(aside * dpi / INCH_MM) for aside in (each.box.x - item.box.x, each.box.y - item.box.y))
        picture.paste(_artwork(each.artwork, round(each.box.height * dpi / INCH_MM)), (left, top))
    return picture


@lru_cache(maxsize=16)
def _artwork(artwork: Artwork, height: int) -> Image.Image:
    """A drawing in grey, by the rule `evenodd`: outlines in finer dots, each turning over what it surrounds."""
    scale = height * _FINER / artwork.height
    size = (round(artwork.width * scale), height * _FINER)
    picture = Image.new("1", size, 1)
    for outline in _flattened(artwork, scale):
        surrounded = Image.new("1", size, 0)
        ImageDraw.Draw(surrounded).polygon(outline, fill=1)
        picture = ImageChops.logical_xor(picture, surrounded)
    return picture.convert("L").resize((max(1, size[0] // _FINER), height), Image.Resampling.BOX)


def _flattened(artwork: Artwork, scale: float) -> Iterator[list[tuple[float, float]]]:
    """The closed outlines of a drawing in dots, curves as short lines."""
    outline: list[tuple[float, float]] = []
    for letter, places in artwork.commands():
        if letter == "Z":
            yield outline
            outline = []
            continue
        points = [(x * scale, y * scale) for x, y in places]
        if letter == "Q":
            start, (handle, end) = outline[-1], points
            points = [_on_curve(start, handle, end, step / _CHORDS) for step in range(1, _CHORDS + 1)]
        outline += points


def _on_curve(
    start: tuple[float, float], handle: tuple[float, float], end: tuple[float, float], share: float
) -> tuple[float, float]:
    one, two, three = (1 - share) ** 2, 2 * share * (1 - share), share**2
    return (
        one * start[0] + two * handle[0] + three * end[0],
        one * start[1] + two * handle[1] + three * end[1],
    )


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

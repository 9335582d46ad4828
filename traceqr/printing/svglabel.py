"""A label of a design as SVG elements, unit one millimetre, with slots where labels differ.

Words stand where the PDF has them: lines, sizes and lengths are those of the typeface that PDF embeds. An SVG file
names typefaces instead of holding them, so each line says how long it is, and another typeface is fitted to it.
"""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from PIL import Image

from traceqr.printing.artwork import Placed
from traceqr.printing.design import VARYING, Align, Colour, Design, Item, Kind, Weight
from traceqr.printing.fonts import face
from traceqr.printing.format import Job, PrintError
from traceqr.printing.logo import Logo
from traceqr.printing.outlines import room
from traceqr.printing.pdflabel import Setting
from traceqr.printing.sizes import SymbolSize
from traceqr.printing.stencil import Slot, readable_of
from traceqr.printing.typesetting import Line
from traceqr.symbol.svg import number, xml_text
from traceqr.symbol.symbol import QUIET_ZONE

TYPEFACES = "Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, Arial, sans-serif"

_INK = {Colour.INK: "#000", Colour.RED: "#a3241d"}
_WEIGHT = {Weight.REGULAR: "400", Weight.BOLD: "700"}
_ASPECT = {Align.LEFT: "xMinYMid", Align.CENTRE: "xMidYMid", Align.RIGHT: "xMaxYMid"}
_FRAME_MM = 0.2
_RADIUS_MM = 1.0

Part = bytes | Slot


def outline_slot(modules: int) -> Slot:
    """Where the outline of a symbol goes, with spaces behind it."""
    return Slot("outline", (room(modules),), room(modules), ord(" "))


def opening(width_mm: float, height_mm: float) -> bytes:
    """The beginning of a document, lengths in mm."""
    width, height = number(width_mm), number(height_mm)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}mm" '
        f'height="{height}mm" viewBox="0 0 {width} {height}" role="img" font-family="{TYPEFACES}">\n'
    ).encode()


def definitions(setting: Setting) -> bytes:
    """The logos and the artworks of marks, held once in a document and shown on each label."""
    drawn = [_image(at, item) for at, item in enumerate(setting.design.of(Kind.LOGO))]
    inks = [_INK[item.colour] for item in setting.design.of(Kind.MARKS)]
    drawn += [_artwork(at, placed, inks[0]) for at, placed in enumerate(setting.marks)]
    return f"<defs>{''.join(drawn)}</defs>\n".encode() if drawn else b""


def label(setting: Setting, job: Job, size: SymbolSize) -> Iterator[Part]:
    """A label from its top left corner, after a white ground, in order of the design."""
    design = setting.design
    yield from (b"<title>", *readable_of(job.series), b"</title>")
    yield f'<path fill="#fff" d="M0 0h{number(design.width)}v{number(design.height)}H0z"/>'.encode()
    logos = 0
    for item in design.items:
        if item.kind is Kind.SYMBOL:
            yield from _symbol(item, size)
        elif item.kind is Kind.RULE:
            yield _rule(item).encode()
        elif item.kind is Kind.FRAME:
            yield _frame(item).encode()
        elif item.kind is Kind.LOGO:
            yield f'<use xlink:href="#logo{logos}"/>'.encode()
            logos += 1
        elif item.kind is Kind.MARKS:
            yield "".join(f'<use xlink:href="#mark{at}"/>' for at in range(len(setting.marks))).encode()
    for item, lines in setting.lines:
        for line in lines:
            yield from _line(item, line, job)


def _symbol(item: Item, size: SymbolSize) -> Iterator[Part]:
    aside = (item.box.width - size.whole_mm) / 2 + QUIET_ZONE * size.module_mm
    place = f"translate({number(item.box.x + aside)} {number(item.box.y + aside)}) scale({size.module_mm:.6f})"
    yield f'<path fill-rule="evenodd" shape-rendering="crispEdges" transform="{place}" d="'.encode()
    yield outline_slot(size.modules)
    yield b'"/>'


def _artwork(at: int, placed: Placed, ink: str) -> str:
    place = f"translate({number(placed.box.x)} {number(placed.box.y)}) scale({placed.scale:.6f})"
    return f'<path id="mark{at}" fill="{ink}" fill-rule="evenodd" transform="{place}" d="{placed.artwork.path}"/>'


def _rule(item: Item) -> str:
    box = item.box
    sides = f'x="{number(box.x)}" y="{number(box.y)}" width="{number(box.width)}" height="{number(box.height)}"'
    return f'<rect {sides} fill="{_INK[item.colour]}"/>'


def _frame(item: Item) -> str:
    """An outline inside its box."""
    box, half = item.box, _FRAME_MM / 2
    x, y, width, height = map(number, (box.x + half, box.y + half, box.width - _FRAME_MM, box.height - _FRAME_MM))
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{_RADIUS_MM:g}" fill="none" '
        f'stroke="{_INK[item.colour]}" stroke-width="{_FRAME_MM:g}"/>'
    )


def _line(item: Item, line: Line, job: Job) -> Iterator[Part]:
    length = number(face(item.weight).width(line.text) * line.size)
    yield (
        f'<text x="{number(line.x)}" y="{number(line.y)}" font-size="{number(line.size)}" '
        f'font-weight="{_WEIGHT[item.weight]}" fill="{_INK[item.colour]}" textLength="{length}" '
        f'lengthAdjust="spacingAndGlyphs">'
    ).encode()
    if item.kind in VARYING:
        yield xml_text(item.words).encode()
        yield from readable_of(job.series)
    else:
        yield xml_text(line.text).encode()
    yield b"</text>"


def _image(at: int, item: Item) -> str:
    """A logo as large as its box holds, and aligned in it."""
    logo, box = Logo.read(item.picture, item.box), item.box
    content = io.BytesIO()
    Image.frombytes("RGB", (logo.width, logo.height), zlib.decompress(logo.content)).save(content, "PNG", optimize=True)
    sides = f'x="{number(box.x)}" y="{number(box.y)}" width="{number(box.width)}" height="{number(box.height)}"'
    address = quoteattr(f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}")
    return f'<image id="logo{at}" {sides} preserveAspectRatio="{_ASPECT[item.align]}" xlink:href={address}/>'


def check_design(design: Design) -> None:
    """Raise `PrintError` for a design that prints hidden codes, of which SVG files have none."""
    if design.asks_for_hidden_code:
        raise PrintError(f"expected a design without hidden code for SVG, got {design.name!r}: take pdf for it")

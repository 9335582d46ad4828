"""Labels of logistic units: the SSCC as GS1-128 or QR, in large digits, with who packed it. As PDF and as ZPL.

GS1 General Specifications, section 6.6: modules of 0.495 mm at least, and bars 32 mm high. A label is 105 mm wide and
148 mm high (A6): most printers of logistic labels take that.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from traceqr.printing.design import Weight
from traceqr.printing.fonts import Subset, cleaned, face, subset_of
from traceqr.printing.format import PrintError
from traceqr.printing.pdfobjects import POINTS, Objects, add_font, numbers, references, stream
from traceqr.printing.sizes import INCH_MM
from traceqr.symbol import code128
from traceqr.symbol.encode import encode_text
from traceqr.symbol.symbol import QUIET_ZONE

WIDTH_MM, HEIGHT_MM = 105.0, 148.0
MODULE_MM = 0.495
BAR_MM = 40.0
QR_MM = 60.0
MARGIN_MM = 6.0

DPI = (203, 300, 600)


class Code(enum.StrEnum):
    """What the number is printed as."""

    GS1_128 = "gs1-128"
    QR = "qr"


@dataclass(frozen=True, slots=True)
class Parcels:
    """Labels of logistic units of one enterprise. `origin` is where a QR code leads, such as `https://qr.example.org`."""

    ssccs: Sequence[str]
    enterprise: str
    origin: str
    code: Code = Code.GS1_128

    def link(self, sscc: str) -> str:
        """The GS1 Digital Link of one."""
        return f"{self.origin}/00/{sscc}"


def readable(sscc: str) -> str:
    """For people: in groups, the check digit by itself."""
    return f"{sscc[0]} {sscc[1:8]} {sscc[8:17]} {sscc[17]}"


def pdf(parcels: Parcels) -> bytes:
    """A file with a page for each. Raises `PrintError`, also where there is no typeface."""
    name = cleaned(parcels.enterprise)
    for weight in (Weight.REGULAR, Weight.BOLD):
        face(weight).require(name, "the name of the enterprise")
    characters = frozenset(name) | frozenset("SSCC0123456789() ")
    fonts = {weight: subset_of(weight, characters) for weight in (Weight.REGULAR, Weight.BOLD)}
    objects = Objects()
    catalog, pages = objects.add(), objects.add()
    named = b"/F1 %d 0 R/F2 %d 0 R" % tuple(add_font(objects, fonts[weight]) for weight in fonts)
    box = numbers(0, 0, WIDTH_MM * POINTS, HEIGHT_MM * POINTS)
    kids = []
    for sscc in parcels.ssccs:
        content = objects.add(stream(b"\n".join(_page(parcels, sscc, name, fonts)), packed=True))
        kids.append(
            objects.add(
                b"<</Type/Page/Parent %d 0 R/MediaBox[%b]/Resources<</Font<<%b>>>>/Contents %d 0 R>>"
                % (pages, box, named, content)
            )
        )
    objects.put(catalog, b"<</Type/Catalog/Pages %d 0 R>>" % pages)
    objects.put(pages, b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids)))
    body, offsets = objects.written()
    table = bytes(references(np.array(offsets, np.int64)))
    trailer = b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, catalog, len(body))
    return body + table + trailer


def _page(parcels: Parcels, sscc: str, name: str, fonts: dict[Weight, Subset]) -> Iterator[bytes]:
    regular, bold = fonts[Weight.REGULAR], fonts[Weight.BOLD]
    size = min(16.0, (WIDTH_MM - 2 * MARGIN_MM) * POINTS / max(1.0, face(Weight.REGULAR).width(name)))
    yield _text(b"F1", regular, name, size, MARGIN_MM, HEIGHT_MM - 16)
    yield _text(b"F1", regular, "SSCC", 14, MARGIN_MM, HEIGHT_MM - 34)
    yield _text(b"F2", bold, readable(sscc), 22, MARGIN_MM, HEIGHT_MM - 44)
    if parcels.code is Code.QR:
        yield from _squares(parcels.link(sscc))
        return
    widths = code128.gs1(f"00{sscc}")
    left = (WIDTH_MM - sum(widths) * MODULE_MM) / 2
    for at, width in code128.bars(widths):
        yield _filled(left + at * MODULE_MM, 30, width * MODULE_MM, BAR_MM)
    yield _text(b"F1", regular, f"(00) {readable(sscc)}", 14, left, 22)


def _squares(text: str) -> Iterator[bytes]:
    symbol = encode_text(text)
    side = QR_MM / (symbol.size + 2 * QUIET_ZONE)
    left, top = (WIDTH_MM - symbol.size * side) / 2, 90 - QUIET_ZONE * side
    for row, modules in enumerate(symbol.modules):
        for column, ink in enumerate(modules):
            if ink:
                yield _filled(left + column * side, top - (row + 1) * side, side, side)


def _filled(x: float, y: float, width: float, height: float) -> bytes:
    return numbers(*(value * POINTS for value in (x, y, width, height))) + b" re f"


def _text(name: bytes, font: Subset, text: str, size: float, x: float, y: float) -> bytes:
    return b"BT /%b %b Tf %b Td <%b> Tj ET" % (name, numbers(size), numbers(x * POINTS, y * POINTS), font.hex(text))


def zpl(parcels: Parcels, dpi: int = 203) -> bytes:
    """The same in ZPL II. The printer makes the codes. Its font has Latin letters: other names are left out."""
    if dpi not in DPI:
        raise PrintError(f"expected a printer of {', '.join(map(str, DPI))} dpi, got {dpi}")
    dots: Callable[[float], int] = lambda mm: round(mm / INCH_MM * dpi)  # noqa: E731 - has a type so
    name = cleaned(parcels.enterprise)
    plain = name if name.isascii() and not set(name) & set("^~\\") else ""
    return "".join(_label(parcels, sscc, plain, dots) for sscc in parcels.ssccs).encode("ascii")


def _label(parcels: Parcels, sscc: str, name: str, dots: Callable[[float], int]) -> str:
    across = dots(WIDTH_MM)
    lines = [f"^XA^CI28^LH0,0^PW{across}^LL{dots(HEIGHT_MM)}"]
    if name:
        lines.append(
            f"^FO{dots(MARGIN_MM)},{dots(10)}^FB{across - 2 * dots(MARGIN_MM)},1,0,L,0^A0N,{dots(5)}^FD{name}^FS"
        )
    lines.append(f"^FO{dots(MARGIN_MM)},{dots(28)}^A0N,{dots(5)}^FDSSCC^FS")
    lines.append(f"^FO{dots(MARGIN_MM)},{dots(36)}^A0N,{dots(8)}^FD{readable(sscc)}^FS")
    if parcels.code is Code.QR:
        side = max(1, min(10, dots(QR_MM) // (encode_text(parcels.link(sscc)).size + 2 * QUIET_ZONE)))
        lines.append(f"^BY2,3,1^FO{dots(25)},{dots(58)}^BQN,2,{side}^FDMA,{parcels.link(sscc)}^FS")
    else:
        module = max(1, -(-dots(MODULE_MM * 1000) // 1000))
        left = max(0, (across - module * sum(code128.gs1(f"00{sscc}"))) // 2)
        lines.append(f"^BY{module}^FO{left},{dots(78)}^BCN,{dots(BAR_MM)},N,N,N^FD>;>800{sscc}^FS")
        lines.append(f"^FO{left},{dots(122)}^A0N,{dots(5)}^FD(00) {readable(sscc)}^FS")
    return "".join([*lines, "^XZ\n"])

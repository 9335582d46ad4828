"""Labels as PDF (ISO 32000-1), written directly: vector symbols, embedded type, on sheets or a label a page.

Every page takes the same number of bytes, but the last one, which may hold fewer labels. So the place of every object
in the file is arithmetic: pages are made apart from each other, the table of them at the end needs no memory of them,
and the size of the file is known before it is made. The modules of symbols are whole dots of the printer that is named,
and begin at whole dots: their edges are exact where the file is printed at its own size.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from traceqr.label.serial import Serial
from traceqr.label.series import Strip
from traceqr.printing.design import Design, Kind, Weight, built_in
from traceqr.printing.fonts import cleaned
from traceqr.printing.format import Job, PrintError
from traceqr.printing.logo import Logo
from traceqr.printing.pdflabel import Cell, Setting, cell, font_name, placed_image, shared
from traceqr.printing.pdfobjects import POINTS, Objects, add_font, number, numbers, stream, to_unicode, words
from traceqr.printing.pdfpages import PAGES_ROOT, Digits, Pages, root
from traceqr.printing.sheets import Sheet
from traceqr.printing.sizes import SymbolSize, modules
from traceqr.printing.tiles import FIRST, LAST, TILE, glyphs, tiles
from traceqr.symbol.symbol import QUIET_ZONE
from traceqr.symbol.table import encoder

DPI = 600
"""Dots an inch of the printer that is meant, unless another is named."""

MAX_PAGES = 500_000
"""Files of more pages open nowhere in reasonable time; volumes are for that."""

MAX_SIZE = 10**10 - 1
"""Bytes of a file: the table of objects has ten digits for where each begins (ISO 32000-1, section 7.5.4)."""

SMALL_TYPE_MM = 1.2
"""Type below this is warned of."""

Codes = Callable[[int, int], Sequence[str]]
"""The hidden codes of labels first to last, 12 digits each, such as `functools.partial(root.codes, batch)`."""

_INCH_PT = 72
_TWELVE_DIGITS = re.compile("[0-9]{12}")
_MARK_PT = 0.25
_LESS_PT = 0.0001
_PLACES = 10 ** np.arange(7, -1, -1)


@dataclass(frozen=True)
class Pdf:
    """The labels of a job as one PDF file; without a sheet, a label a page in the label's own size.

    `dpi` is the printer's resolution. `codes` makes hidden codes; it is given exactly when the design asks for them.
    Raises `PrintError` or `SymbolError` for what cannot be printed: a design that does not fit the sheet, modules too
    small, characters that the typeface lacks, words that do not fit, too many pages.
    """

    job: Job
    design: Design = field(default_factory=lambda: built_in("classic"))
    sheet: Sheet | None = None
    dpi: int = DPI
    codes: Codes | None = field(default=None, repr=False)
    symbol_size: SymbolSize = field(init=False)
    smallest_mm: float = field(init=False)
    _head: bytes = field(init=False, repr=False, compare=False)
    _pages: Pages = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check(self)
        object.__setattr__(self, "symbol_size", _symbol_size(self))
        draft = _Draft(self)
        object.__setattr__(self, "smallest_mm", draft.setting.smallest_mm)
        head, pages = draft.finished()
        object.__setattr__(self, "_head", head)
        object.__setattr__(self, "_pages", pages)
        if self.size > MAX_SIZE:
            raise PrintError(
                f"expected a file of at most {MAX_SIZE:,} bytes, got {self.size:,}; print the labels in volumes"
            )

    @property
    def suffix(self) -> str:
        """`pdf`."""
        return "pdf"

    @property
    def media_type(self) -> str:
        """RFC 8118."""
        return "application/pdf"

    @property
    def unit(self) -> int:
        """Labels a page."""
        return self.geometry.cells

    @property
    def geometry(self) -> Sheet:
        """The sheet, or a page as large as the label."""
        return self.sheet or Sheet.roll(self.design)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._pages.size

    @property
    def notes(self) -> Sequence[str]:
        """Pages, sizes and warnings."""
        sheet, count = self.geometry, self._pages.count
        return (
            f"{count:,} page{'' if count == 1 else 's'} of {sheet.width:g} x {sheet.height:g} mm ({sheet.name}), "
            f"{self.unit} label{'' if self.unit == 1 else 's'} of {self.design.width:g} x {self.design.height:g} mm "
            "a page. Print at actual size, not scaled to fit.",
            *self.symbol_size.notes,
            *self._small_type(),
        )

    def _small_type(self) -> list[str]:
        if self.smallest_mm >= SMALL_TYPE_MM:
            return []
        return [f"Warning: type of {self.smallest_mm:.1f} mm, so that all words fit; few people can read that."]

    def head(self) -> bytes:
        """Fonts, what the labels share, and the root of the tree of pages."""
        return self._head

    def body(self, strip: Strip) -> bytes:
        """The pages of a strip, which begins with a page. Raises `PrintError` for labels of another job."""
        page = self._page_of(strip)
        symbols = encoder(self.job.series, self.job.level, self.job.mask).encode(strip)
        return self._pages.made(page, tiles(symbols), self._digits(strip))

    def tail(self) -> bytes:
        """The tree of pages and the table of objects."""
        return self._pages.tail()

    def _page_of(self, strip: Strip) -> int:
        job, unit = self.job, self.unit
        page, aside = divmod(strip.first - job.first, unit)
        last = strip.first + len(strip) - 1
        if strip.series != job.series or not job.first <= strip.first <= last <= job.last:
            raise PrintError(
                f"expected labels {job.first} to {job.last} of {job.series.head}, "
                f"got {strip.first} to {last} of {strip.series.head}"
            )
        if aside or (len(strip) % unit and last != job.last):
            raise PrintError(f"expected whole pages of {unit} labels, got {len(strip)} labels from {strip.first}")
        return page

    def _digits(self, strip: Strip) -> Digits:
        indices = np.arange(strip.first, strip.first + len(strip))
        digits: dict[Kind, NDArray[np.int64]] = {Kind.SERIAL: indices[:, None] // _PLACES % 10}
        if self.codes:
            digits[Kind.HIDDEN_CODE] = _hidden(self.codes(strip.first, strip.first + len(strip) - 1), len(strip))
        return digits


class _Draft:
    """A file's head in the making: its objects, and what all its pages share."""

    def __init__(self, pdf: Pdf) -> None:
        self.pdf = pdf
        self.setting = Setting.of(pdf.design, pdf.job)
        self.objects = Objects()
        self.height = _in_dots(pdf.geometry.height, pdf.dpi)

    def finished(self) -> tuple[bytes, Pages]:
        objects, job = self.objects, self.pdf.job
        catalog, pages, info = objects.add(), objects.add(), objects.add()
        resources = self._resources()
        objects.put(catalog, b"<</Type/Catalog/Pages %d 0 R/ViewerPreferences<</PrintScaling/None>>>>" % PAGES_ROOT)
        objects.put(info, b"<</Title%b/Producer(TraceQR)>>" % words(_title(job)))
        entries = b"/MediaBox[%b]/Resources %d 0 R" % (numbers(0, 0, *self._paper()), resources)
        objects.put(pages, root(len(job), self.pdf.unit, objects.count, entries))
        head, offsets = objects.written()
        identity = hashlib.sha256(head + repr((job, self.pdf.sheet)).encode()).hexdigest()[:32].encode()
        return head, Pages(
            len(job), offsets, len(head), self._opening(), self._boxes(), self._cells(), self._numerals(), identity
        )

    def _paper(self) -> tuple[float, float]:
        """Whole dots, but for less than the last bit of a float could round up to another one."""
        return _in_dots(self.pdf.geometry.width, self.pdf.dpi) - _LESS_PT, self.height - _LESS_PT

    def _resources(self) -> int:
        """The number of the one dictionary of resources, which the shared drawing uses too."""
        objects, images = self.objects, self._images()
        fonts = [(font_name(each), add_font(objects, self.setting.font(each))) for each in self.setting.weights]
        fonts.append((b"Q", self._symbol_font()))
        resources = objects.add()
        drawing = shared(self.setting, self.pdf.geometry.bleed, [placed for _, _, placed in images])
        label = self._form(drawing, self._around(), resources)
        marks = self._form(self._marks(), numbers(0, 0, *self._paper()), resources)
        forms = [(b"L", label), (b"M", marks), *((name, order) for name, order, _ in images)]
        objects.put(resources, b"<</Font<<%b>>/XObject<<%b>>>>" % (_named(fonts), _named(forms)))
        return resources

    def _form(self, content: bytes, box: bytes, resources: int) -> int:
        entries = b"/Type/XObject/Subtype/Form/BBox[%b]/Resources %d 0 R" % (box, resources)
        return self.objects.add(stream(content, entries))

    def _around(self) -> bytes:
        """The label and its bleed, in points from the label's top left corner."""
        design, bleed = self.pdf.design, self.pdf.geometry.bleed
        sides = (-bleed, -design.height - bleed, design.width + bleed, bleed)
        return numbers(*(side * POINTS for side in sides))

    def _images(self) -> list[tuple[bytes, int, bytes]]:
        """The name, the number and the drawing of each logo."""
        found = []
        for at, item in enumerate(self.pdf.design.of(Kind.LOGO)):
            logo, name = Logo.read(item.picture, item.box), b"I%d" % at
            entries = (
                b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8"
                b"/Filter/FlateDecode" % (logo.width, logo.height)
            )
            order = self.objects.add(stream(logo.content, entries))
            found.append((name, order, placed_image(name, item, logo.width, logo.height)))
        return found

    def _symbol_font(self) -> int:
        """Type 3: each glyph is a content stream (ISO 32000-1, section 9.6.5)."""
        codes = range(FIRST, LAST + 1)
        procs = [(b"t%d" % code, self.objects.add(stream(drawn))) for code, drawn in zip(codes, glyphs(), strict=True)]
        names = b"".join(b"/t%d" % code for code in codes)
        widths = b" ".join([b"1"] * len(codes))
        # Whoever selects the text of a page gets no rubbish for the symbols.
        unicode = self.objects.add(stream(to_unicode(dict.fromkeys(codes, " "), 1), packed=True))
        return self.objects.add(
            b"<</Type/Font/Subtype/Type3/FontBBox[0 0 1 %d]/FontMatrix[1 0 0 1 0 0]/FirstChar %d/LastChar %d/Widths[%b]"
            b"/Encoding<</Type/Encoding/Differences[%d%b]>>/CharProcs<<%b>>/Resources<<>>"
            b"/ToUnicode %d 0 R>>" % (TILE, FIRST, LAST, widths, FIRST, names, _named(procs), unicode)
        )

    def _marks(self) -> bytes:
        lines = self.pdf.geometry.crop_marks(self.pdf.design)
        drawn = [
            b"%b m %b l" % (numbers(*self._point(line.x1, line.y1)), numbers(*self._point(line.x2, line.y2)))
            for line in lines
        ]
        return b"0 G %b w %b S" % (number(_MARK_PT), b" ".join(drawn)) if drawn else b""

    def _point(self, x: float, y: float) -> tuple[float, float]:
        return x * POINTS, self.height - y * POINTS

    def _opening(self) -> bytes:
        return b"/M Do\n" if self.pdf.geometry.marks else b""

    def _boxes(self) -> bytes:
        """Where a label a page is cut, and what is drawn beyond (ISO 32000-1, section 14.11.2)."""
        bleed = self.pdf.geometry.bleed
        if self.pdf.unit > 1 or not bleed:
            return b""
        width, height = self._paper()
        trim = (bleed * POINTS, bleed * POINTS, width - bleed * POINTS, height - bleed * POINTS)
        return b"/BleedBox[%b]/TrimBox[%b]" % (numbers(0, 0, width, height), numbers(*trim))

    def _cells(self) -> tuple[Cell, ...]:
        return tuple(self._cell(x, y) for x, y in self.pdf.geometry.places(self.pdf.design))

    def _cell(self, x: float, y: float) -> Cell:
        """A label whose top left corner is at (x, y) mm. Its symbol begins at the nearest whole dot."""
        size, box, dpi = self.pdf.symbol_size, self.pdf.design.symbol.box, self.pdf.dpi
        aside = (box.width - size.whole_mm) / 2 + QUIET_ZONE * size.module_mm
        corner = _in_dots(x + box.x + aside, dpi), self.height - _in_dots(y + box.y + aside, dpi)
        return cell(self.setting, size, self._point(x, y), corner)

    def _numerals(self) -> dict[Weight, bytes]:
        return {weight: self.setting.font(weight).hex("0123456789") for weight in self.setting.weights}


def _hidden(codes: Sequence[str], count: int) -> NDArray[np.int64]:
    """The digits of hidden codes, shape (labels, 12)."""
    if len(codes) != count or not all(map(_TWELVE_DIGITS.fullmatch, codes)):
        raise PrintError(f"expected hidden codes of 12 digits for {count} labels, got others")
    digits = np.frombuffer("".join(codes).encode("ascii"), np.uint8).reshape(count, -1)
    return digits.astype(np.int64) - ord("0")


def _in_dots(length_mm: float, dpi: int) -> float:
    """A length as the nearest whole number of dots, in points."""
    return round(length_mm * POINTS * dpi / _INCH_PT) * _INCH_PT / dpi


def _named(objects: Sequence[tuple[bytes, int]]) -> bytes:
    return b"".join(b"/%b %d 0 R" % each for each in objects)


def _title(job: Job) -> str:
    first, last = (Serial(job.series.batch, index).readable for index in (job.first, job.last))
    return f"{cleaned(job.imprint.product_name)} {first} - {last}".strip()


def _symbol_size(pdf: Pdf) -> SymbolSize:
    return SymbolSize.fit(modules(pdf.job), pdf.design.symbol.box.width, pdf.dpi)


def _check(pdf: Pdf) -> None:
    """Raise `PrintError` for what does not go together."""
    job, unit = pdf.job, pdf.unit
    if len(job) < 1:
        raise PrintError(f"expected a first label up to the last, got {job.first} to {job.last}")
    if math.ceil(len(job) / unit) > MAX_PAGES:
        raise PrintError(
            f"expected at most {MAX_PAGES:,} pages in one file, got {len(job):,} labels on pages of {unit}; "
            "print them in volumes"
        )
    if pdf.design.asks_for_hidden_code and not pdf.codes:
        raise PrintError(f"expected hidden codes for design {pdf.design.name!r}, which prints them, got none")
    if pdf.codes and not pdf.design.asks_for_hidden_code:
        raise PrintError(f"expected a design with a place for hidden codes, got {pdf.design.name!r}")

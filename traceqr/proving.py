"""Proving labels: some are made exactly as they are printed, read back as a phone reads them, and checked.

Where this program draws the symbols, pages are rendered at the printer's resolution and read from the picture. Where
others draw them (a table for a label program, a command for a printer), the text that they are to draw is read: that it
scans is for a printed one to show.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image, ImageDraw

from traceqr.errors import TraceqrError
from traceqr.exporting import Plan
from traceqr.label.format import InvalidLabel, Label
from traceqr.label.serial import Serial
from traceqr.printing.design import Kind
from traceqr.printing.format import Format, Job
from traceqr.printing.pdf import Pdf
from traceqr.printing.rasters import PAPER, RASTERS, words_of_pdf
from traceqr.producing import Work

MAX_SAMPLE = 1_000
"""Labels proven at once: every one is named on the ledger."""

Corners = tuple[tuple[int, int], ...]
"""Of a code on a page, in dots: x to the right, y down."""

_QR_CODE = zxingcpp.barcode_formats_from_str("QRCode")
_READINGS = 64
"""Times that a page is read at most."""

_TEXT = re.compile(rb"https?://[^\s\",;^]+/01/[0-9]{14}/21/[0-9]{16}[?]s=[0-9]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Proven:
    """A label that was to be read: what is wrong with it, or None."""

    index: int
    serial: str
    fault: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """Labels that were read back. `drawn` says whether from pictures; `strange` counts codes that are none of them."""

    drawn: bool
    dpi: int
    labels: tuple[Proven, ...]
    strange: int

    @property
    def holds(self) -> bool:
        """Whether every label was read, and is what it should be."""
        return not self.strange and all(label.fault is None for label in self.labels)


def windows(first: int, last: int, unit: int, sample: int) -> list[tuple[int, int]]:
    """First and last labels of whole pages of `unit`, evenly spread over a range, that hold about `sample` labels or
    more: the first and the last page are among them, unless one label is asked for. All, where there are not so many.
    """
    pages = -(-(last - first + 1) // unit)
    wanted = min(pages, max(-(-sample // unit), min(sample, 2)))
    chosen = sorted({at * (pages - 1) // max(1, wanted - 1) for at in range(wanted)})
    return [(first + page * unit, min(first + page * unit + unit - 1, last)) for page in chosen]


def require_readable(name: str, drawn: bool) -> None:
    """Raise `ProofError` for a format whose pictures cannot be made into dots here."""
    if drawn and name not in RASTERS:
        known = ", ".join(sorted({*RASTERS, "csv", "txt"}))
        raise ProofError(f"expected a format that can be proven ({known}), got {name}")


def prove(
    plan: Plan,
    private: Ed25519PrivateKey,
    name: str,
    dpi: int,
    drawn: bool,
    chosen: Sequence[tuple[int, int]],
    part: Callable[[int, int], tuple[Job, Format]],
) -> Proof:
    """Make the chosen labels as files of their own in a format, read them, and check seal and serial of each.

    Raises `ProofError` for a format of which nothing can be read back.
    """
    require_readable(name, drawn)
    proven: list[Proven] = []
    strange = 0
    for first, last in chosen:
        job, form = part(first, last)
        content = form.head() + Work.of(form, job, step=last - first + 1).body(private, first, last) + form.tail()
        texts = list(_drawn(name, content, dpi)) if drawn else [text.decode() for text in _TEXT.findall(content)]
        judged = [_judged(plan, index, texts) for index in range(first, last + 1)]
        strange += len(texts) - sum(label.fault is None for label in judged)
        proven += _also_said(form, plan, judged, words_of_pdf(content)) if isinstance(form, Pdf) else judged
    return Proof(drawn, dpi, tuple(proven), strange)


class ProofError(TraceqrError):
    """Labels that cannot be proven in this format."""


def _drawn(name: str, content: bytes, dpi: int) -> Iterator[str]:
    for image in RASTERS[name](content, dpi):
        yield from _texts(image)


def _texts(image: Image.Image) -> Iterator[str]:
    """The text of each code. On a page of a hundred symbols a reader takes corners of several for one: so what was read
    is painted over, and the page is read again until nothing more is found. What was not painted over well enough is
    read twice, and is still one code.
    """
    paint = ImageDraw.Draw(image)
    read: dict[str, list[Corners]] = {}
    for _ in range(_READINGS):
        found = zxingcpp.read_barcodes(image, formats=_QR_CODE, text_mode=zxingcpp.TextMode.Plain)
        if not found:
            return
        for code in found:
            at = code.position
            four = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
            corners = tuple((corner.x, corner.y) for corner in four)
            if not any(is_same_place(corners, before) for before in read.get(code.text, ())):
                read.setdefault(code.text, []).append(corners)
                yield code.text
            paint.polygon(corners, fill=PAPER)


def is_same_place(corners: Corners, before: Corners) -> bool:
    """Whether the middle of a code lies within the corners of another, roughly: no two codes of a page do so."""
    middle = [sum(values) / len(corners) for values in zip(*corners, strict=True)]
    sides = zip(middle, zip(*before, strict=True), strict=True)
    return all(min(values) <= value <= max(values) for value, values in sides)


def _words(form: Pdf, plan: Plan, index: int) -> dict[str, str]:
    """What stands on a label in digits, by what it is."""
    words = {}
    if form.design.of(Kind.SERIAL):
        words["serial"] = str(Serial(plan.batch.number, index))
    if form.codes:
        words["hidden code"] = form.codes(index, index)[0]
    return words


def _also_said(form: Pdf, plan: Plan, judged: Sequence[Proven], said: str) -> list[Proven]:
    """The same, with words that are not beside their own symbol found wrong: they follow each other as labels do."""
    found, at = [], 0
    for label in judged:
        places = {what: said.find(digits, at) for what, digits in _words(form, plan, label.index).items()}
        missing = next((what for what, place in places.items() if place < 0), None)
        if missing and not label.fault:
            found.append(replace(label, fault=f"its {missing} in words is another"))
        else:
            found.append(label)
        at = max(at, *places.values()) if places else at
    return found


def _judged(plan: Plan, index: int, texts: Sequence[str]) -> Proven:
    serial = Serial(plan.batch.number, index)
    return Proven(index, str(serial), _fault(plan, serial, texts))


def _fault(plan: Plan, serial: Serial, texts: Sequence[str]) -> str | None:
    mine = [text for text in texts if f"/21/{serial}?" in text]
    if not mine:
        return "it was not read"
    if len(mine) > 1:
        return f"it was read {len(mine)} times"
    try:
        label = Label.parse(mine[0])
    except InvalidLabel as error:
        return str(error)
    if (label.gtin, str(label.origin)) != (plan.series.gtin, plan.batch.origin):
        return "its product or its host is another"
    if (label.seal.key, label.seal.pledge) != (plan.batch.key_number, plan.batch.pledge):
        return "its seal names another key or pledge"
    if not label.seal.holds(plan.key.verifier, label.gtin, label.serial):
        return "its seal does not hold"
    return None

"""The record of an inspection as a PDF: pages of A4 in the usual order, with the signatures as they were drawn.

The same content gives the same bytes. Its symbol leads to the page of the inspection, for those who may see it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    Image,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
)
from reportlab.platypus import Table as Grid

from traceqr.certifying.lettering import BOLD, REGULAR, draw_symbol, register
from traceqr.minuting.content import MAX_PICTURE_BYTES, Content, Label, Picture, Section, Signed, Table

WIDTH, HEIGHT = A4
MM = 72 / 25.4
SIDE, TOP, BOTTOM = 20 * MM, 20 * MM, 30 * MM
INNER = WIDTH - 2 * SIDE

MAX_LINES, MAX_ROW = 300, 30
"""Of one grid, and of one row: each new page measures what is left of both again, so a long one costs by the square of
its length.
"""

_INK, _SOFT, _LINE = Color(0.114, 0.102, 0.086), Color(0.365, 0.337, 0.294), Color(0.78, 0.74, 0.66)
_PAD = 3
_SIGNATURE = (80 * MM, 26 * MM)


def _style(name: str, size: float, font: str = REGULAR, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        name, fontName=font, fontSize=size, leading=size * 1.5, textColor=_INK, wordWrap="CJK", **more
    )


_BODY = _style("body", 10)
_SMALL = _style("small", 8.5)
_HEAD = _style("head", 8.5, BOLD)
_TITLE = _style("title", 20, BOLD, alignment=1)
_SECTION = _style("section", 11.5, BOLD, spaceBefore=8, spaceAfter=3)
_CENTRED = _style("centred", 10, alignment=1)


def draw(content: Content) -> bytes:
    """The PDF. Raises `PrintError` where the font files are missing."""
    register()
    out = io.BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        invariant=1,
        pageCompression=1,
        lang="zh-CN",
        title=f"{content.title[0]} {content.number}",
        author=content.organisation_zh,
        creator="TraceQR",
    )
    frame = Frame(SIDE, BOTTOM, INNER, HEIGHT - TOP - BOTTOM, 0, 0, 0, 0)
    document.addPageTemplates(
        PageTemplate(frames=[frame], onPage=lambda canvas, document: _foot(canvas, content, document.page))
    )
    document.build(list(_story(content)))
    return out.getvalue()


def _story(content: Content) -> Iterator[Flowable]:
    yield _words(content.title[0], _TITLE)
    yield _words(content.title[1], _CENTRED)
    yield _words(f"{content.organisation_zh} {content.organisation_en}", _CENTRED)
    if content.withdrawn:
        yield _words("本笔录已撤回 Withdrawn", _style("withdrawn", 13, BOLD, alignment=1))
    yield Spacer(1, 4 * MM)
    yield _grid([[_label(label), _words(value, _BODY)] for label, value in content.facts], (28, 72))
    for section in content.sections:
        yield from _section(section)
    yield KeepTogether([_heading(("签名", "Signatures")), *_signatures(content)])
    yield from _pictures(content.pictures)


def _section(section: Section) -> Iterator[Flowable]:
    yield _heading(section.title)
    for line in section.text.split("\n") if section.text else ():
        yield _words(line, _BODY)
    if section.table is not None:
        yield from _grids(section.table)


def _heading(title: Label) -> Paragraph:
    soft = f'<font name="{REGULAR}" size="8.5" color="#5d564b">{escape(title[1])}</font>'
    return Paragraph(f"{escape(title[0])} {soft}", _SECTION)


def _label(label: Label) -> Paragraph:
    return Paragraph(f'{escape(label[0])}<br/><font size="7" color="#5d564b">{escape(label[1])}</font>', _SMALL)


def _words(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text).replace("\n", "<br/>") or "&nbsp;", style)


def _grids(table: Table) -> Iterator[Grid]:
    """A table, in as many grids as its length asks for."""
    for rows in pieces(table.rows):
        heads = [_words(head, _HEAD) for head in table.heads]
        yield _grid([heads, *([_words(cell, _SMALL) for cell in row] for row in rows)], table.widths, repeat=1)


def pieces(rows: Sequence[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    """Rows, as many together as have `MAX_LINES` lines. One that is tall itself is cut first."""
    piece: list[Sequence[str]] = []
    lines = 0
    for row in (part for whole in rows for part in _cut(whole)):
        tall = max(cell.count("\n") + len(cell) // 10 + 1 for cell in row)
        if piece and lines + tall > MAX_LINES:
            yield piece
            piece, lines = [], 0
        piece.append(row)
        lines += tall
    if piece:
        yield piece


def _cut(row: Sequence[str]) -> Iterator[Sequence[str]]:
    """A row as several of `MAX_ROW` lines at most: of a cell that has more the rest stands below."""
    cells = [cell.split("\n") for cell in row]
    for first in range(0, max(map(len, cells)), MAX_ROW):
        yield tuple("\n".join(lines[first : first + MAX_ROW]) for lines in cells)


def _grid(rows: list[list[Any]], widths: tuple[int, ...], repeat: int = 0) -> Grid:
    style = [
        ("GRID", (0, 0), (-1, -1), 0.5, _LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        *((edge, (0, 0), (-1, -1), _PAD) for edge in ("TOPPADDING", "BOTTOMPADDING", "LEFTPADDING", "RIGHTPADDING")),
    ]
    return Grid(
        rows, colWidths=[INNER * part / sum(widths) for part in widths], repeatRows=repeat, style=style, splitInRow=1
    )


class _Drawn(Flowable):  # type: ignore[misc]
    """A signature: its strokes, in a field that it is scaled into."""

    def __init__(self, signed: Signed) -> None:
        super().__init__()
        self.width, self.height = _SIGNATURE
        self._strokes = signed.strokes

    def draw(self) -> None:
        """See `Flowable.draw`: the origin is the field's lower left corner, that of the strokes the upper left."""
        canvas, points = self.canv, [point for stroke in self._strokes for point in stroke]
        left, top = min(x for x, _ in points), min(y for _, y in points)
        across = max(1.0, max(x for x, _ in points) - left)
        down = max(1.0, max(y for _, y in points) - top)
        scale = min((self.width - 8) / across, (self.height - 8) / down, self.width / 1000)
        canvas.setStrokeColor(_INK)
        canvas.setLineWidth(1.1)
        canvas.setLineCap(1)
        canvas.setLineJoin(1)
        for stroke in self._strokes:
            path = canvas.beginPath()
            placed = [(4 + (x - left) * scale, self.height - 4 - (y - top) * scale) for x, y in stroke]
            path.moveTo(*placed[0])
            for point in placed[1:] or placed:
                path.lineTo(*point)
            canvas.drawPath(path, stroke=1, fill=0)


def _signatures(content: Content) -> Iterator[Flowable]:
    rows = [
        [_label(signed.role), _words(f"{signed.name}\n{signed.at}", _SMALL), _Drawn(signed)]
        for signed in content.signatures
    ]
    yield _grid(rows, (18, 32, 50))


def _pictures(pictures: tuple[Picture, ...]) -> Iterator[Flowable]:
    """Photos as they are, one under the other, as long as all together are not too large."""
    left = MAX_PICTURE_BYTES
    for picture in pictures:
        if picture.content is None or len(picture.content) > left:
            continue
        left -= len(picture.content)
        width, height = ImageReader(io.BytesIO(picture.content)).getSize()
        scale = min(INNER / width, 110 * MM / height)
        shown = Image(io.BytesIO(picture.content), width * scale, height * scale)
        yield KeepTogether([Spacer(1, 4 * MM), shown, _words(picture.caption, _SMALL)])


def _foot(canvas: Canvas, content: Content, page: int) -> None:
    side = 20 * MM
    draw_symbol(canvas, content.address, WIDTH - SIDE - side, 7 * MM, side)
    canvas.setFillColor(_SOFT)
    canvas.setFont(REGULAR, 7)
    lines = (
        f"笔录编号 {content.number}    第 {page} 页 Page {page}",
        f"SHA-256 {content.digest}",
        f"公开账簿 Ledger entry {content.position}    {content.address}",
        "以系统中签名的电子笔录为准。Only the signed entries in the system count.",
    )
    for place, line in enumerate(lines):
        canvas.drawString(SIDE, (22 - place * 4) * MM, line)

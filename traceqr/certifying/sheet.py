"""Pages of A4 with running text and tables, as documents of many pages have them; and reports, which are only that.

The same content gives the same bytes: nothing of the instant or the machine that draws it goes in.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, PageTemplate, Paragraph, Spacer
from reportlab.platypus import Table as Grid

from traceqr.certifying.lettering import BOLD, REGULAR, draw_symbol, register
from traceqr.certifying.sections import Label, Report, Section, Table

WIDTH, HEIGHT = A4
MM = 72 / 25.4
SIDE, TOP, BOTTOM = 20 * MM, 20 * MM, 30 * MM
INNER = WIDTH - 2 * SIDE

MAX_LINES, MAX_ROW = 300, 30
"""Of one grid, and of one row: each new page measures what is left of both again, so a long one costs by the square of
its length.
"""

INK, SOFT, LINE = Color(0.114, 0.102, 0.086), Color(0.365, 0.337, 0.294), Color(0.78, 0.74, 0.66)
_PAD = 3


def style(name: str, size: float, font: str = REGULAR, **more: Any) -> ParagraphStyle:
    """A style of paragraphs, in the document's typeface."""
    told = {"fontName": font, "fontSize": size, "leading": size * 1.5, "textColor": INK, "wordWrap": "CJK", **more}
    return ParagraphStyle(name, **told)


BODY = style("body", 10)
SMALL = style("small", 8.5)
TITLE = style("title", 20, BOLD, alignment=1)
CENTRED = style("centred", 10, alignment=1)
_SPACED = style("spaced", 8.5, wordWrap=None)
"""For languages that have blanks between words."""

_HEAD = style("head", 8.5, BOLD)
_SECTION = style("section", 11.5, BOLD, spaceBefore=8, spaceAfter=3)
_WARNING = style("warning", 11, BOLD, alignment=1, spaceBefore=4)


class _Numbered(Canvas):  # type: ignore[misc]
    """Pages that are ended when all of them are set, so that the foot of each can say how many there are."""

    def __init__(self, foot: Callable[[Canvas, int, int], None], *args: Any, **told: Any) -> None:
        super().__init__(*args, **told)
        self._foot = foot
        self._set: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - the name is that of the library
        """See `Canvas.showPage`."""
        self._set.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """See `Canvas.save`."""
        for number, page in enumerate(self._set, 1):
            self.__dict__.update(page)
            self._foot(self, number, len(self._set))
            super().showPage()
        super().save()


def build(story: Iterable[Flowable], foot: Callable[[Canvas, int, int], None], **told: str) -> bytes:
    """The PDF of a story; `foot` draws what stands at the foot of a page of some number, of so many. `told` are title,
    author and language. Raises `PrintError` where the font files are missing.
    """
    register()
    out = io.BytesIO()
    document = BaseDocTemplate(out, pagesize=A4, invariant=1, pageCompression=1, creator="TraceQR", **told)
    frame = Frame(SIDE, BOTTOM, INNER, HEIGHT - TOP - BOTTOM, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[frame]))
    document.build(list(story), canvasmaker=partial(_Numbered, foot))
    return out.getvalue()


def draw(report: Report) -> bytes:
    """The PDF of a report."""
    told = {"title": report.title[0], "author": report.author, "lang": report.language}
    return build(_story(report), partial(_foot, report), **told)


def _story(report: Report) -> Iterator[Flowable]:
    yield words(report.title[0], TITLE)
    if report.title[1]:
        yield words(report.title[1], CENTRED)
    yield words(report.lead, CENTRED)
    for warning in report.warnings:
        yield words(warning, _WARNING)
    yield Spacer(1, 4 * MM)
    yield grid([[label(name), words(value, BODY)] for name, value in report.facts], (26, 74))
    for each in report.sections:
        yield from section(each, SMALL if report.is_chinese else _SPACED)


def _foot(report: Report, canvas: Canvas, page: int, pages: int) -> None:
    side = 20 * MM
    draw_symbol(canvas, report.address, WIDTH - SIDE - side, 7 * MM, side)
    foot_lines(canvas, (*report.foot, report.paging % {"page": page, "pages": pages}))


def foot_lines(canvas: Canvas, lines: Sequence[str]) -> None:
    """Small lines beside the symbol at the foot of a page."""
    canvas.setFillColor(SOFT)
    canvas.setFont(REGULAR, 7)
    for place, line in enumerate(lines):
        canvas.drawString(SIDE, (22 - place * 4) * MM, line)


def section(part: Section, cells: ParagraphStyle = SMALL) -> Iterator[Flowable]:
    """A section: its title, its words line by line, its table."""
    yield CondPageBreak((25 if part.table is None else 50) * MM)
    yield heading(part.title)
    for line in part.text.split("\n") if part.text else ():
        yield words(line, BODY)
    if part.table is not None:
        yield from _grids(part.table, cells)


def heading(title: Label) -> Paragraph:
    """The title of a section."""
    soft = f' <font name="{REGULAR}" size="8.5" color="#5d564b">{escape(title[1])}</font>' if title[1] else ""
    return Paragraph(f"{escape(title[0])}{soft}", _SECTION)


def label(name: Label) -> Paragraph:
    """What a fact is called."""
    soft = f'<br/><font size="7" color="#5d564b">{escape(name[1])}</font>' if name[1] else ""
    return Paragraph(f"{escape(name[0])}{soft}", SMALL)


def words(text: str, form: ParagraphStyle) -> Paragraph:
    """A text, with its line breaks."""
    return Paragraph(escape(text).replace("\n", "<br/>") or "&nbsp;", form)


def _grids(table: Table, form: ParagraphStyle) -> Iterator[Grid]:
    """A table, in as many grids as its length asks for. Rows that fit on a page are not cut."""
    for rows in pieces(table.rows):
        heads = [words(head, _HEAD) for head in table.heads]
        cells = [[words(cell, form) for cell in row] for row in rows]
        yield grid([heads, *cells], table.widths, repeat=1, is_cut=any(_is_tall(row, table.widths) for row in rows))


def _is_tall(row: Sequence[str], widths: Sequence[int]) -> bool:
    """Whether a row might be taller than a page, if all characters are as wide as Chinese ones."""
    room = [(INNER * part / sum(widths) - 2 * _PAD) // SMALL.fontSize for part in widths]
    tall = (sum(len(line) // across + 1 for line in cell.split("\n")) for cell, across in zip(row, room, strict=True))
    return bool(max(tall) * SMALL.leading > (HEIGHT - TOP - BOTTOM) * 0.9)


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


def grid(rows: list[list[Any]], widths: Sequence[int], repeat: int = 0, *, is_cut: bool = True) -> Grid:
    """Cells between rules, as wide as the page; the first `repeat` rows stand on each page again. A row that does not
    fit goes on on the next page, if it may be cut.
    """
    form = [
        ("GRID", (0, 0), (-1, -1), 0.5, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        *((edge, (0, 0), (-1, -1), _PAD) for edge in ("TOPPADDING", "BOTTOMPADDING", "LEFTPADDING", "RIGHTPADDING")),
    ]
    return Grid(
        rows,
        colWidths=[INNER * part / sum(widths) for part in widths],
        repeatRows=repeat,
        style=form,
        splitInRow=int(is_cut),
    )

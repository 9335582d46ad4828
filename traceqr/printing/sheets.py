"""Sheets of labels: paper, rows and columns, margins and gaps, bleed and crop marks; and rolls, a label a page.

All lengths are millimetres, from the top left corner of the paper.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from traceqr.printing.design import Design
from traceqr.printing.format import PrintError
from traceqr.printing.toml import Table, toml_text, toml_values

PAPERS = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}
"""ISO 216 and ANSI/ASME Y14.1."""

MARGIN_MM = 7.0
"""White border of a sheet that is filled: office printers leave up to 5 mm blank, and crop marks stand in it."""

MARK_MM = 4.0
"""Length of a crop mark, where the margin has room for it."""

MARK_OFFSET_MM = 1.0
"""Distance of a crop mark from the label, or from its bleed, so that it is cut away."""

SHORTEST_MARK_MM = 1.5
MAX_BLEED_MM = 10.0
MAX_CELLS = 2_000
PAPER_MM = (10.0, 1_200.0)
_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line, such as a crop mark."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A grid of cells on paper, filled row by row. A label stands in the middle of its cell.

    `left` and `top` are the margins before the first cell, `gap_x` and `gap_y` the distances between cells. `bleed` is
    how far what touches a label's edge is drawn beyond it. Raises `PrintError` for a grid that the paper does not hold.
    """

    name: str
    width: float
    height: float
    columns: int
    rows: int
    cell_width: float
    cell_height: float
    left: float
    top: float
    gap_x: float = 0.0
    gap_y: float = 0.0
    bleed: float = 0.0
    marks: bool = False

    def __post_init__(self) -> None:
        _check(self)

    @classmethod
    def filled(
        cls,
        paper: str,
        design: Design,
        *,
        margin: float = MARGIN_MM,
        gap: float = 0.0,
        bleed: float = 0.0,
        marks: bool = True,
    ) -> Sheet:
        """As many labels of a design as the paper holds, in the middle of it; `PrintError` when that is none."""
        width, height = _paper(paper)
        _check_number("margin", margin, 0, width / 2)
        _check_number("gap", gap, 0, width)
        columns, rows = (_count(side - 2 * margin, cell, gap) for side, cell in _sides(width, height, design))
        if not columns or not rows:
            raise PrintError(
                f"expected a label that fits {paper} with margins of {margin:g} mm, "
                f"got {design.width:g} x {design.height:g} mm"
            )
        return cls(
            paper,
            width,
            height,
            columns,
            rows,
            design.width,
            design.height,
            left=(width - _extent(columns, design.width, gap)) / 2,
            top=(height - _extent(rows, design.height, gap)) / 2,
            gap_x=gap,
            gap_y=gap,
            bleed=bleed,
            marks=marks,
        )

    @classmethod
    def roll(cls, design: Design, *, bleed: float = 0.0) -> Sheet:
        """One label a page, in the label's own size, and its bleed around: for roll printers."""
        _check_number("bleed", bleed, 0, MAX_BLEED_MM)
        width, height = design.width + 2 * bleed, design.height + 2 * bleed
        return cls("roll", width, height, 1, 1, design.width, design.height, bleed, bleed, bleed=bleed)

    @property
    def cells(self) -> int:
        """Labels a page."""
        return self.columns * self.rows

    def places(self, design: Design) -> tuple[tuple[float, float], ...]:
        """Where the top left corner of each label comes, row by row. Raises `PrintError` when a label does not fit."""
        if design.width > self.cell_width + _SLACK or design.height > self.cell_height + _SLACK:
            raise PrintError(
                f"expected a label of at most {self.cell_width:g} x {self.cell_height:g} mm for {self.name}, "
                f"got design {design.name!r} of {design.width:g} x {design.height:g} mm"
            )
        aside = (self.cell_width - design.width) / 2
        above = (self.cell_height - design.height) / 2
        return tuple(
            (
                self.left + column * (self.cell_width + self.gap_x) + aside,
                self.top + row * (self.cell_height + self.gap_y) + above,
            )
            for row in range(self.rows)
            for column in range(self.columns)
        )

    @classmethod
    def read(cls, path: Path) -> Sheet:
        """A grid of one's own, from a TOML file with the names of the fields. Strict: raises `PrintError`."""
        values = toml_values("sheet", toml_text("a sheet", path))
        sides = ("width", "height", "cell_width", "cell_height", "left", "top")
        table = Table("sheet", values, {"name", "columns", "rows", *sides, "gap_x", "gap_y"})
        width, height, cell_width, cell_height, left, top = (table.number(side, 0, PAPER_MM[1]) for side in sides)
        columns, rows = (table.whole(name, 1, MAX_CELLS, 0) for name in ("columns", "rows"))
        gap_x, gap_y = (table.number(name, 0, PAPER_MM[1], 0.0) for name in ("gap_x", "gap_y"))
        name = table.text("name", 60) or "sheet"
        return cls(name, width, height, columns, rows, cell_width, cell_height, left, top, gap_x, gap_y)

    def crop_marks(self, design: Design) -> tuple[Line, ...]:
        """Short lines in the margins, two for each line that is cut; none where the sheet asks for none."""
        if not self.marks:
            return ()
        places = self.places(design)
        xs = sorted({round(x + side, 4) for x, _ in places for side in (0, design.width)})
        ys = sorted({round(y + side, 4) for _, y in places for side in (0, design.height)})
        across = [Line(x, start, x, end) for x in xs for start, end in _ends(ys, self.height, self.bleed)]
        along = [Line(start, y, end, y) for y in ys for start, end in _ends(xs, self.width, self.bleed)]
        return (*across, *along)


def _ends(cuts: list[float], length: float, bleed: float) -> Iterator[tuple[float, float]]:
    """A mark before the first cut and one after the last, as far as the paper reaches."""
    away = bleed + MARK_OFFSET_MM
    before, after = cuts[0] - away, cuts[-1] + away
    if min(before, length - after) < SHORTEST_MARK_MM:
        raise PrintError(
            f"expected margins of {away + SHORTEST_MARK_MM:g} mm at least for crop marks, "
            f"got {min(cuts[0], length - cuts[-1]):.1f} mm"
        )
    yield max(0.0, before - MARK_MM), before
    yield after, min(length, after + MARK_MM)


def sheet(
    name: str,
    design: Design,
    *,
    margin: float | None = None,
    gap: float | None = None,
    bleed: float = 0.0,
    marks: bool | None = None,
) -> Sheet:
    """`roll`; `A4` or `Letter`, filled, with margins, gaps and, unless told, crop marks; a label sheet of `SHEETS`, or
    one's own from a TOML file.

    Raises `PrintError` for a name that is none, for a design that does not fit, and for measures that a sheet does not
    take: those of label sheets are fixed, and a roll has a label a page.
    """
    name = next((known for known in ("roll", *PAPERS, *SHEETS) if known.lower() == name.lower()), name)
    if name in PAPERS:
        given = {"margin": MARGIN_MM if margin is None else margin, "gap": gap or 0.0, "bleed": bleed}
        return Sheet.filled(name, design, **given, marks=marks is not False)
    if margin is not None or gap is not None:
        raise PrintError(f"expected margin and gap with a sheet of {' or '.join(PAPERS)} alone, got them with {name!r}")
    if name == "roll":
        if marks:
            raise PrintError("expected a sheet with crop marks, got a roll, which has none")
        return Sheet.roll(design, bleed=bleed)
    if name not in SHEETS and not is_own(name):
        known = ", ".join(("roll", *PAPERS, *SHEETS))
        raise PrintError(f"expected a sheet of {known}, or a TOML file of your own, got {name!r}")
    grid = Sheet.read(Path(name)) if is_own(name) else SHEETS[name]
    made = replace(grid, bleed=bleed, marks=bool(marks))
    made.places(design)
    return made


def is_own(name: str) -> bool:
    """Whether a sheet is a file of one's own."""
    return name.lower().endswith(".toml")


def _paper(name: str) -> tuple[float, float]:
    try:
        return PAPERS[name]
    except KeyError as error:
        raise PrintError(f"expected paper of {', '.join(PAPERS)}, got {name!r}") from error


def _sides(width: float, height: float, design: Design) -> tuple[tuple[float, float], tuple[float, float]]:
    return (width, design.width), (height, design.height)


def _count(room: float, cell: float, gap: float) -> int:
    """How many cells fit."""
    return max(0, math.floor((room + gap) / (cell + gap) + _SLACK))


def _extent(cells: int, cell: float, gap: float) -> float:
    return cells * cell + (cells - 1) * gap


def _check(sheet: Sheet) -> None:
    for name in ("width", "height"):
        _check_number(name, getattr(sheet, name), *PAPER_MM)
    for name in ("left", "top", "gap_x", "gap_y"):
        _check_number(name, getattr(sheet, name), 0, PAPER_MM[1])
    _check_number("bleed", sheet.bleed, 0, MAX_BLEED_MM)
    if sheet.columns < 1 or sheet.rows < 1 or sheet.cells > MAX_CELLS:
        raise PrintError(f"expected 1 to {MAX_CELLS} labels a sheet, got {sheet.columns} x {sheet.rows}")
    right = sheet.left + _extent(sheet.columns, sheet.cell_width, sheet.gap_x)
    bottom = sheet.top + _extent(sheet.rows, sheet.cell_height, sheet.gap_y)
    if right > sheet.width + _SLACK or bottom > sheet.height + _SLACK:
        raise PrintError(
            f"expected labels within {sheet.width:g} x {sheet.height:g} mm, "
            f"got {sheet.columns} x {sheet.rows} that reach to {right:g} x {bottom:g} mm"
        )
    _check_bleed(sheet)


def _check_bleed(sheet: Sheet) -> None:
    """Bleeds of neighbours share the gap between them: none may reach over the other's label, or its quiet zone."""
    gaps = [gap for gap, count in ((sheet.gap_x, sheet.columns), (sheet.gap_y, sheet.rows)) if count > 1]
    if any(gap < 2 * sheet.bleed - _SLACK for gap in gaps):
        raise PrintError(f"expected gaps of twice the bleed of {sheet.bleed:g} mm, got {min(gaps):g} mm")


def _check_number(name: str, value: float, least: float, most: float) -> None:
    if not (math.isfinite(value) and least <= value <= most):
        raise PrintError(f"expected {name} from {least:g} to {most:g} mm, got {value:g}")


SHEETS = {
    sheet.name: sheet
    for sheet in (
        # Paper, columns x rows, size of a label: the name says what stands on the box of such sheets.
        Sheet("A4-3x8-70x37", *PAPERS["A4"], 3, 8, 70, 37, 0, 0.5),
        Sheet("A4-3x8-70x36", *PAPERS["A4"], 3, 8, 70, 36, 0, 4.5),
        Sheet("A4-3x7-63.5x38.1", *PAPERS["A4"], 3, 7, 63.5, 38.1, 7.25, 15.15, gap_x=2.5),
        Sheet("A4-2x7-99.1x38.1", *PAPERS["A4"], 2, 7, 99.1, 38.1, 4.65, 15.15, gap_x=2.5),
        Sheet("A4-3x4-63.5x72", *PAPERS["A4"], 3, 4, 63.5, 72, 7.25, 4.5, gap_x=2.5),
        Sheet("A4-4x12-45.7x21.2", *PAPERS["A4"], 4, 12, 45.7, 21.2, 9.85, 21.3, gap_x=2.5),
        Sheet("Letter-3x10-66.7x25.4", *PAPERS["Letter"], 3, 10, 66.675, 25.4, 4.7625, 12.7, gap_x=3.175),
        Sheet("Letter-2x5-101.6x50.8", *PAPERS["Letter"], 2, 5, 101.6, 50.8, 3.96875, 12.7, gap_x=4.7625),
        Sheet("Letter-2x3-101.6x84.7", *PAPERS["Letter"], 2, 3, 101.6, 84.667, 3.96875, 12.6995, gap_x=4.7625),
    )
}
"""Label sheets that shops sell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from traceqr.printing.design import BUILT_IN, built_in
from traceqr.printing.format import PrintError
from traceqr.printing.sheets import SHEETS, Sheet, sheet

CLASSIC = built_in("classic")
STRIP = built_in("strip")
GRID = Sheet("grid", 210, 297, 3, 8, 70, 37, 0, 0.5)


@pytest.mark.parametrize("name", SHEETS)
def test_label_sheets_are_as_their_names_say(name: str) -> None:
    made = SHEETS[name]
    paper, grid, cell = name.split("-")
    assert (made.width, made.height) == ({"A4": (210, 297), "Letter": (215.9, 279.4)}[paper])
    assert [made.columns, made.rows] == [int(each) for each in grid.split("x")]
    assert [made.cell_width, made.cell_height] == pytest.approx([float(each) for each in cell.split("x")], abs=0.05)


@pytest.mark.parametrize("name", SHEETS)
def test_label_sheets_stand_in_the_middle_of_their_paper(name: str) -> None:
    made = SHEETS[name]
    right = made.left + made.columns * made.cell_width + (made.columns - 1) * made.gap_x
    bottom = made.top + made.rows * made.cell_height + (made.rows - 1) * made.gap_y
    assert made.width - right == pytest.approx(made.left, abs=0.05)
    assert made.height - bottom == pytest.approx(made.top, abs=0.05)


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_each_design_fits_some_label_sheet_of_each_paper(name: str, paper: str) -> None:
    design = built_in(name)
    fitting = [
        each for each in SHEETS.values() if each.cell_width >= design.width and each.cell_height >= design.height
    ]
    assert any(each.name.startswith(paper) for each in fitting)


def test_places_go_row_by_row_in_the_middle_of_their_cells() -> None:
    places = GRID.places(STRIP)
    assert len(places) == GRID.cells == 24
    assert places[:4] == ((5, 4), (75, 4), (145, 4), (5, 41))


def test_filled_holds_as_many_as_fit() -> None:
    made = Sheet.filled("A4", CLASSIC)
    assert (made.columns, made.rows) == (4, 5)
    assert (made.left, made.top) == (25, 11)
    spaced = Sheet.filled("A4", CLASSIC, gap=4, bleed=2)
    assert (spaced.columns, spaced.rows) == (4, 4)
    assert spaced.places(CLASSIC)[1][0] - spaced.places(CLASSIC)[0][0] == 44


def test_roll_is_a_label_a_page() -> None:
    made = Sheet.roll(STRIP)
    assert (made.width, made.height, made.cells) == (60, 30, 1)
    assert made.places(STRIP) == ((0, 0),)
    bled = Sheet.roll(STRIP, bleed=3)
    assert (bled.width, bled.height) == (66, 36)
    assert bled.places(STRIP) == ((3, 3),)


def test_crop_marks_stand_in_the_margins_at_each_cut() -> None:
    made = Sheet.filled("A4", CLASSIC, gap=4, bleed=2)
    marks = made.crop_marks(CLASSIC)
    places = made.places(CLASSIC)
    assert len(marks) == 2 * (2 * made.columns + 2 * made.rows)
    left, top = places[0]
    right, bottom = places[-1][0] + CLASSIC.width, places[-1][1] + CLASSIC.height
    for mark in marks:
        assert (mark.x1 == mark.x2) != (mark.y1 == mark.y2)
        assert 0 <= mark.x1 <= mark.x2 <= 210
        assert 0 <= mark.y1 <= mark.y2 <= 297
        beside = max(mark.x1, mark.x2) <= left - 3 or min(mark.x1, mark.x2) >= right + 3
        above = max(mark.y1, mark.y2) <= top - 3 or min(mark.y1, mark.y2) >= bottom + 3
        assert beside or above


def test_neighbours_that_touch_share_a_mark() -> None:
    made = Sheet.filled("A4", CLASSIC)
    assert len(made.crop_marks(CLASSIC)) == 2 * (made.columns + 1 + made.rows + 1)


def test_no_marks_on_label_sheets_and_rolls() -> None:
    assert GRID.crop_marks(STRIP) == ()
    assert Sheet.roll(STRIP).crop_marks(STRIP) == ()


def test_no_room_for_marks() -> None:
    aside = replace(GRID, marks=True, cell_width=60, cell_height=30, top=20)
    with pytest.raises(PrintError, match=r"expected margins of 2.5 mm at least for crop marks, got 0.0 mm"):
        aside.crop_marks(STRIP)


def test_by_name() -> None:
    assert sheet("roll", STRIP) == Sheet.roll(STRIP)
    assert sheet("Letter", STRIP) == Sheet.filled("Letter", STRIP)
    assert sheet("A4-3x8-70x37", STRIP).cells == 24


def test_unknown_sheet() -> None:
    with pytest.raises(PrintError, match=r"expected a sheet of roll, A4, Letter, A4-3x8-70x37, .*, got 'A5'"):
        sheet("A5", STRIP)
    with pytest.raises(PrintError, match="expected paper of A4, Letter, got 'A5'"):
        Sheet.filled("A5", STRIP)


def test_design_that_does_not_fit_its_sheet() -> None:
    with pytest.raises(PrintError, match="at most 70 x 37 mm for A4-3x8-70x37, got design 'classic' of 40 x 55 mm"):
        sheet("A4-3x8-70x37", CLASSIC)


def test_design_that_does_not_fit_the_paper() -> None:
    with pytest.raises(PrintError, match="expected a label that fits A4 with margins of 90 mm, got 40 x 55 mm"):
        Sheet.filled("A4", CLASSIC, margin=90)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"columns": 4}, "expected labels within 210 x 297 mm, got 4 x 8 that reach to 280 x 296.5 mm"),
        ({"top": 2}, "that reach to 210 x 298 mm"),
        ({"columns": 0}, "expected 1 to 2000 labels a sheet, got 0 x 8"),
        ({"columns": 50, "rows": 50}, "expected 1 to 2000 labels a sheet, got 50 x 50"),
        ({"left": -1}, "expected left from 0 to 1200 mm, got -1"),
        ({"gap_x": float("nan")}, "expected gap_x from 0"),
        ({"bleed": 11}, "expected bleed from 0 to 10 mm, got 11"),
        ({"width": 1201}, "expected width from 10 to 1200 mm, got 1201"),
        ({"bleed": 2, "columns": 1, "gap_y": 3, "rows": 2}, "expected gaps of twice the bleed of 2 mm, got 3 mm"),
        ({"bleed": 2}, "expected gaps of twice the bleed of 2 mm, got 0 mm"),
    ],
)
def test_grid_that_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(PrintError, match=message):
        replace(GRID, **change)


@pytest.mark.parametrize(("option", "value"), [("margin", -1), ("margin", 106), ("gap", -1), ("gap", float("inf"))])
def test_filling_that_is_refused(option: str, value: float) -> None:
    with pytest.raises(PrintError, match=f"expected {option} from 0"):
        Sheet.filled("A4", CLASSIC, **{option: value})  # type: ignore[arg-type]

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceqr.printing.format import PrintError
from traceqr.printing.sizes import SMALLEST_MM, SymbolSize


@pytest.mark.parametrize(
    ("modules", "width", "dpi", "dots", "module"),
    [
        (45, 53.0, None, None, 1.0),
        (45, 32.0, 600, 14, 14 * 25.4 / 600),
        (45, 32.0, 300, 7, 7 * 25.4 / 300),
        (45, 32.0, 203, 4, 4 * 25.4 / 203),
        (57, 32.0, 203, 3, 3 * 25.4 / 203),
        # Exactly so many dots, in millimetres that no float holds.
        (45, 53 * 3 * 25.4 / 203, 203, 3, 3 * 25.4 / 203),
    ],
)
def test_fit(modules: int, width: float, dpi: int | None, dots: int | None, module: float) -> None:
    size = SymbolSize.fit(modules, width, dpi)
    assert (size.modules, size.dpi, size.dots) == (modules, dpi, dots)
    assert size.module_mm == pytest.approx(module)
    assert size.quiet_mm == pytest.approx(4 * module)
    assert size.side_mm == pytest.approx(modules * module)
    assert size.whole_mm == pytest.approx((modules + 8) * module)


@given(st.sampled_from(range(21, 58, 4)), st.floats(60, 200), st.integers(150, 2400))
def test_fits_and_no_dot_more_would(modules: int, width: float, dpi: int) -> None:
    size = SymbolSize.fit(modules, width, dpi)
    assert size.dots is not None
    assert size.whole_mm <= width * (1 + 1e-5)
    assert (modules + 8) * (size.dots + 1) * 25.4 / dpi > width
    assert size == SymbolSize.of_dots(modules, size.dots, dpi)


@pytest.mark.parametrize(
    ("module", "inside"), [(0.395, False), (0.396, True), (0.6, True), (0.990, True), (0.991, False)]
)
def test_size_at_checkout(module: float, inside: bool) -> None:
    size = SymbolSize(45, module)
    assert size.at_checkout is inside
    where = "inside" if inside else "below" if module < 0.5 else "above"
    assert f"is {where} the 0.396 to 0.990 mm" in size.notes[1]


def test_notes_say_the_size_in_words() -> None:
    assert SymbolSize.fit(45, 32, 203).notes == (
        "Symbol of 45 x 45 modules, 22.52 mm a side: module 0.500 mm (4 dots at 203 dpi), quiet zone 2.00 mm.",
        "The module is inside the 0.396 to 0.990 mm that GS1 asks for at retail checkout.",
    )


def warnings(size: SymbolSize) -> list[str]:
    return [note for note in size.notes if note.startswith("Warning")]


def test_warns_below_a_quarter_of_a_millimetre() -> None:
    assert "below 0.25 mm" in warnings(SymbolSize(45, 0.249))[0]
    assert not warnings(SymbolSize(45, 0.25))


@pytest.mark.parametrize(("dots", "dpi"), [(2, 203), (1, 100)])
def test_warns_of_few_dots(dots: int, dpi: int) -> None:
    (warning,) = warnings(SymbolSize.of_dots(45, dots, dpi))
    assert warning.startswith(f"Warning: {dots} dot")
    assert not warnings(SymbolSize.of_dots(45, 3, 203))


def test_never_claims_a_grade() -> None:
    for module in (0.17, 0.3, 0.6, 1.2):
        assert "grade" not in " ".join(SymbolSize(45, module).notes).lower()


@pytest.mark.parametrize("dpi", [None, 600, 300])
def test_too_small_to_print(dpi: int | None) -> None:
    with pytest.raises(PrintError, match=r"expected modules of 0.17 mm at least, got 0.\d+ mm; make the symbol 9.0 mm"):
        SymbolSize.fit(45, 8.5, dpi)
    assert SymbolSize(45, SMALLEST_MM).printable()


def test_less_than_a_dot_a_module() -> None:
    with pytest.raises(PrintError, match=r"expected a dot a module at least, got 10 mm for 53 modules .* 13.5 mm wide"):
        SymbolSize.fit(45, 10, 100)
    with pytest.raises(PrintError, match="expected a dot a module at least, got 0"):
        SymbolSize.of_dots(45, 0, 300)


@pytest.mark.parametrize("width", [0, -1, float("nan"), float("inf")])
def test_width_that_is_none(width: float) -> None:
    with pytest.raises(PrintError, match="expected a symbol of more than 0 mm"):
        SymbolSize.fit(45, width)


@pytest.mark.parametrize("dpi", [0, -300, 4801])
def test_printer_that_is_none(dpi: int) -> None:
    with pytest.raises(PrintError, match=f"expected a printer of 1 to 4800 dpi, got {dpi}"):
        SymbolSize.fit(45, 30, dpi)

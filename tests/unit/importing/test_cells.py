"""Single cells: what spreadsheets add is taken off, what they spoil is refused and explained."""

from __future__ import annotations

from datetime import date

import pytest

from traceqr.errors import TraceqrError
from traceqr.importing import cells
from traceqr.importing.cells import CellError, choice, clean


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("  tea ", "tea"),
        ("\u3000龙井\u3000", "龙井"),
        ("\u00a0tea\u00a0", "tea"),
        ("\t6901234567892", "6901234567892"),
        ('="6901234567892"', "6901234567892"),
        ("", ""),
        ("\r\n", ""),
        ("x" * 2000, "x" * 2000),
        ("a\u3000b", "a\u3000b"),
        ("-5 °C", "-5 °C"),
    ],
)
def test_clean(raw: str, text: str) -> None:
    assert clean(raw, lines=False) == text


@pytest.mark.parametrize("raw", ["a\nb", "a\r\nb", "a\rb"])
def test_lines(raw: str) -> None:
    assert clean(raw, lines=True) == "a\nb"
    with pytest.raises(CellError, match="expected one line, got"):
        clean(raw, lines=False)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("x" * 2001, "expected at most 2,000 characters, got 2,001"),
        ("a\0b", r"without control characters, got '\\x00'"),
        ("a\tb", r"without control characters, got '\\t'"),
        ("a\x1bb", r"without control characters, got '\\x1b'"),
        ("a\x85b", r"without control characters, got '\\x85'"),
        ("a\u202eb", r"without control characters, got '\\u202e'"),
        ("a\u2067b", r"without control characters, got '\\u2067'"),
        ("a\ud800b", r"without control characters, got '\\ud800'"),
        ("a\ufffdb", "lost in an earlier conversion"),
        ("#N/A", "Excel's error '#N/A'"),
        ("#REF!", "Excel's error '#REF!'"),
        ("#name?", "Excel's error '#name[?]'"),
        ("########", "Excel's error '########'"),
    ],
)
def test_what_no_column_takes(raw: str, message: str) -> None:
    with pytest.raises(CellError, match=message):
        clean(raw, lines=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("6.90123E+12", "expected a GTIN of .*; Excel has shortened a long number: format the column as text"),
        ("6.90E+12", "Excel has shortened a long number"),
        ("6901234567892.0", "Excel took it for a number"),
        ("1234567890000000", "expected a GTIN of .*; Excel keeps 15 digits"),
        ("12345678901", r"expected a GTIN of .*; Excel drops zeros in front of a number"),
        ("6901234567893", "expected check digit 2 at the end of GTIN '06901234567893', got 3$"),
        ("６９０１２３４５６７８９２", "expected a GTIN of .*full width .全角.: type them in half width .半角.$"),
    ],
)
def test_gtin_that_is_none(text: str, message: str) -> None:
    with pytest.raises(TraceqrError, match=message):
        cells.gtin(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9.1330000123E+17", "expected a unified social credit code.*; Excel has shortened"),
        ("913300001234567000", "expected check character .* unified social credit code.*; Excel keeps 15 digits"),
        (
            "91330000123456789F",
            "expected check character 'E' at the end of .* '91330000123456789F', got 'F'.*mistyped$",
        ),
        ("９1330000123456789E", "expected the code spelled '91330000123456789E', got .*; it has digits .* full width"),
        (
            "91330000Ｆ23456789E",
            "got '91330000Ｆ23456789E' with 'Ｆ' in place 9; it has digits or letters of full width",
        ),
        ("91330000123456789e", "expected the code spelled '91330000123456789E', got"),
    ],
)
def test_uscc_that_is_none(text: str, message: str) -> None:
    with pytest.raises(TraceqrError, match=message):
        cells.uscc(text)


@pytest.mark.parametrize(
    "text",
    ["2026-09-01", "2026-9-1", "2026/9/1", "2026/09/01", "2026/9/1 0:00", "2026/9/1 00:00:00", "2026年9月1日"],
)
def test_day(text: str) -> None:
    assert cells.day(text) == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9/1/2026", "expected a date such as 2026-09-01 or 2026/9/1, got '9/1/2026'$"),
        ("1-Sep-26", "expected a date such as"),
        ("2026/9/1 8:30", "expected a date such as"),
        ("46266", "it is Excel's number of a day: format the column as a date"),
        ("2026-02-30", "expected a day of the calendar, got '2026-02-30'"),
        ("1899/12/30", "expected a date from 2000 to 2199"),
        ("9999-12-31", "expected a date from 2000 to 2199"),
        ("２０２６-09-01", "expected a date such as .*; it has digits or letters of full width"),
    ],
)
def test_day_that_is_none(text: str, message: str) -> None:
    with pytest.raises(CellError, match=message):
        cells.day(text)


def test_region() -> None:
    assert cells.region("330100") == "330100"
    with pytest.raises(CellError, match=r"expected a region of 6 digits.*, got '0'; Excel drops zeros in front"):
        cells.region("0")
    with pytest.raises(CellError, match=r"got '浙江'$"):
        cells.region("浙江")


def test_choice() -> None:
    choose = choice({"gtin": ("商品条码",), "prefix": ()})
    assert [choose("gtin"), choose("GTIN"), choose("商品条码")] == ["gtin"] * 3
    with pytest.raises(CellError, match=r"expected gtin [(]商品条码[)] or prefix, got 'both'"):
        choose("both")


@pytest.mark.parametrize("text", ["400-000-0000", "+86 10 0000 0000", "(010) 00000000", "12315"])
def test_phone(text: str) -> None:
    assert cells.phone(text) == text


@pytest.mark.parametrize("text", ["*2767*3855#", "tel:10086", "400-000-0000;ext=1", "+", "12", "1" * 40, "４００"])
def test_what_a_phone_would_not_dial_or_should_not(text: str) -> None:
    with pytest.raises(CellError, match="expected a telephone number"):
        cells.phone(text)

"""Tables as spreadsheets write them: delimiters, headers, rows, limits, and a fault for everything that is wrong."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceqr.importing import table as tables
from traceqr.importing.cells import MAX_CELL, choice, gtin
from traceqr.importing.fault import MAX_FAULTS, Fault, ImportRefused
from traceqr.importing.table import Column, Sheet, Table, letter, parse_table

TABLE = Table(
    columns=(
        Column("code", ("商品条码", "条码")),
        Column("name_zh", ("名称",)),
        Column("note", ("备注",), required=False, lines=True),
        Column("picture", ("图片",), required=False, empty=None),
    ),
    key=("code",),
)
COLUMNS = "code (商品条码), name_zh (名称), note (备注), picture (图片)"


def parse(text: str) -> Sheet:
    return parse_table("file.csv", text, TABLE)


def values(text: str) -> list[tuple[int, Any]]:
    sheet = parse(text)
    assert sheet.faults == []
    return [(record.row, dict(record.values)) for record in sheet.records]


def faults(text: str) -> list[str]:
    try:
        sheet = parse(text)
    except ImportRefused as error:
        return list(map(str, error.faults))
    return list(map(str, sheet.faults))


def row(code: str, name: str, note: str = "", picture: str | None = None) -> dict[str, Any]:
    return {"code": code, "name_zh": name, "note": note, "picture": picture}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, end: str) -> None:
    text = end.join(delimiter.join(cells) for cells in (("code", "name_zh"), ("1", "tea"), ("2", "oil")))
    assert values(text) == values(text + end) == [(2, row("1", "tea")), (3, row("2", "oil"))]


def test_the_delimiter_is_told_from_the_header_alone() -> None:
    assert values("code;name_zh\n1;a,b,c,d,e,f") == [(2, row("1", "a,b,c,d,e,f"))]
    assert values('code,name_zh,note\n1,a;b;c,"d;e;f;g;h"') == [(2, row("1", "a;b;c", "d;e;f;g;h"))]


@pytest.mark.parametrize(
    "header",
    [
        "name_zh,code",
        "名称,商品条码",
        "名称,条码",
        "NAME_ZH,Code",
        " name_zh , code ",
        "Name zh,code",
        "name-zh,*code",
        "名称*,条码（必填）",
        "名称 (中文),条码(GTIN)",
        "ＮＡＭＥ＿ＺＨ,ＣＯＤＥ",
        '"名称","条码"',
    ],
)
def test_headers_in_any_order_and_spelling(header: str) -> None:
    assert values(f"{header}\ntea,1") == [(2, row("1", "tea"))]


def test_rows_are_counted_as_a_spreadsheet_shows_them() -> None:
    text = 'code,name_zh,note\r\n1,tea,"two\r\nlines"\r\n\r\n,,\r\n2,oil,\r\n\r\n'
    assert values(text) == [(2, row("1", "tea", "two\nlines")), (5, row("2", "oil"))]


def test_empty_rows_and_columns_at_the_end_are_nothing() -> None:
    assert values("code,name_zh,,,\n1,tea,,,\n,,,,\n" + "," * 300 + "\n") == [(2, row("1", "tea"))]


def test_short_rows_have_empty_cells() -> None:
    assert values("code,name_zh,note,picture\n1,tea") == [(2, row("1", "tea"))]
    assert faults("code,name_zh\n1") == ["row 2, column name_zh: expected a value, got an empty cell"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [f"row 1: expected a header with the columns {COLUMNS}"]),
        ("\n\n", [f"row 1: expected a header with the columns {COLUMNS}"]),
        (",,,\n1,2,3,4", [f"row 1: expected a header with the columns {COLUMNS}"]),
        ("x," * 100 + "x", [f"row 1: expected a header with the columns {COLUMNS}"]),
        ("code,name_zh\n", ["expected rows under the header, got none"]),
        (
            "code,name_zh,price,weight\n1,tea,2,3",
            [
                f"row 1: expected columns among {COLUMNS}, got 'price'",
                f"row 1: expected columns among {COLUMNS}, got 'weight'",
            ],
        ),
        ("note\n1", ["row 1: expected the columns code (商品条码), name_zh (名称) too, found none of that name"]),
        ("1,tea\n2,oil", None),
        (
            "code,条码,name_zh\n1,2,tea",
            ["row 1, column code: expected the column once, got it again as '条码'"],
        ),
        ("code,name_zh\n1,tea,,x", ["row 2, column D: expected no cell in a column without a heading, got 'x'"]),
        ("code,,name_zh\n1,x,tea", ["row 2, column B: expected no cell in a column without a heading, got 'x'"]),
        (
            "条码,name_zh\n1,tea\n2,oil\n1,ham",
            ["row 4, column code (条码): expected each code once, it is in row 2 already"],
        ),
        ("code,name_zh\n,\n ,tea", ["row 3, column code: expected a value, got an empty cell"]),
        (f"code,name_zh\n1,{'x' * 2001}", ["row 2, column name_zh: expected at most 2,000 characters, got 2,001"]),
        ("code,name_zh\n1,a\0b", ["row 2, column name_zh: expected text without control characters, got '\\x00'"]),
    ],
)
def test_faults(text: str, expected: list[str] | None) -> None:
    found = faults(text)
    assert found == (found if expected is None else expected)
    assert found


def test_a_quote_that_is_never_closed() -> None:
    (fault,) = faults('code,name_zh\n1,tea\n2,"oil\n3,ham\n')
    assert fault.startswith("row 3: expected quotes closed, and doubled inside a quoted cell, got a row that cannot")


def test_a_quote_that_is_not_doubled() -> None:
    (fault,) = faults('code,name_zh\n1,"tea"s"\n2,oil')
    assert fault.startswith("row 2: expected quotes closed")


def test_a_cell_without_end() -> None:
    (fault,) = faults(f'code,name_zh\n1,"{"x" * 200_000}')
    assert fault.startswith("row 2: expected quotes closed")


def test_good_rows_stand_beside_bad_ones() -> None:
    sheet = parse("code,name_zh\n1,tea\n,oil\n3,#N/A\n4,ham")
    assert [record.row for record in sheet.records] == [2, 5]
    assert [(fault.row, fault.column) for fault in sheet.faults] == [(3, "code"), (4, "name_zh")]


def test_every_fault_of_a_row_is_named() -> None:
    assert len(faults("code,name_zh,note\n#N/A,,a\x1bb,x")) == 4


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 2)
    head = "code,name_zh\n1,a\n2,b\n"
    assert len(values(head)) == 2
    assert faults(head + "3,c") == ["expected at most 2 rows under the header, got more"]


def test_so_many_faults_and_no_more() -> None:
    text = "code,name_zh\n" + "".join(f"{at},\n" for at in range(2 * MAX_FAULTS))
    refusal = parse(text).refusal()
    assert len(refusal.faults) == MAX_FAULTS
    assert str(refusal).startswith("file.csv: nothing was imported, the first 10,000 faults:\nrow 2, column name_zh:")


def test_what_excel_has_spoilt_is_explained() -> None:
    table = Table((Column("gtin", ("商品条码",), gtin), Column("kind", (), choice({"a": ()}))), ("gtin",))
    sheet = parse_table("file.csv", "商品条码,kind\n6.90E+12,b\n", table)
    assert list(map(str, sheet.faults)) == [
        "row 2, column gtin (商品条码): expected a GTIN of 8, 12, 13 or 14 digits, got '6.90E+12'; Excel has shortened"
        " a long number: format the column as text (文本) and enter it anew",
        "row 2, column kind: expected a, got 'b'",
    ]


def test_a_fault_in_words() -> None:
    assert str(Fault(0, "", "expected x")) == "expected x"
    assert str(Fault(0, "year", "expected x")) == "year: expected x"
    assert str(Fault(7, "", "expected x")) == "row 7: expected x"
    assert str(Fault(7, "gtin", "expected x", "gtin")) == "row 7, column gtin: expected x"


@pytest.mark.parametrize(("place", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (702, "AAA")])
def test_letters(place: int, name: str) -> None:
    assert letter(place) == name


PRINTABLE = st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
CELL = (
    st.text(PRINTABLE, min_size=1, max_size=20)
    .map(str.strip)
    .filter(lambda text: text and "\ufffd" not in text and not text.startswith(("#", "=")))
)


@given(
    st.lists(st.tuples(CELL, st.one_of(st.just(""), CELL)), min_size=1, max_size=20),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\r\n", "\n"]),
)
def test_what_a_spreadsheet_writes_is_what_is_read(
    cells: list[tuple[str, str]], delimiter: str, quoting: Any, end: str
) -> None:
    output = io.StringIO(newline="")
    writer = csv.writer(output, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerow(["备注", "名称", "条码"])
    writer.writerows([note, name, at] for at, (name, note) in enumerate(cells, 1))
    assert values(output.getvalue()) == [(at + 1, row(str(at), *each)) for at, each in enumerate(cells, 1)]


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for prefix in ("", "code,name_zh\n"):
        found = faults(prefix + text)
        assert all("expected" in fault for fault in found)


def test_limits_are_those_documented() -> None:
    assert (tables.MAX_ROWS, MAX_FAULTS, MAX_CELL) == (100_000, 10_000, 2_000)

"""Excel workbooks: the cells as people mean them, and files that would harm their reader."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from support.workbooks import with_parts, workbook

from traceqr.importing import workbook as reading
from traceqr.importing.fault import ImportRefused
from traceqr.importing.table import Column, Table, read_table
from traceqr.importing.workbook import read_rows

SHEET, STYLES = "xl/worksheets/sheet1.xml", "xl/styles.xml"
PLAIN = workbook([["a", "b"], ["1", "2"]])


def cells(*values: Any) -> list[str]:
    """What a row of these values reads as."""
    return read_rows(workbook([["header"], values]), "table.xlsx")[1][1]


def refusal(content: bytes) -> str:
    with pytest.raises(ImportRefused) as refused:
        read_rows(content, "table.xlsx")
    (fault,) = refused.value.faults
    assert (fault.row, refused.value.source) == (0, "table.xlsx")
    return fault.message


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("春茶", "春茶"),
        (12, "12"),
        (12.0, "12"),
        (12.5, "12.5"),
        (0.00001, "0.00001"),
        (6901234000009, "6901234000009"),
        (999_999_999_999_999, "999999999999999"),
        (True, "TRUE"),
        (dt.datetime.fromisoformat("2026-09-01T08:30:15"), "2026-09-01 08:30:15"),
        (dt.datetime.fromisoformat("2026-09-01"), "2026-09-01"),
        (dt.date(2026, 9, 1), "2026-09-01"),
    ],
    ids=str,
)
def test_cells_as_people_mean_them(value: Any, text: str) -> None:
    assert cells(value, "end") == [text, "end"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("=A1+1", "expected a value, got the formula '=A1+1': paste it as a value (粘贴为数值)"),
        (369012340000000017, "expected text, got the number 369012340000000000; Excel keeps 15 digits of a number"),
        (10**15, "expected text, got the number 1000000000000000; Excel keeps 15 digits of a number"),
        (dt.time(8, 30), "expected a day, got the time '08:30:00' of none"),
    ],
    ids=str,
)
def test_cells_that_are_named(value: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    path.write_bytes(workbook([["数量", "name"], ["1", "x"], [value, "y"]]))
    sheet = read_table(path, Table((Column("amount", ("数量",)), Column("name", ())), key=()))
    (fault,) = sheet.faults
    assert (fault.row, fault.column, fault.heading) == (3, "amount", "数量")
    assert fault.message.startswith(message)
    assert [record.row for record in sheet.records] == [2]


def test_empty_rows_keep_the_numbers_of_the_others() -> None:
    content = workbook([["a"], [], [None, " "], ["x"]])
    assert [number for number, _ in read_rows(content, "table.xlsx")] == [1, 4]


def test_no_more_is_read_than_may_be() -> None:
    content = workbook([["a"], *[[str(number)] for number in range(9)]])
    assert [number for number, _ in read_rows(content, "table.xlsx", 3)] == [1, 2, 3, 4, 5]


def test_the_first_sheet_that_is_shown_is_read() -> None:
    def hide(book: Any) -> None:
        book.worksheets[0].sheet_state = "hidden"
        book.create_sheet("second").append(["shown"])

    assert read_rows(workbook([["hidden"]], hide), "table.xlsx") == [(1, ["shown"])]


def test_what_a_sheet_says_of_its_size_need_not_be_so() -> None:
    content = with_parts(PLAIN, {SHEET: lambda xml: xml.replace(b'ref="A1:B2"', b'ref="A1:A1"')})
    assert content != PLAIN
    assert read_rows(content, "table.xlsx") == [(1, ["a", "b"]), (2, ["1", "2"])]


def _row(xml: bytes, row: bytes) -> bytes:
    return xml.replace(b"</sheetData>", row + b"</sheetData>")


BROKEN: dict[str, tuple[bytes, str]] = {
    "no archive": (b"PK\x03\x04xxxx", "it is broken"),
    "no workbook": (
        with_parts(PLAIN, {"xl/workbook.xml": lambda _: b"<a/>"}),
        "expected a workbook with a sheet that is shown",
    ),
    "no XML": (with_parts(PLAIN, {SHEET: lambda xml: xml[:-9]}), "it is broken"),
    "text that is not there": (
        with_parts(PLAIN, {SHEET: lambda xml: _row(xml, b'<row r="3"><c r="A3" t="s"><v>77</v></c></row>')}),
        "it is broken",
    ),
    "entities": (
        with_parts(PLAIN, {SHEET: lambda xml: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + xml}),
        "expected XML in UTF-8 without a document type, got another in 'xl/worksheets/sheet1.xml'",
    ),
    "XML in UTF-16": (
        with_parts(PLAIN, {STYLES: lambda _: "<styleSheet/>".encode("utf-16")}),
        "expected XML in UTF-8",
    ),
    "packed to nothing": (
        with_parts(PLAIN, {SHEET: lambda xml: _row(xml, b" " * 3_000_000)}),
        "expected parts packed to no less than 1 in 200",
    ),
    "a row too far down": (
        with_parts(PLAIN, {SHEET: lambda xml: _row(xml, b'<row r="999999999"><c r="A999999999"><v>1</v></c></row>')}),
        "expected at most 100,000 rows under the header, got more",
    ),
    "a cell too far right": (
        with_parts(PLAIN, {SHEET: lambda xml: _row(xml, b'<row r="3"><c r="XFD3"><v>1</v></c></row>')}),
        "expected at most 256 columns, got 16,384 in row 3",
    ),
    "days from 1904": (
        workbook([["a"]], lambda book: setattr(book, "epoch", CALENDAR_MAC_1904)),
        "expected a workbook that counts days from 1900, got one from 1904",
    ),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_files_that_are_refused(content: bytes, message: str) -> None:
    assert message in refusal(content)


def test_bounds_of_what_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_UNPACKED", 1_000)
    assert "expected a workbook of at most 1,000 bytes unpacked" in refusal(PLAIN)
    monkeypatch.setattr(reading, "MAX_UNPACKED", 10_000_000)
    monkeypatch.setattr(reading, "MAX_BESIDE", 500)
    assert "expected a part of at most 500 bytes" in refusal(PLAIN)
    monkeypatch.setattr(reading, "MAX_PARTS", 3)
    assert "expected a workbook of at most 3 parts" in refusal(PLAIN)


def test_a_part_twice() -> None:
    out = io.BytesIO(PLAIN)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("XL/workbook.xml", b"<workbook/>")
    assert refusal(out.getvalue()) == "expected a workbook with each part once, got one twice"


def test_a_part_that_is_longer_than_it_says() -> None:
    """The reader of archives stops where a part says that it ends, and finds the wrong checksum."""
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    size, wrong = info.file_size.to_bytes(4, "little"), (100).to_bytes(4, "little")
    at = PLAIN.rindex(b"PK\x01\x02", 0, PLAIN.rindex(b"xl/worksheets/sheet1.xml"))
    assert PLAIN[at + 24 : at + 28] == size
    assert "it is broken" in refusal(PLAIN[: at + 24] + wrong + PLAIN[at + 28 :])

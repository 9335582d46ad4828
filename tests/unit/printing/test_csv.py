from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator

import pytest

from tests.unit.symbol.specimens import label_at
from traceqr.label.format import Label
from traceqr.printing.csv import rows

LABELS = [label_at(index=index) for index in (0, 1, 99_999_999)]


def records(*lines: str) -> list[list[str]]:
    """What a strict reader makes of the lines."""
    return list(csv.reader(io.StringIO("".join(lines), newline=""), strict=True))


def test_header_and_one_record_a_label() -> None:
    header, *body = records(*rows(LABELS, "Olive oil", "L-7"))
    assert header == ["text", "serial", "serial_readable", "gtin", "lot", "product_name"]
    assert body == [
        [str(label), str(label.serial), label.serial.readable, str(label.gtin), "L-7", "Olive oil"] for label in LABELS
    ]


def test_texts_are_labels() -> None:
    assert [Label.parse(record[0]) for record in records(*rows(LABELS, "x", None))[1:]] == LABELS


def test_lines_end_in_crlf() -> None:
    for line in rows(LABELS, 'Oil, "extra"', "a\nb"):
        assert line.endswith("\r\n")
        assert line.count("\r") == line.count("\n") == 1


def test_no_lot_is_an_empty_field() -> None:
    assert records(*rows(LABELS, "x", None))[1][4] == ""


@pytest.mark.parametrize("name", ["\u8d28\u91cf\uff0c\u6708", 'a,b"c"', ",", '"', "", " x ", "'", "a=b", "1+1"])
def test_names_come_back_as_they_are(name: str) -> None:
    assert records(*rows(LABELS[:1], name, name))[1][4:] == [name, name]


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201", '=HYPERLINK("x")']
)
def test_formulas_get_an_apostrophe(name: str) -> None:
    assert records(*rows(LABELS[:1], name, name))[1][4:] == [f"'{name}", f"'{name}"]


@pytest.mark.parametrize(
    ("name", "cell"),
    [("a\r\nb", "a b"), ("a\nb\rc\u2028d", "a b c d"), ("\r=1", "' =1"), ("\n=1", "' =1"), ("\r\n=1", "' =1")],
)
def test_a_record_is_one_line(name: str, cell: str) -> None:
    (line,) = list(rows(LABELS[:1], name, None))[1:]
    assert len(line.splitlines()) == 1
    assert records(line)[0][5] == cell


def test_a_semicolon_starts_no_cell_in_a_spreadsheet_that_separates_by_them() -> None:
    (record,) = records(*rows(LABELS[:1], "x;=cmd|' /C calc'!A0", "y;@SUM(1)"))[1:]
    assert record[4:] == ["y\uff1b@SUM(1)", "x\uff1b=cmd|' /C calc'!A0"]


def test_no_labels_is_a_header_alone() -> None:
    assert len(list(rows([], "x", None))) == 1


def test_same_bytes_each_time() -> None:
    assert list(rows(LABELS, "x", "y")) == list(rows(LABELS, "x", "y"))


def test_streams_one_label_at_a_time() -> None:
    taken: list[int] = []

    def labels() -> Iterator[Label]:
        for at, label in enumerate(LABELS):
            taken.append(at)
            yield label

    lines = rows(labels(), "x", None)
    next(lines)
    assert taken == []
    next(lines)
    assert taken == [0]


def test_memory_is_flat() -> None:
    tracemalloc.start()
    try:
        for _ in rows((LABELS[0] for _ in range(20_000)), "x", None):
            pass
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()

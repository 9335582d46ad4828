from __future__ import annotations

import csv
import io
import pickle

import pytest

from tests.unit.symbol.specimens import GTIN, PRIVATE, PUBLIC
from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.label.series import Series
from traceqr.printing.csv import HEADER, Csv
from traceqr.printing.format import Format, Imprint, Job, PrintError
from traceqr.printing.tabular import Column, one_line, parse_columns


def records(*lines: str) -> list[list[str]]:
    """What a strict reader makes of the lines."""
    return list(csv.reader(io.StringIO("".join(lines), newline=""), strict=True))


SERIES = Series(Origin.parse("HTTPS://QR.EXAMPLE.ORG"), GTIN, 12_345_678, 1, 7)
NAMES = ["Olive oil", "\u9171\u6cb9\uff0c500 ml", 'a,b"c"', "=1+1", "x;=1", "a\r\nb", "100% %s {0}", "", "\U0001f34e"]


def job_of(first: int, last: int, name: str = "Olive oil", lot: str = "L-7") -> Job:
    return Job(SERIES, first, last, Imprint(name, lot))


def whole(made: Format, job: Job, cut: int = 1_000) -> bytes:
    """The file, its labels made in strips of `cut`."""
    starts = range(job.first, job.last + 1, cut)
    bodies = [made.body(SERIES.strip(PRIVATE, start, min(start + cut - 1, job.last))) for start in starts]
    return made.head() + b"".join(bodies) + made.tail()


def lines(name: str, lot: str = "", first: int = 0, last: int = 2) -> list[str]:
    """The file as its lines, each with its end."""
    job = job_of(first, last, name, lot)
    return [f"{line}\r\n" for line in whole(Csv(job), job).decode().removesuffix("\r\n").split("\r\n")]


def test_header_and_one_record_a_label() -> None:
    header, *body = records(*lines("Olive oil", "L-7"))
    assert header == ["text", "serial", "serial_readable", "gtin", "lot", "product_name"]
    labels = map(SERIES.strip(PRIVATE, 0, 2).label, range(3))
    assert body == [
        [str(label), str(label.serial), label.serial.readable, str(label.gtin), "L-7", "Olive oil"] for label in labels
    ]


def test_lines_end_in_crlf() -> None:
    for line in lines('Oil, "extra"', "a\nb"):
        assert line.count("\r") == line.count("\n") == 1


def test_no_lot_is_an_empty_field() -> None:
    assert records(*lines("x"))[1][4] == ""


@pytest.mark.parametrize("name", ["\u8d28\u91cf\uff0c\u6708", 'a,b"c"', ",", '"', "", " x ", "'", "a=b", "1+1"])
def test_names_come_back_as_they_are(name: str) -> None:
    assert records(*lines(name, name))[1][4:] == [name, name]


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201", '=HYPERLINK("x")']
)
def test_formulas_get_an_apostrophe(name: str) -> None:
    assert records(*lines(name, name))[1][4:] == [f"'{name}", f"'{name}"]


@pytest.mark.parametrize(
    ("name", "cell"),
    [("a\r\nb", "a b"), ("a\nb\rc\u2028d", "a b c d"), ("\r=1", "' =1"), ("\n=1", "' =1"), ("\r\n=1", "' =1")],
)
def test_a_record_is_one_line(name: str, cell: str) -> None:
    (line,) = lines(name, last=0)[1:]
    assert len(line.splitlines()) == 1
    assert records(line)[0][5] == cell


def test_a_semicolon_starts_no_cell_in_a_spreadsheet_that_separates_by_them() -> None:
    (record,) = records(*lines("x;=cmd|' /C calc'!A0", "y;@SUM(1)", last=0))[1:]
    assert record[4:] == ["y\uff1b@SUM(1)", "x\uff1b=cmd|' /C calc'!A0"]


class TestTheFormat:
    @pytest.mark.parametrize("name", NAMES)
    def test_equals_what_the_csv_module_writes_label_by_label(self, name: str) -> None:
        job = job_of(99_999_990, 99_999_999, name, name)
        expected, cell = io.StringIO(newline=""), one_line(name).replace(";", "\uff1b")
        writer = csv.writer(expected)
        writer.writerow(HEADER)
        for label in map(SERIES.strip(PRIVATE, job.first, job.last).label, range(10)):
            writer.writerow([label, label.serial, label.serial.readable, label.gtin, cell, cell])
        assert whole(Csv(job), job).decode() == expected.getvalue()

    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize("bom", [False, True])
    def test_is_exactly_as_long_as_said(self, name: str, bom: bool) -> None:
        job = job_of(5, 16, name, "")
        made = Csv(job, (Column.PRODUCT_NAME, Column.SERIAL_READABLE, Column.TEXT, Column.LOT), bom)
        assert len(whole(made, job)) == made.size

    def test_same_bytes_however_it_is_cut(self) -> None:
        job = job_of(0, 50)
        assert len({whole(Csv(job), job, cut) for cut in (1, 7, 51, 1_000)}) == 1

    def test_a_part_is_a_slice_of_the_whole(self) -> None:
        lines = whole(Csv(job_of(0, 50)), job_of(0, 50)).splitlines(keepends=True)
        part = whole(Csv(job_of(20, 29)), job_of(20, 29))
        assert part == lines[0] + b"".join(lines[21:31])

    def test_same_bytes_from_another_process(self) -> None:
        job = job_of(0, 9)
        assert whole(pickle.loads(pickle.dumps(Csv(job))), job) == whole(Csv(job), job)

    def test_columns_in_their_order(self) -> None:
        job = job_of(3, 4, "Oil, fine")
        made = Csv(job, parse_columns(["gtin", "product_name", "serial_readable", "serial"]))
        header, *body = records(whole(made, job).decode())
        assert header == ["gtin", "product_name", "serial_readable", "serial"]
        assert body == [
            [str(GTIN), "Oil, fine", f"1234 5678 0000 000{index}", f"123456780000000{index}"] for index in (3, 4)
        ]

    @pytest.mark.parametrize("column", Column)
    def test_each_column_alone(self, column: Column) -> None:
        job = job_of(0, 4)
        everything = records(whole(Csv(job), job).decode())
        at = everything[0].index(column)
        assert records(whole(Csv(job, (column,)), job).decode()) == [[record[at]] for record in everything]

    def test_an_empty_lot_alone_is_a_record_still(self) -> None:
        job = job_of(0, 4, lot="")
        made = Csv(job, (Column.LOT,))
        assert len(whole(made, job)) == made.size
        assert records(whole(made, job).decode()) == [["lot"]] + [[""]] * 5

    def test_a_byte_order_mark_stands_first_and_once(self) -> None:
        job = job_of(0, 4)
        assert whole(Csv(job, bom=True), job) == b"\xef\xbb\xbf" + whole(Csv(job), job)

    def test_texts_are_labels_whose_seals_hold(self) -> None:
        job = job_of(0, 9)
        texts = [record[0] for record in records(whole(Csv(job), job).decode())[1:]]
        for index, text in enumerate(texts):
            label = Label.parse(text)
            assert (label.serial.batch, label.serial.index) == (12_345_678, index)
            assert label.seal.holds(PUBLIC, label.gtin, label.serial)

    def test_a_name_of_300_characters_is_written_in_full(self) -> None:
        job = job_of(0, 0, "\u9171" * 300)
        assert records(whole(Csv(job), job).decode())[1][5] == "\u9171" * 300

    def test_says_what_spreadsheets_do_to_serials(self) -> None:
        assert "leading zeros" in Csv(job_of(0, 0)).notes[0]
        assert Csv(job_of(0, 0), (Column.TEXT,)).notes == ()


class TestColumns:
    def test_unknown(self) -> None:
        with pytest.raises(PrintError, match=r"expected columns out of text, serial, .*, got 'price'"):
            parse_columns(["text", "price"])

    def test_upper_case_is_unknown(self) -> None:
        with pytest.raises(PrintError, match="got 'TEXT'"):
            parse_columns(["TEXT"])

    def test_twice(self) -> None:
        with pytest.raises(PrintError, match="expected each column once, got serial twice"):
            parse_columns(["serial", "text", "serial"])

    def test_none(self) -> None:
        with pytest.raises(PrintError, match="expected a column at least, got none"):
            Csv(job_of(0, 0), ())

from __future__ import annotations

import pytest

from tests.unit.printing.test_csv import SERIES, job_of, whole
from tests.unit.symbol.specimens import GTIN, PRIVATE
from traceqr.printing.csv import Csv
from traceqr.printing.format import PrintError
from traceqr.printing.tabular import Column
from traceqr.printing.txt import TEXT_ALONE, Txt


def test_header_and_one_record_a_label() -> None:
    job = job_of(0, 1)
    header, *body = whole(Txt(job), job).decode().removesuffix("\r\n").split("\r\n")
    assert header.split("\t") == ["text", "serial", "serial_readable", "gtin", "lot", "product_name"]
    strip = SERIES.strip(PRIVATE, 0, 1)
    assert [line.split("\t") for line in body] == [
        [text, serial, f"1234 5678 0000 000{at}", str(GTIN), "L-7", "Olive oil"]
        for at, (text, serial) in enumerate(zip(strip.texts, strip.serials, strict=True))
    ]


def test_without_header() -> None:
    job = job_of(0, 3)
    with_header = whole(Txt(job), job)
    assert whole(Txt(job, header=False), job) == with_header.partition(b"\r\n")[2]


def test_the_texts_alone() -> None:
    job = job_of(7, 20)
    made = Txt(job, TEXT_ALONE, header=False)
    assert whole(made, job).decode() == "".join(f"{text}\r\n" for text in SERIES.strip(PRIVATE, 7, 20).texts)


@pytest.mark.parametrize("name", ["a\tb", "\u9171\u6cb9", "100%", "a\nb\tc", '"', "\t=1"])
@pytest.mark.parametrize(("header", "bom"), [(True, False), (False, False), (True, True), (False, True)])
def test_is_exactly_as_long_as_said(name: str, header: bool, bom: bool) -> None:
    job = job_of(0, 9, name, name)
    made = Txt(job, header=header, bom=bom)
    content = whole(made, job)
    assert len(content) == made.size
    assert content.startswith(b"\xef\xbb\xbf") is bom
    assert len(content.splitlines()) == 10 + header
    assert {line.count(b"\t") for line in content.splitlines()} == {5}


def test_a_formula_gets_an_apostrophe_here_too() -> None:
    job = job_of(0, 0, "=1+1")
    assert whole(Txt(job, (Column.PRODUCT_NAME,), header=False), job) == b"'=1+1\r\n"


def test_same_bytes_however_it_is_cut() -> None:
    job = job_of(0, 50)
    assert len({whole(Txt(job), job, cut) for cut in (1, 7, 51)}) == 1


def test_a_part_is_a_slice_of_the_whole() -> None:
    lines = whole(Txt(job_of(0, 50), header=False), job_of(0, 50)).splitlines(keepends=True)
    assert whole(Txt(job_of(20, 29), header=False), job_of(20, 29)) == b"".join(lines[20:30])


def test_holds_what_the_csv_holds() -> None:
    job = job_of(0, 9)
    assert whole(Txt(job), job).replace(b"\t", b",") == whole(Csv(job), job)


def test_a_column_twice() -> None:
    with pytest.raises(PrintError, match="expected each column once, got text twice"):
        Txt(job_of(0, 0), (Column.TEXT, Column.TEXT))


def test_no_column() -> None:
    with pytest.raises(PrintError, match="expected a column at least, got none"):
        Txt(job_of(0, 0), ())

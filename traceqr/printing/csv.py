"""Labels as CSV (RFC 4180): UTF-8 text with a header, one record a line, CRLF at the end of each.

What print houses and their programs for variable data take first, and what a spreadsheet opens.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from traceqr.label.format import Label
from traceqr.label.series import Strip
from traceqr.printing.format import Job
from traceqr.printing.tabular import ALL, BOM, Column, Records, check_columns, one_line

HEADER = tuple(column.value for column in ALL)


@dataclass(frozen=True)
class Csv:
    """The labels of a job as CSV: chosen columns in a chosen order, with or without a byte order mark.

    Raises `PrintError` for no column, or one twice.
    """

    job: Job
    columns: tuple[Column, ...] = ALL
    bom: bool = False

    suffix = "csv"
    media_type = "text/csv; charset=utf-8"
    unit = 1

    def __post_init__(self) -> None:
        check_columns(self.columns)

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return len(self.head()) + len(self.job) * self._records.width

    @property
    def notes(self) -> Sequence[str]:
        """That spreadsheets spoil serials, where there are any."""
        if {Column.SERIAL, Column.GTIN} & set(self.columns):
            return (
                "A spreadsheet that opens this file may round serials and drop leading zeros: import the columns as"
                " text, and do not save the file from it.",
            )
        return ()

    def head(self) -> bytes:
        """The header, after the byte order mark if one is wanted."""
        return (BOM if self.bom else b"") + _line(column.value for column in self.columns).encode()

    def body(self, strip: Strip) -> bytes:
        """The records of a strip."""
        return self._records.written(strip)

    def tail(self) -> bytes:
        """Nothing."""
        return b""

    @cached_property
    def _records(self) -> Records:
        write = _lone if len(self.columns) == 1 else _field
        return Records.of(self.job, self.columns, ",", lambda text: write(_cell(text)))


def rows(labels: Iterable[Label], product_name: str, lot: str | None) -> Iterator[str]:
    """The lines of the file, header first, each with its line end. `lot` is empty where there is none.

    A name or lot that a spreadsheet would read as a formula gets a leading apostrophe; line breaks inside become
    spaces. Streams: holds one label at a time.
    """
    yield _line(HEADER)
    # The fields of a label are digits, spaces and a URL without comma or quote, so they stand in a record as they
    # are. What is the same in every record, and came from people, is written by the csv module, once.
    constant = _line((_cell(lot or ""), _cell(product_name)))
    for label in labels:
        serial = str(label.serial)
        readable = f"{serial[:4]} {serial[4:8]} {serial[8:12]} {serial[12:]}"
        yield f"{label},{serial},{readable},{label.gtin},{constant}"


def _cell(text: str) -> str:
    # A spreadsheet that separates by semicolons would start a cell, and perhaps a formula, at each of them.
    return one_line(text).replace(";", "\uff1b")


def _field(cell: str) -> str:
    """One field among others, quoted where it must be."""
    return _line((cell, "")).removesuffix(",\r\n")


def _lone(cell: str) -> str:
    """The one field of a record: quoted if it is empty, or the record would be an empty line."""
    return _line((cell,)).removesuffix("\r\n")


def _line(fields: Iterable[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(fields)
    return line.getvalue()

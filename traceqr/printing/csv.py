"""Labels as CSV (RFC 4180): UTF-8 text with a header, one record a line, CRLF at the end of each.

What print houses and their programs for variable data take first, and what a spreadsheet opens.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from traceqr.printing.tabular import ALL, Column, Records, Table, one_line

HEADER = tuple(column.value for column in ALL)


@dataclass(frozen=True)
class Csv(Table):
    """The labels of a job as CSV. See `Table`."""

    suffix = "csv"
    media_type = "text/csv; charset=utf-8"

    @property
    def notes(self) -> Sequence[str]:
        """That spreadsheets spoil serials, where there are any."""
        if {Column.SERIAL, Column.GTIN} & set(self.columns):
            return (
                "A spreadsheet that opens this file may round serials and drop leading zeros: import the columns as"
                " text, and do not save the file from it.",
            )
        return ()

    def _names(self) -> str:
        return _line(column.value for column in self.columns)

    def _made(self) -> Records:
        write = _lone if len(self.columns) == 1 else _field
        return Records.of(self.job, self.columns, ",", lambda text: write(_cell(text)))


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

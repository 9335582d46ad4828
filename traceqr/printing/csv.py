"""Labels as CSV (RFC 4180): UTF-8 text with a header, one record a line, CRLF at the end of each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from traceqr.label.format import Label

HEADER = ("text", "serial", "serial_readable", "gtin", "lot", "product_name")

# What makes a spreadsheet read a cell as a formula (OWASP, "CSV injection"), the full-width forms included, which
# some input methods and spreadsheets take for the plain ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


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
    plain = " ".join(text.splitlines()).replace(";", "\uff1b")
    return f"'{plain}" if text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA) else plain


def _line(fields: Iterable[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(fields)
    return line.getvalue()

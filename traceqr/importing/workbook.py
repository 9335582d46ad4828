"""The first sheet of an Excel workbook (.xlsx), as the rows of text that the same table would have as CSV.

Such a file is an archive of XML. It is looked at before anything is read of it: how large it would become, and that no
part declares entities. Formulas are refused: what stands in the file beside them is what they came to when the file was
last reckoned through, and nobody sees it.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from traceqr.importing.fault import Fault, ImportRefused

SIGNATURE = b"PK\x03\x04"

MAX_PARTS = 1_000
MAX_UNPACKED = 64_000_000
"""Bytes of all that is read of it, unpacked: tables of the size that we take have a fifth of that."""

MAX_BESIDE = 4_000_000
"""Bytes of a part, unpacked, that is neither a sheet nor the texts of the cells."""

MAX_RATIO = 200
"""How far a part may be packed: Excel comes to 30, and what grows more is made to."""

MAX_ROWS = 100_000
MAX_WIDTH = 256
"""Rows, empty ones among them, and cells of a row. What lies beyond is looked at by nobody."""

MAX_WHOLE = 10**15
"""From here on Excel keeps no longer each digit of a number."""

_LARGE = ("xl/worksheets/", "xl/sharedstrings.xml")
_FREE = ("xl/media/", "xl/printersettings/", "xl/embeddings/", "xl/vbaproject.bin")
"""What is never read."""

_TEXT = "format the column as text (文本) and enter it anew"
_RATIO_FROM = 100_000
_PIECE = 1 << 20


class Bad(str):
    """What stands in a cell that no column takes; `message` says why."""

    message: str

    @classmethod
    def of(cls, shown: object, message: str) -> Bad:
        """A cell with what is shown of it."""
        made = cls(shown)
        made.message = message
        return made


def is_workbook(content: bytes) -> bool:
    """Whether a file begins as one does."""
    return content.startswith(SIGNATURE)


def read_rows(content: bytes, name: str, most: int = MAX_ROWS) -> list[tuple[int, list[str]]]:
    """The header and the rows that are not empty, with their numbers: no more than one beyond the `most` that may be
    under the header. Raises `ImportRefused`.
    """
    try:
        _require_small(content, name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a file has that its reader does not know is nothing to us
            return _rows(content, name, most)
    except ImportRefused:
        raise
    except Exception as error:  # the library has no error of its own for a file that is broken
        raise _refused(name, f"expected an Excel workbook (.xlsx) that can be read, it is broken: {error!r}") from error


def _require_small(content: bytes, name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS:
            raise _refused(name, f"expected a workbook of at most {MAX_PARTS:,} parts, got {len(parts):,}")
        if len({part.filename.lower() for part in parts}) < len(parts):
            raise _refused(name, "expected a workbook with each part once, got one twice")
        read = [part for part in parts if not part.filename.lower().startswith(_FREE)]
        unpacked = sum(part.file_size for part in read)
        if unpacked > MAX_UNPACKED:
            raise _refused(name, f"expected a workbook of at most {MAX_UNPACKED:,} bytes unpacked, got {unpacked:,}")
        for part in read:
            _require_sound(archive, part, name)


def _require_sound(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    """A part is as large as it says: the archive's reader ends there, and then finds the wrong checksum."""
    shown = part.filename[:80]
    if part.flag_bits & 1:
        raise _refused(name, "expected a workbook that opens without a password, got one with")
    if part.file_size > _RATIO_FROM and part.file_size > MAX_RATIO * part.compress_size:
        raise _refused(name, f"expected parts packed to no less than 1 in {MAX_RATIO}, got {shown!r} packed to less")
    if part.file_size > MAX_BESIDE and not part.filename.lower().startswith(_LARGE):
        raise _refused(name, f"expected a part of at most {MAX_BESIDE:,} bytes, got {part.file_size:,} in {shown!r}")
    if part.filename.lower().endswith((".xml", ".rels")) and _declares(archive, part):
        raise _refused(name, f"expected XML in UTF-8 without a document type, got another in {shown!r}")


def _declares(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part declares a type, by which entities come, or has an encoding in which we would not see one."""
    with archive.open(part) as file:
        before = b""
        while piece := file.read(_PIECE):
            if b"\0" in piece or b"<!DOCTYPE" in before + piece or b"<!ENTITY" in before + piece:
                return True
            before = piece[-9:]
    return False


def _rows(content: bytes, name: str, most: int) -> list[tuple[int, list[str]]]:
    import openpyxl  # a sixth of what a console takes to start: only for who has a workbook
    from openpyxl.utils.datetime import WINDOWS_EPOCH

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    try:
        if book.epoch != WINDOWS_EPOCH:
            raise _refused(
                name, "expected a workbook that counts days from 1900, got one from 1904: change its options"
            )
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not sheets:
            raise _refused(name, "expected a workbook with a sheet that is shown, got none")
        sheet: Any = sheets[0]
        sheet.reset_dimensions()  # what a file says of its size need not be so
        return list(islice(_filled(sheet.iter_rows(), name), most + 2))
    finally:
        book.close()


def _filled(rows: Iterator[Sequence[Any]], name: str) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(islice(rows, MAX_ROWS + 2), 1):
        if number > MAX_ROWS + 1:
            raise _refused(name, f"expected at most {MAX_ROWS:,} rows under the header, got more")
        if len(row) > MAX_WIDTH:
            raise _refused(name, f"expected at most {MAX_WIDTH} columns, got {len(row):,} in row {number}")
        cells = [_text(cell) for cell in row]
        if number == 1 or any(cell.strip() for cell in cells):
            yield number, cells


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        formula = str(getattr(value, "text", value))[:80]
        return Bad.of(formula, f"expected a value, got the formula {formula!r}: paste it as a value (粘贴为数值)")
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, (date, time, timedelta)):
        return _moment(value)
    return str(value)


def _number(value: int | float) -> str:
    if not -MAX_WHOLE < value < MAX_WHOLE:
        shown = f"{value:.0f}"[:40]
        return Bad.of(shown, f"expected text, got the number {shown}; Excel keeps 15 digits of a number: {_TEXT}")
    return str(int(value)) if value == int(value) else format(Decimal(repr(value)), "f")


def _moment(value: date | time | timedelta) -> str:
    """As people write it: a day alone where it is midnight."""
    if isinstance(value, datetime):
        told = (value + timedelta(milliseconds=500)).replace(microsecond=0)
        return f"{told:%Y-%m-%d}" if told.time() == time() else f"{told:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    return Bad.of(value, f"expected a day, got the time {str(value)[:40]!r} of none")


def _refused(name: str, message: str) -> ImportRefused:
    return ImportRefused(name, [Fault(0, "", message)])

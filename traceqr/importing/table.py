"""Tables as spreadsheets write them: one header, one record a row. Each noun declares its columns as a `Table`."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from traceqr.errors import TraceqrError
from traceqr.importing.cells import MAX_CELL, CellError, clean
from traceqr.importing.decoding import Source, decode, read_content
from traceqr.importing.fault import MAX_FAULTS, Fault, ImportRefused
from traceqr.importing.workbook import MAX_ROWS, Bad, is_workbook, read_rows

MAX_COLUMNS = 100

_DELIMITERS = (",", ";", "\t")
_HEADER_CHARACTERS = 64 * 1024
"""Where the header's record must end: the delimiter is told from it alone."""

RawRow = tuple[int, list[str]]
_Item = TypeVar("_Item")


class Watch(Protocol):
    """Passes items through one by one, so that a caller can show progress; `doing` says with what."""

    def __call__(self, items: Sequence[_Item], doing: str) -> Iterable[_Item]:
        """The same items."""


def unwatched(items: Sequence[_Item], doing: str) -> Iterable[_Item]:  # noqa: ARG001
    """For callers that show nothing."""
    return items


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, what else a header may call it, and how a cell is read.

    `parse` gets the cell without surrounding white space, never empty, and raises `TraceqrError`. An empty cell, or
    a column that is not there, gives `empty`; a `required` one may be neither.
    """

    name: str
    synonyms: tuple[str, ...]
    parse: Callable[[str], Any] = str
    required: bool = True
    empty: Any = ""
    lines: bool = False
    """Whether a cell may hold several lines."""
    most: int = MAX_CELL
    """Characters of a cell."""


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a noun, and those of them that together no two rows may share."""

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    most: int = MAX_ROWS
    """Rows under the header."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row without faults: its number in the file, and its values by column."""

    row: int
    values: Mapping[str, Any]


@dataclass(slots=True)
class Sheet:
    """What a file holds: its good records, and the faults of the others."""

    source: str
    records: list[Record] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)

    def blame(self, row: int, column: str, message: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(row, column, message, self.headings.get(column, "")))

    @property
    def full(self) -> bool:
        """Whether so much is wrong that looking on is no use."""
        return len(self.faults) >= MAX_FAULTS

    def refusal(self) -> ImportRefused:
        """The error that names all faults."""
        return ImportRefused(self.source, sorted(self.faults, key=lambda fault: fault.row))


def read_table(path: Source, table: Table, watch: Watch = unwatched) -> Sheet:
    """Read a file of text, or a workbook. Raises `ImportRefused` at once when it is not a table of these columns."""
    content = read_content(path)
    if is_workbook(content):
        return _read(Sheet(path.name), read_rows(content, path.name, table.most), table, watch)
    return parse_table(path.name, decode(content, path), table, watch)


def parse_table(source: str, text: str, table: Table, watch: Watch = unwatched) -> Sheet:
    """Read a text. Faults of single rows are in the sheet; see `read_table`."""
    sheet = Sheet(source)
    return _read(sheet, _raw_rows(sheet, text, _delimiter(text, table)), table, watch)


def _read(sheet: Sheet, rows: Sequence[RawRow], table: Table, watch: Watch) -> Sheet:
    header, body = (rows[0][1], rows[1:]) if rows else ([], [])
    columns = _header(sheet, header, table)
    most = min(table.most, MAX_ROWS)
    if len(body) > most:
        sheet.blame(0, "", f"expected at most {most:,} rows under the header, got more")
    elif not body and not sheet.faults:
        sheet.blame(0, "", "expected rows under the header, got none")
    if sheet.faults and (len(body) > most or not columns):
        raise sheet.refusal()
    _records(sheet, columns, table, watch(body, "reading"))
    return sheet


def _delimiter(text: str, table: Table) -> str:
    """The one under which the header names most of the columns."""
    known = _names(table)

    def recognised(delimiter: str) -> tuple[int, int]:
        try:
            header = next(_reader(text[:_HEADER_CHARACTERS], delimiter), [])
        except csv.Error:
            return 0, 0
        return sum(_normal(name) in known for name in header), len(header)

    return max(_DELIMITERS, key=recognised)


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _raw_rows(sheet: Sheet, text: str, delimiter: str) -> list[RawRow]:
    """The header and all rows that are not empty, with their numbers. Bounded by the size of the file."""
    rows: list[RawRow] = []
    number = 0
    try:
        for number, cells in enumerate(_reader(text, delimiter), 1):
            if number == 1 or any(cell.strip() for cell in cells):
                rows.append((number, cells))
    except csv.Error as error:
        message = f"expected quotes closed, and doubled inside a quoted cell, got a row that cannot be read ({error})"
        sheet.blame(number + 1, "", message)
    return rows


def _header(sheet: Sheet, header: Sequence[str], table: Table) -> dict[int, Column]:
    """The columns by their place. Without them no row can be read, so a faulty header gives none."""
    known = _names(table)
    found: dict[int, Column] = {}
    named = [place for place, heading in enumerate(header) if heading.strip()]
    if not named or named[-1] >= MAX_COLUMNS:
        sheet.blame(1, "", f"expected a header with the columns {_listed(table)}")
        return {}
    faults = len(sheet.faults)
    for place in named:
        heading = header[place]
        column = known.get(_normal(heading))
        if column is None:
            sheet.blame(1, "", f"expected columns among {_listed(table)}, got {heading.strip()[:80]!r}")
        elif column.name in sheet.headings:
            sheet.blame(1, column.name, f"expected the column once, got it again as {heading.strip()!r}")
        else:
            found[place] = column
            sheet.headings[column.name] = heading.strip()
    missing = [_titled(column) for column in table.columns if column.required and column.name not in sheet.headings]
    if missing:
        sheet.blame(1, "", f"expected the columns {', '.join(missing)} too, found none of that name")
    return {} if len(sheet.faults) > faults else found


def _names(table: Table) -> dict[str, Column]:
    return {_normal(name): column for column in table.columns for name in (column.name, *column.synonyms)}


def _normal(heading: str) -> str:
    """A heading without what varies: width, case, a star for "required", a remark in brackets at the end."""
    plain = unicodedata.normalize("NFKC", heading).strip(" \t\r\n*").casefold()
    plain = re.sub(r"\s*\([^()]*\)$", "", plain).rstrip(" *")
    return re.sub(r"[\s-]+", "_", plain)


def _listed(table: Table) -> str:
    return ", ".join(map(_titled, table.columns))


def _titled(column: Column) -> str:
    """Both names, since few who fill in a table read English: `gtin (商品条码)`."""
    return f"{column.name} ({column.synonyms[0]})" if column.synonyms else column.name


def _records(sheet: Sheet, columns: Mapping[int, Column], table: Table, rows: Iterable[RawRow]) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    for number, cells in rows:
        if sheet.full:
            return
        before = len(sheet.faults)
        values = _values(sheet, columns, table, number, cells)
        if table.key and all(name in values for name in table.key):
            key = tuple(values[name] for name in table.key)
            first = seen.setdefault(key, number)
            if first != number:
                together = " with ".join(table.key)
                sheet.blame(number, table.key[-1], f"expected each {together} once, it is in row {first} already")
        if len(sheet.faults) == before:
            sheet.records.append(Record(number, values))


def _values(
    sheet: Sheet, columns: Mapping[int, Column], table: Table, number: int, cells: Sequence[str]
) -> dict[str, Any]:
    """The values of a row by column, without those at fault."""
    values = {column.name: column.empty for column in table.columns if column.name not in sheet.headings}
    for place, raw in enumerate(cells):
        if place not in columns and raw.strip():
            sheet.blame(number, letter(place), f"expected no cell in a column without a heading, got {raw[:80]!r}")
    for place, column in columns.items():
        try:
            values[column.name] = _value(column, cells[place] if place < len(cells) else "")
        except TraceqrError as error:
            sheet.blame(number, column.name, str(error))
    return values


def _value(column: Column, raw: str) -> Any:
    if isinstance(raw, Bad):
        raise CellError(raw.message)
    text = clean(raw, lines=column.lines, most=column.most)
    if text:
        return column.parse(text)
    if column.required:
        raise CellError("expected a value, got an empty cell")
    return column.empty


def letter(place: int) -> str:
    """What a spreadsheet calls the column at a place, from 0: A to Z, AA, AB, ..."""
    high, low = divmod(place, 26)
    return (letter(high - 1) if high else "") + chr(ord("A") + low)

"""Labels as a table, one record a line: what CSV and TXT share.

The records of a file differ in two things, the last eight digits of the serial and the seal; all else is laid down
once, in a pattern. So a record costs well under a microsecond, where signing its label costs 26, and each is as long
as the next, so that the size of a file is known before it is made.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from traceqr.label.serial import Serial
from traceqr.label.series import Series, Strip
from traceqr.printing.format import Job, PrintError

BOM = b"\xef\xbb\xbf"
"""The byte order mark in UTF-8: without it, older spreadsheets take UTF-8 for the code page of the machine."""

LINE_END = "\r\n"

# What makes a spreadsheet read a cell as a formula (OWASP, "CSV injection"), the full-width forms included, which
# some input methods and spreadsheets take for the plain ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Column(enum.StrEnum):
    """What a record may hold. The value is the name in the header."""

    TEXT = "text"
    """What the symbol holds."""
    SERIAL = "serial"
    """16 digits."""
    SERIAL_READABLE = "serial_readable"
    """The serial in groups of four, for people."""
    GTIN = "gtin"
    """14 digits."""
    LOT = "lot"
    PRODUCT_NAME = "product_name"


ALL = tuple(Column)


def parse_columns(names: Iterable[str]) -> tuple[Column, ...]:
    """Columns by their names, in that order. Raises `PrintError` for an unknown name, one twice, or none."""
    known = {column.value: column for column in Column}
    chosen: list[Column] = []
    for name in names:
        column = known.get(name)
        if column is None:
            raise PrintError(f"expected columns out of {', '.join(known)}, got {name!r}")
        chosen.append(column)
    check_columns(chosen)
    return tuple(chosen)


def check_columns(columns: Sequence[Column]) -> None:
    """Raise `PrintError` unless there is one at least, and none twice."""
    if not columns:
        raise PrintError("expected a column at least, got none")
    for at, column in enumerate(columns):
        if column in columns[:at]:
            raise PrintError(f"expected each column once, got {column} twice")


def one_line(text: str) -> str:
    """People's words as one harmless cell of a record.

    Line breaks inside become spaces, and what a spreadsheet would read as a formula gets a leading apostrophe.
    """
    plain = " ".join(text.splitlines())
    return f"'{plain}" if text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA) else plain


@dataclass(frozen=True)
class Table:
    """The labels of a job as a table: chosen columns in a chosen order, with or without a byte order mark.

    Raises `PrintError` for no column, or one twice.
    """

    job: Job
    columns: tuple[Column, ...] = ALL
    bom: bool = False

    unit = 1

    def __post_init__(self) -> None:
        check_columns(self.columns)

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return len(self.head()) + len(self.job) * self._records.width

    @property
    def notes(self) -> Sequence[str]:
        """None."""
        return ()

    def head(self) -> bytes:
        """The names of the columns if they are wanted, after the byte order mark if one is."""
        return (BOM if self.bom else b"") + self._names().encode()

    def body(self, strip: Strip) -> bytes:
        """The records of a strip."""
        return self._records.written(strip)

    def tail(self) -> bytes:
        """Nothing."""
        return b""

    def _names(self) -> str:
        """The line of the columns' names, or nothing."""
        raise NotImplementedError

    @cached_property
    def _records(self) -> Records:
        return self._made()

    def _made(self) -> Records:
        """The records in this form."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a series, one line each.

    `pattern` is a line with `%s` where labels differ, its UTF-8 bytes written as Latin-1, so that lines stay one byte
    a character in memory and their encoding is a copy. `varying` says for each `%s` what goes there.
    """

    pattern: str
    varying: tuple[str, ...]

    @classmethod
    def of(cls, job: Job, columns: Sequence[Column], separator: str, cell: Callable[[str], str]) -> Self:
        """Records of `columns`, between them `separator`. `cell` writes a cell that came from people."""
        parts = [_cell(job, column, cell) for column in columns]
        pattern = separator.join(part for part, _ in parts) + LINE_END
        return cls(pattern.encode().decode("latin-1"), tuple(name for _, names in parts for name in names))

    @property
    def width(self) -> int:
        """Bytes of each record."""
        example = {"index": "00000000", "high": "0000", "low": "0000", "seal": "0" * 169}
        return len(self.pattern % tuple(example[name] for name in self.varying))

    def written(self, strip: Strip) -> bytes:
        """The records of a strip."""
        if not self.varying:
            return (self.pattern % ()).encode("latin-1") * len(strip)
        sources = self._sources(strip)
        lines = map(self.pattern.__mod__, zip(*(sources[name] for name in self.varying), strict=True))
        return "".join(lines).encode("latin-1")

    def _sources(self, strip: Strip) -> dict[str, Sequence[str]]:
        indices = [f"{index:08d}" for index in range(strip.first, strip.first + len(strip))]
        sources: dict[str, Sequence[str]] = {"index": indices, "seal": strip.seals}
        if "high" in self.varying:
            sources |= {"high": [each[:4] for each in indices], "low": [each[4:] for each in indices]}
        return sources


def _cell(job: Job, column: Column, cell: Callable[[str], str]) -> tuple[str, tuple[str, ...]]:
    """A cell as a pattern, and what varies in it."""
    series = job.series
    if column is Column.TEXT:
        return f"{_fixed(series.head)}%s?s=%s", ("index", "seal")
    if column is Column.SERIAL:
        return f"{series.batch:08d}%s", ("index",)
    if column is Column.SERIAL_READABLE:
        return f"{_readable_batch(series)} %s %s", ("high", "low")
    if column is Column.GTIN:
        return str(series.gtin), ()
    return _fixed(cell(job.imprint.lot if column is Column.LOT else job.imprint.product_name)), ()


def _readable_batch(series: Series) -> str:
    return Serial(series.batch, 0).readable[:9]


def _fixed(text: str) -> str:
    return text.replace("%", "%%")

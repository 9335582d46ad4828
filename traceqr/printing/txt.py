"""Labels as plain text in UTF-8, one record a line: what programs for variable-data printing read.

- With tabs and a header: the form that label and layout programs take as a database (NiceLabel, BarTender,
  ZebraDesigner, InDesign's data merge), where each column is put on the label by its name.
- With tabs, without a header: for those that number their columns.
- The texts alone, one a line: for the controllers of inkjet and laser coders, which draw the symbol themselves.

There is no quoting in this form, so a tab inside a name becomes a space.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from traceqr.label.series import Strip
from traceqr.printing.format import Job
from traceqr.printing.tabular import ALL, BOM, LINE_END, Column, Records, check_columns, one_line

TEXT_ALONE = (Column.TEXT,)
"""The columns for a coder that takes nothing but the symbol's content: with `header=False`."""


@dataclass(frozen=True)
class Txt:
    """The labels of a job as tab-separated text, in chosen columns and order.

    Raises `PrintError` for no column, or one twice.
    """

    job: Job
    columns: tuple[Column, ...] = ALL
    header: bool = True
    bom: bool = False

    suffix = "txt"
    media_type = "text/plain; charset=utf-8"
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
        names = "\t".join(self.columns) + LINE_END if self.header else ""
        return (BOM if self.bom else b"") + names.encode()

    def body(self, strip: Strip) -> bytes:
        """The records of a strip."""
        return self._records.written(strip)

    def tail(self) -> bytes:
        """Nothing."""
        return b""

    @cached_property
    def _records(self) -> Records:
        return Records.of(self.job, self.columns, "\t", _cell)


def _cell(text: str) -> str:
    return one_line(text).replace("\t", " ")

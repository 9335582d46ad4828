"""Labels as plain text in UTF-8, one record a line: what programs for variable-data printing read.

- With tabs and a header: the form that label and layout programs take as a database (NiceLabel, BarTender,
  ZebraDesigner, InDesign's data merge), where each column is put on the label by its name.
- With tabs, without a header: for those that number their columns.
- The texts alone, one a line: for the controllers of inkjet and laser coders, which draw the symbol themselves.

There is no quoting in this form, so a tab inside a name becomes a space.
"""

from __future__ import annotations

from dataclasses import dataclass

from traceqr.printing.tabular import LINE_END, Column, Records, Table, one_line

TEXT_ALONE = (Column.TEXT,)
"""The columns for a coder that takes nothing but the symbol's content: with `header=False`."""


@dataclass(frozen=True)
class Txt(Table):
    """The labels of a job as tab-separated text, with or without a header. See `Table`."""

    header: bool = True

    suffix = "txt"
    media_type = "text/plain; charset=utf-8"

    def _names(self) -> str:
        return "\t".join(self.columns) + LINE_END if self.header else ""

    def _made(self) -> Records:
        return Records.of(self.job, self.columns, "\t", _cell)


def _cell(text: str) -> str:
    return one_line(text).replace("\t", " ")

"""Empty tables to be filled in: as CSV, and as workbooks whose cells are text, so that Excel spoils no number."""

from __future__ import annotations

import csv
import io

from traceqr.importing.table import Column, Table

_WIDTH = 24
_NOTES = ("column", "列名", "required (必填)", "also (也可写作)")


def heading(column: Column, *, english: bool = False) -> str:
    """What stands in the header: what must be filled in has a star."""
    name = column.name if english or not column.synonyms else column.synonyms[0]
    return f"{name}*" if column.required else name


def as_csv(table: Table, *, english: bool = False) -> bytes:
    """The header alone, in UTF-8 with the byte order mark by which Excel knows it."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow([heading(column, english=english) for column in table.columns])
    return out.getvalue().encode("utf-8-sig")


def as_workbook(table: Table, *, english: bool = False) -> bytes:
    """The header over columns of text, and a second sheet that tells of them."""
    from openpyxl import Workbook  # as in workbook.py
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "data" if english else "数据"
    for place, column in enumerate(table.columns, 1):
        cell = sheet.cell(1, place, heading(column, english=english))
        cell.font = Font(bold=True)
        told = sheet.column_dimensions[get_column_letter(place)]
        told.width, told.number_format = _WIDTH, "@"
    sheet.freeze_panes = "A2"
    notes = book.create_sheet("notes" if english else "说明")
    notes.append(_NOTES)
    for column in table.columns:
        notes.append((column.name, *column.synonyms[:1], "*" if column.required else "", ", ".join(column.synonyms)))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()

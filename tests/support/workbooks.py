"""Excel workbooks for tests: of rows, and with what a file may do to its reader."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook


def workbook(rows: Iterable[Sequence[Any]], change: Callable[[Workbook], None] | None = None) -> bytes:
    """The bytes of a workbook with these rows in its first sheet."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_parts(content: bytes, parts: Mapping[str, Callable[[bytes], bytes]]) -> bytes:
    """The same with parts, by their paths, made anew. One that is not there is a fault of the test."""
    out, left = io.BytesIO(), dict(parts)
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, left.pop(info.filename, bytes)(old.read(info)))
    assert not left, left
    return out.getvalue()

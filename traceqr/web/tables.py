"""Tables that readers download: CSV with a byte order mark, in which no cell is a formula, sent as it is made."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from flask import Response

from traceqr.printing.tabular import one_line

_PIECE = 64 * 1024
"""Characters that are sent at once."""


def table_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """A table to be kept as a file. Rows are asked for while they are sent."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Cookie"}
    return Response(_written(columns, rows), content_type="text/csv; charset=utf-8", headers=headers)


def _written(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    out = io.StringIO("\ufeff")
    out.seek(1)
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([one_line(cell) for cell in row])
        if out.tell() > _PIECE:
            yield out.getvalue().encode()
            out = io.StringIO()
            writer = csv.writer(out)
    yield out.getvalue().encode()

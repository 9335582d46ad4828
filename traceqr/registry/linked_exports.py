"""Exports that are handed out by a link: each found by its id alone, as whoever holds the link knows no more of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from traceqr.registry.database import Reader
from traceqr.registry.exports import Content, ExportRow


@dataclass(frozen=True, slots=True)
class LinkedExport:
    """An export with the options that its entry on the ledger names; `finished_ms` is None where it is not whole."""

    row: ExportRow
    options: Mapping[str, Any]
    finished_ms: int | None


def by_id(reader: Reader, export_id: str) -> LinkedExport | None:
    """The export of that id, with a link or without."""
    row = reader.row(
        "SELECT x.id, x.batch, x.first, x.last, x.content, x.format, l.entry, f.at_ms AS finished_ms"
        " FROM label_export x JOIN ledger l ON l.position = x.position"
        " LEFT JOIN ledger f ON f.position = x.finished_position WHERE x.id = :id",
        {"id": export_id},
    )
    if row is None:
        return None
    payload = json.loads(row["entry"])["payload"]
    content = Content(row["content"])
    found = ExportRow(row["id"], row["batch"], row["first"], row["last"], content, row["format"])
    return LinkedExport(found, payload.get("options", {}), row["finished_ms"])

"""Exports of labels for print: which labels of a batch left the house, when, in what form, and whether wholly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from traceqr.registry.database import Reader, Row, Transaction


class Content(StrEnum):
    """What an export holds: labels, the hidden codes that go under their scratch layers, or both together."""

    LABELS = "labels"
    HIDDEN = "hidden"
    BOTH = "both"


_APART = {Content.LABELS: "hidden", Content.HIDDEN: "labels", Content.BOTH: ""}
"""By content: the one that has nothing in common with it."""


@dataclass(frozen=True, slots=True)
class ExportRow:
    """Labels `first` to `last` of a batch, as they were ordered."""

    id: str
    batch: int
    first: int
    last: int
    content: Content
    format: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """An export that was made, or begun: when, by whom and how its entry on the ledger says. `digest` is None where
    it was broken off.
    """

    row: ExportRow
    at_ms: int
    actor: str
    payload: dict[str, Any]
    digest: str | None


@dataclass(frozen=True, slots=True)
class LinkedExport:
    """An export as whoever holds a link to it finds it, by its id alone: with the options that its entry on the ledger
    names. `finished_ms` is None where it is not whole; `shows_marks` says whether its labels bear artworks of marks.
    """

    row: ExportRow
    options: Mapping[str, Any]
    finished_ms: int | None
    shows_marks: bool


_COLUMNS = tuple(ExportRow.__dataclass_fields__)
_SELECT = (
    f"SELECT {', '.join('x.' + name for name in _COLUMNS)}, x.digest, l.at_ms, l.entry FROM label_export x"
    " JOIN ledger l ON l.position = x.position WHERE x.batch = :batch"
)


def insert(tx: Transaction, row: ExportRow, position: int) -> None:
    """Add an export that begins."""
    tx.insert_many("label_export", (*_COLUMNS, "position"), [(*asdict(row).values(), position)])


def finish(tx: Transaction, export_id: str, digest: str, size: int, position: int) -> int:
    """An export is whole: SHA-256 in hex and bytes of what was written. Returns 0 where it was so already."""
    return tx.execute(
        "UPDATE label_export SET finished_position = :position, digest = :digest, bytes = :bytes"
        " WHERE id = :id AND finished_position IS NULL",
        {"position": position, "digest": digest, "bytes": size, "id": export_id},
    )


def overlapping(reader: Reader, batch: int, first: int, last: int, content: Content) -> Earlier | None:
    """The latest export with any of these labels, and with content in common."""
    row = reader.row(
        _SELECT + " AND x.first <= :last AND x.last >= :first AND x.content <> :apart ORDER BY x.position DESC LIMIT 1",
        {"batch": batch, "first": first, "last": last, "apart": _APART[content]},
    )
    return _earlier(row) if row else None


def unfinished(reader: Reader, batch: int, first: int, last: int) -> Iterator[Earlier]:
    """The exports of exactly these labels that were broken off, latest first."""
    rows = reader.rows(
        _SELECT + " AND x.first = :first AND x.last = :last AND x.finished_position IS NULL ORDER BY x.position DESC",
        {"batch": batch, "first": first, "last": last},
    )
    return map(_earlier, rows)


def of_batch(reader: Reader, batch: int) -> list[Earlier]:
    """All exports of a batch, latest first."""
    return [_earlier(row) for row in reader.rows(_SELECT + " ORDER BY x.position DESC", {"batch": batch})]


def by_id(reader: Reader, export_id: str) -> LinkedExport | None:
    """The export of that id, with a link or without."""
    row = reader.row(
        f"SELECT {', '.join('x.' + name for name in _COLUMNS)}, l.entry, f.at_ms AS finished_ms FROM label_export x"
        " JOIN ledger l ON l.position = x.position LEFT JOIN ledger f ON f.position = x.finished_position"
        " WHERE x.id = :id",
        {"id": export_id},
    )
    if row is None:
        return None
    payload = json.loads(row["entry"])["payload"]
    return LinkedExport(_ordered(row), payload.get("options", {}), row["finished_ms"], bool(payload.get("marks")))


def _earlier(row: Row) -> Earlier:
    entry = json.loads(row["entry"])
    return Earlier(_ordered(row), row["at_ms"], entry["actor"], entry["payload"], row["digest"])


def _ordered(row: Row) -> ExportRow:
    return ExportRow(**{name: row[name] for name in _COLUMNS} | {"content": Content(row["content"])})

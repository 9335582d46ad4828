"""The labels that recalls reach besides those that they are laid over: made of what is recalled, as events say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from traceqr.registry.database import Reader, Row, Transaction
from traceqr.registry.notices import SELECTED, Notice
from traceqr.tracing.run import Run
from traceqr.tracing.thing import batch_of_line, label_line

_COLUMNS = ("notice_id", "batch", "first", "last")


@dataclass(frozen=True, slots=True)
class Reached:
    """How many labels of how many batches a recall reaches, and whether that is all."""

    labels: int
    batches: int
    whole: bool


def is_any_open(reader: Reader) -> bool:
    """Whether any recall is open."""
    row = reader.row("SELECT id FROM notice WHERE closed_position IS NULL AND kind = 'recall' LIMIT 1")
    return row is not None


def open_recalls(reader: Reader) -> list[Notice]:
    """All open recalls, in the order in which they were opened."""
    rows = reader.rows(
        f"SELECT {SELECTED} FROM notice n WHERE n.closed_position IS NULL AND n.kind = 'recall'"
        " ORDER BY n.opened_position"
    )
    return [Notice(**row) for row in rows]


def of_notice(reader: Reader, notice_id: str) -> list[Run]:
    """What a recall reaches, as runs of labels."""
    rows = reader.rows(
        "SELECT b.gtin, k.batch, k.first, k.last FROM recall_reach k JOIN batch b ON b.number = k.batch"
        " WHERE k.notice_id = :notice ORDER BY k.batch, k.first",
        {"notice": notice_id},
    )
    return [Run(label_line(row["gtin"], row["batch"]), row["first"], row["last"]) for row in rows]


def replace(tx: Transaction, notice_id: str, runs: Iterable[Run]) -> None:
    """Let a recall reach these labels and no others."""
    tx.execute("DELETE FROM recall_reach WHERE notice_id = :notice", {"notice": notice_id})
    rows = [(notice_id, batch_of_line(run.line), run.first, run.last) for run in runs]
    if rows:
        tx.insert_many("recall_reach", _COLUMNS, rows)


def counted(reader: Reader, notice_id: str) -> Reached:
    """How far a recall reaches."""
    row = reader.row(
        "SELECT COALESCE(CAST(SUM(k.last - k.first + 1) AS BIGINT), 0) AS labels, COUNT(DISTINCT k.batch) AS batches,"
        " (SELECT r.reach_whole FROM recall r WHERE r.id = :notice) AS whole"
        " FROM recall_reach k WHERE k.notice_id = :notice",
        {"notice": notice_id},
    )
    assert row is not None  # an aggregate always has its one row
    return Reached(row["labels"], row["batches"], bool(row["whole"]))


def by_product(reader: Reader, notice_id: str) -> list[Row]:
    """The batches that a recall reaches, each with its product, its enterprise and how many of its labels."""
    return reader.rows(
        "SELECT b.gtin, b.number, b.lot, v.name_zh, v.name_en, e.id AS enterprise_id, e.name_zh AS enterprise_zh,"
        " e.name_en AS enterprise_en, CAST(SUM(k.last - k.first + 1) AS BIGINT) AS labels"
        " FROM recall_reach k JOIN batch b ON b.number = k.batch"
        " JOIN product_version v ON v.gtin = b.gtin AND v.version = b.product_version"
        " JOIN enterprise e ON e.id = b.enterprise_id WHERE k.notice_id = :notice"
        " GROUP BY b.gtin, b.number, b.lot, v.name_zh, v.name_en, e.id, e.name_zh, e.name_en ORDER BY b.number",
        {"notice": notice_id},
    )

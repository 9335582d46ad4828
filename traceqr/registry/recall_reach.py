"""The labels that recalls reach besides those that they are laid over: made of what is recalled, as events say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from traceqr.registry.database import Reader, Row, Transaction
from traceqr.registry.notices import SELECTED, Notice
from traceqr.tracing.run import Run
from traceqr.tracing.thing import batch_of_line, label_line

_COLUMNS = ("notice_id", "batch", "first", "last")
_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Reached:
    """How many labels of how many batches a recall reaches, and whether that is all."""

    labels: int
    batches: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Affected:
    """An enterprise that the recall of another (`by_id`) reaches: how many of its labels, of how many batches, by the
    act at `position`.
    """

    notice_id: str
    enterprise_id: str
    position: int
    at_ms: int
    region: str
    by_id: str
    gtin: str
    batch: int | None
    lot: str | None
    is_open: bool
    labels: int
    batches: int


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


def unordered(reader: Reader) -> frozenset[str]:
    """The ids of the open recalls that enterprises laid by themselves."""
    rows = reader.rows("SELECT id FROM recall WHERE ordered_by IS NULL AND closed_position IS NULL")
    return frozenset(row["id"] for row in rows)


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


def affect(tx: Transaction, notice_id: str, numbers: Iterable[int], position: int) -> None:
    """Note that more labels of these batches are reached, by the act at a position, for those enterprises who did not
    recall themselves.
    """
    for some in _chunks(numbers):
        tx.execute(
            "INSERT INTO recall_affected (notice_id, enterprise_id, position, announced_ms)"
            " SELECT DISTINCT r.id, b.enterprise_id, CAST(:position AS BIGINT), CAST(NULL AS BIGINT)"
            f" FROM recall r, batch b WHERE r.id = :notice AND b.number IN ({some})"
            " AND b.enterprise_id <> r.enterprise_id"
            " ON CONFLICT (notice_id, enterprise_id) DO UPDATE SET position = excluded.position, announced_ms = NULL",
            {"notice": notice_id, "position": position},
        )


def affected(reader: Reader, notice_id: str) -> list[Row]:
    """The enterprises, with their regions, that were told of a recall by another."""
    return reader.rows(
        "SELECT a.enterprise_id, e.region FROM recall_affected a JOIN enterprise e ON e.id = a.enterprise_id"
        " WHERE a.notice_id = :notice AND a.announced_ms IS NOT NULL ORDER BY a.position, e.uscc",
        {"notice": notice_id},
    )


def unannounced(reader: Reader, most: int) -> list[Affected]:
    """Enterprises that are reached by the open recall of another, or by more of it, and that nobody has told."""
    rows = reader.rows(
        "SELECT a.notice_id, a.enterprise_id, a.position, l.at_ms, e.region, r.enterprise_id AS by_id,"
        " COALESCE(n.gtin, n.material) AS gtin, n.batch, n.lot,"
        " CASE WHEN n.closed_position IS NULL THEN 1 ELSE 0 END AS is_open,"
        " COALESCE(CAST(SUM(k.last - k.first + 1) AS BIGINT), 0) AS labels, COUNT(DISTINCT k.batch) AS batches"
        " FROM recall_affected a JOIN notice n ON n.id = a.notice_id JOIN recall r ON r.id = a.notice_id"
        " JOIN enterprise e ON e.id = a.enterprise_id JOIN ledger l ON l.position = a.position"
        " LEFT JOIN (recall_reach k JOIN batch b ON b.number = k.batch) ON k.notice_id = a.notice_id"
        " AND b.enterprise_id = a.enterprise_id WHERE a.announced_ms IS NULL"
        " GROUP BY a.notice_id, a.enterprise_id, a.position, l.at_ms, e.region, r.enterprise_id, n.gtin, n.material,"
        " n.batch, n.lot, n.closed_position, e.uscc ORDER BY a.position, e.uscc LIMIT :most",
        {"most": most},
    )
    return [Affected(**{**row, "is_open": bool(row["is_open"])}) for row in rows]


def announced(tx: Transaction, found: Iterable[Affected], now_ms: int) -> None:
    """They were told, or there was nothing to tell them any more."""
    tx.execute_each(
        [
            (
                "UPDATE recall_affected SET announced_ms = :now_ms"
                " WHERE notice_id = :notice AND enterprise_id = :enterprise",
                {"now_ms": now_ms, "notice": one.notice_id, "enterprise": one.enterprise_id},
            )
            for one in found
        ]
    )


def _chunks(numbers: Iterable[int]) -> Iterator[str]:
    """Numbers of ours as they stand in statements, so many at once."""
    listed = sorted(set(numbers))
    for start in range(0, len(listed), _AT_ONCE):
        yield ", ".join(str(int(number)) for number in listed[start : start + _AT_ONCE])


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

"""Holds and recalls: opened and closed by id, over a range of a batch or over a whole product."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Row, Transaction


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind` is hold or recall. Batch, first and last are None when it covers a product: all of it, or a `lot`. Where
    the lot is that of a material which is no product here, `material` is what that is called.
    """

    id: str
    kind: str
    gtin: str
    batch: int | None
    first: int | None
    last: int | None
    reason: str
    lot: str | None = None
    material: str | None = None


SELECTED = (
    "n.id, n.kind, COALESCE(n.gtin, n.material) AS gtin, n.batch, n.first, n.last, n.reason, n.lot,"
    " n.material_name AS material"
)
"""The columns of a `Notice`, of a row that a statement calls `n`."""


def insert(tx: Transaction, notice: Notice, position: int) -> None:
    """Open a notice."""
    values = {**asdict(notice), "material_name": notice.material, "opened_position": position}
    values |= {"gtin": None, "material": notice.gtin} if notice.material is not None else {}
    tx.insert_many("notice", tuple(values), [tuple(values.values())])


def close(tx: Transaction, notice_id: str, position: int) -> None:
    """Close an open notice."""
    tx.execute("UPDATE notice SET closed_position = :position WHERE id = :id", {"position": position, "id": notice_id})


def open_by_id(reader: Reader, notice_id: str) -> Notice | None:
    """The notice of that id, if it is still open."""
    row = reader.row(
        f"SELECT {SELECTED} FROM notice n WHERE n.id = :id AND n.closed_position IS NULL", {"id": notice_id}
    )
    return Notice(**row) if row else None


def open_on_material(reader: Reader, gtin: str, lot: str, reason: str, enterprise_id: str) -> list[Notice]:
    """Open recalls of a lot of a material that give that reason, and are addressed to that enterprise."""
    rows = reader.rows(
        f"SELECT {SELECTED} FROM recall r JOIN notice n ON n.id = r.id WHERE r.enterprise_id = :enterprise"
        " AND n.material = :gtin AND n.lot = :lot AND n.closed_position IS NULL AND n.reason = :reason",
        {"enterprise": enterprise_id, "gtin": gtin, "lot": lot, "reason": reason},
    )
    return [Notice(**row) for row in rows]


def open_with_reason(reader: Reader, kind: str, gtin: str, reason: str) -> list[Notice]:
    """Open notices of a kind over a product or its batches that give that reason."""
    rows = reader.rows(
        f"SELECT {SELECTED} FROM notice n WHERE n.gtin = :gtin AND n.closed_position IS NULL AND n.kind = :kind"
        " AND n.reason = :reason",
        {"gtin": gtin, "kind": kind, "reason": reason},
    )
    return [Notice(**row) for row in rows]


def product_of(reader: Reader, notice_id: str) -> str | None:
    """The GTIN that a notice is about, whether it is open or closed."""
    row = reader.row("SELECT COALESCE(gtin, material) AS gtin FROM notice WHERE id = :id", {"id": notice_id})
    return str(row["gtin"]) if row else None


def open_now(reader: Reader) -> list[Row]:
    """All open notices with the instant of their opening, latest first."""
    return reader.rows(
        "SELECT n.id, n.kind, COALESCE(n.gtin, n.material) AS gtin, n.batch, n.first, n.last, n.lot,"
        " n.material_name AS material, n.reason, l.at_ms AS opened_ms FROM notice n"
        " JOIN ledger l ON l.position = n.opened_position WHERE n.closed_position IS NULL"
        " ORDER BY n.opened_position DESC"
    )


def open_of_enterprise(reader: Reader, enterprise_id: str, most: int = 50) -> list[Row]:
    """Open notices over batches that an enterprise issued, and over its products, latest first; and recalls by others
    of what its labels were made of (`is_of_material`).
    """
    return reader.rows(
        "SELECT n.id, n.kind, COALESCE(n.gtin, n.material) AS gtin, n.batch, n.first, n.last, n.lot,"
        " n.reason, n.is_of_material,"
        " l.at_ms AS opened_ms FROM ("
        "SELECT o.*, 0 AS is_of_material FROM batch b JOIN notice o ON o.gtin = b.gtin AND o.batch = b.number"
        " WHERE b.enterprise_id = :enterprise AND o.closed_position IS NULL"
        " UNION ALL SELECT o.*, 0 AS is_of_material FROM product p JOIN notice o ON o.gtin = p.gtin AND o.batch IS NULL"
        " WHERE p.enterprise_id = :enterprise AND o.closed_position IS NULL"
        " UNION ALL SELECT DISTINCT o.*, 1 AS is_of_material FROM batch b JOIN recall_reach k ON k.batch = b.number"
        " JOIN notice o ON o.id = k.notice_id JOIN recall r ON r.id = o.id"
        " WHERE b.enterprise_id = :enterprise AND o.closed_position IS NULL"
        " AND (r.enterprise_id <> :enterprise OR o.gtin IS NULL)) n"
        " JOIN ledger l ON l.position = n.opened_position ORDER BY n.opened_position DESC LIMIT :most",
        {"enterprise": enterprise_id, "most": most},
    )


def open_on_batch(reader: Reader, gtin: str, batch: int) -> list[Row]:
    """Open notices over labels of a batch, latest first; those over its whole product have no batch. Recalls of what
    its labels were made of are among them (`is_of_material`).
    """
    return reader.rows(
        "SELECT q.*, l.at_ms AS opened_ms FROM ("
        "SELECT n.id, n.kind, COALESCE(n.gtin, n.material) AS gtin, n.batch, n.first, n.last, n.lot,"
        " n.reason, n.opened_position,"
        " 0 AS is_of_material FROM notice n WHERE n.gtin = :gtin AND n.closed_position IS NULL"
        " AND (n.batch = :batch OR (n.batch IS NULL AND (n.lot IS NULL"
        " OR n.lot = (SELECT b.lot FROM batch b WHERE b.number = :batch))))"
        " UNION ALL SELECT DISTINCT n.id, n.kind, n.gtin, n.batch, n.first, n.last, n.lot, n.reason,"
        " n.opened_position, 1 AS is_of_material FROM recall_reach k JOIN notice n ON n.id = k.notice_id"
        " WHERE k.batch = :batch AND n.closed_position IS NULL) q"
        " JOIN ledger l ON l.position = q.opened_position ORDER BY q.opened_position DESC",
        {"gtin": gtin, "batch": batch},
    )

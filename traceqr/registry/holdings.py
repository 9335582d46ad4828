"""What one enterprise holds, a page at a time: each page goes on after the key that ended the one before."""

from __future__ import annotations

from traceqr.registry.database import Reader, Row

_ABOVE_ALL = 2**62

_BATCH = (
    "SELECT b.number, b.gtin, b.product_version, b.enterprise_id, b.label_count, b.lot, b.produced_on, b.expires_on,"
    " b.market, b.pledge, l.at_ms AS issued_ms FROM batch b JOIN ledger l ON l.position = b.position"
)
_NOTICE = (
    "SELECT n.id, n.kind, COALESCE(n.gtin, n.material) AS gtin, n.batch, n.first, n.last, n.lot,"
    " n.material_name AS material, n.reason,"
    " n.opened_position, l.at_ms AS opened_ms,"
    " l.entry,"
    " COALESCE(b.enterprise_id, p.enterprise_id, r.enterprise_id) AS enterprise_id FROM notice n"
    " JOIN ledger l ON l.position = n.opened_position LEFT JOIN product p ON p.gtin = n.gtin"
    " LEFT JOIN recall r ON r.id = n.id LEFT JOIN batch b ON b.number = n.batch WHERE n.closed_position IS NULL"
)


def products(reader: Reader, enterprise_id: str, after: str, most: int) -> list[Row]:
    """Products in their present versions, by GTIN."""
    return reader.rows(
        "SELECT p.gtin, p.version, v.name_zh, v.name_en, v.brand, v.specification, v.standard, v.picture FROM product p"
        " JOIN product_version v ON v.gtin = p.gtin AND v.version = p.version"
        " WHERE p.enterprise_id = :enterprise AND p.gtin > :after ORDER BY p.gtin LIMIT :most",
        {"enterprise": enterprise_id, "after": after, "most": most},
    )


def claims(reader: Reader, enterprise_id: str, after: str, most: int) -> list[Row]:
    """Claims, by id."""
    return reader.rows(
        "SELECT id, kind, value, evidence, state, decided_ms FROM gtin_claim"
        " WHERE enterprise_id = :enterprise AND id > :after ORDER BY id LIMIT :most",
        {"enterprise": enterprise_id, "after": after, "most": most},
    )


def batches(reader: Reader, enterprise_id: str, before: int | None, most: int) -> list[Row]:
    """Batches, latest first."""
    return reader.rows(
        f"{_BATCH} WHERE b.enterprise_id = :enterprise AND b.number < :before ORDER BY b.number DESC LIMIT :most",
        {"enterprise": enterprise_id, "before": _below(before), "most": most},
    )


def batch(reader: Reader, enterprise_id: str, number: int) -> Row | None:
    """One batch, if it is the enterprise's."""
    return reader.row(
        f"{_BATCH} WHERE b.number = :number AND b.enterprise_id = :enterprise",
        {"number": number, "enterprise": enterprise_id},
    )


def spans(reader: Reader, number: int, after: int, most: int) -> list[Row]:
    """The states of a batch's labels, in order, from behind the span that begins with label `after`."""
    return reader.rows(
        "SELECT first, last, life, holds, recalls FROM span WHERE batch = :batch AND first > :after"
        " ORDER BY first LIMIT :most",
        {"batch": number, "after": after, "most": most},
    )


def notices(reader: Reader, enterprise_id: str, before: int | None, most: int) -> list[Row]:
    """Open holds and recalls over batches and products of the enterprise, latest first."""
    return reader.rows(
        f"{_NOTICE} AND COALESCE(b.enterprise_id, p.enterprise_id, r.enterprise_id) = :enterprise"
        " AND n.opened_position < :before"
        " ORDER BY n.opened_position DESC LIMIT :most",
        {"enterprise": enterprise_id, "before": _below(before), "most": most},
    )


def notice(reader: Reader, enterprise_id: str, notice_id: str) -> Row | None:
    """One open hold or recall, if it is over what is the enterprise's."""
    row = reader.row(f"{_NOTICE} AND n.id = :id", {"id": notice_id})
    return row if row and row["enterprise_id"] == enterprise_id else None


def exports(reader: Reader, number: int, before: int | None, most: int) -> list[Row]:
    """The exports of a batch, latest first."""
    return reader.rows(
        "SELECT x.id, x.first, x.last, x.content, x.format, x.digest, x.bytes, x.position, l.at_ms FROM label_export x"
        " JOIN ledger l ON l.position = x.position WHERE x.batch = :batch AND x.position < :before"
        " ORDER BY x.position DESC LIMIT :most",
        {"batch": number, "before": _below(before), "most": most},
    )


def pledges(reader: Reader, enterprise_id: str, before: int | None, most: int) -> list[Row]:
    """Pledges with their campaigns, latest first."""
    return reader.rows(
        "SELECT g.number, g.campaign_id, g.state, g.signed_ms, g.valid_from_ms, g.valid_to_ms, c.year,"
        " c.name_zh AS campaign_zh, c.name_en AS campaign_en FROM pledge g JOIN campaign c ON c.id = g.campaign_id"
        " WHERE g.enterprise_id = :enterprise AND g.number < :before ORDER BY g.number DESC LIMIT :most",
        {"enterprise": enterprise_id, "before": _below(before), "most": most},
    )


def enterprise_of(reader: Reader, actor: str) -> str | None:
    """The enterprise in whose name somebody acts who stands on the ledger as `account:ID` or `token:ID`."""
    kind, _, name = actor.partition(":")
    table = {"account": "account", "token": "api_token"}.get(kind)
    row = reader.row(f"SELECT enterprise_id FROM {table} WHERE id = :id", {"id": name}) if table else None
    return row["enterprise_id"] if row else None


def _below(before: int | None) -> int:
    return _ABOVE_ALL if before is None else before

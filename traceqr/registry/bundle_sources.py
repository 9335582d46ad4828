"""What bundles are made from: batches with their states, what is shown of them, and open recalls, a firm at a time."""

from __future__ import annotations

from collections.abc import Iterator

from traceqr.registry.database import Reader, Row

PAGE = 20_000
"""Spans, or sightings, read at once: a batch may have a million."""


def regions(reader: Reader) -> list[str]:
    """Of all enterprises, and of all organisations below the country."""
    rows = reader.rows("SELECT region FROM enterprise UNION SELECT region FROM organisation WHERE level <> 'national'")
    return [row["region"] for row in rows]


def issuers(reader: Reader) -> list[Row]:
    """The enterprises that have batches."""
    return reader.rows(
        "SELECT e.id, e.uscc, e.name_zh, e.name_en, e.region, e.service_phone FROM enterprise e"
        " WHERE EXISTS (SELECT 1 FROM batch b WHERE b.enterprise_id = e.id) ORDER BY e.id"
    )


def batches(reader: Reader, enterprise_id: str) -> list[Row]:
    """The batches of an enterprise, by product, its version, and number. `changed` is the last act that gave labels of
    it a life, so that two readings with the same one found all lives the same.
    """
    return reader.rows(
        "SELECT b.number, b.gtin, b.product_version, b.pledge, b.key_number, b.label_count, b.origin, b.lot,"
        " b.produced_on, b.expires_on, v.name_zh, v.name_en, v.brand, v.specification, v.standard,"
        " (SELECT MAX(s.life_position) FROM span s WHERE s.batch = b.number) AS changed"
        " FROM batch b JOIN product_version v ON v.gtin = b.gtin AND v.version = b.product_version"
        " WHERE b.enterprise_id = :enterprise ORDER BY b.gtin, b.product_version, b.number",
        {"enterprise": enterprise_id},
    )


def pledges(reader: Reader, enterprise_id: str) -> list[Row]:
    """The pledges that batches of an enterprise carry, by number."""
    return reader.rows(
        "SELECT g.number, g.state, c.name_zh AS campaign_zh, c.name_en AS campaign_en, c.year, g.valid_from_ms,"
        " g.valid_to_ms FROM pledge g JOIN campaign c ON c.id = g.campaign_id"
        " WHERE g.number IN (SELECT b.pledge FROM batch b WHERE b.enterprise_id = :enterprise) ORDER BY g.number",
        {"enterprise": enterprise_id},
    )


def marks(reader: Reader, enterprise_id: str) -> list[Row]:
    """The marks that batches of an enterprise carry, one row for a batch and a licence."""
    return reader.rows(
        "SELECT a.batch, k.spelled AS licence, t.name_zh, t.name_en, k.state, k.valid_from_ms, k.valid_to_ms, k.reason"
        " FROM batch b JOIN batch_mark a ON a.batch = b.number JOIN mark_licence k ON k.number = a.licence"
        " JOIN mark_text t ON t.mark_id = k.mark_id AND t.version = k.text_version"
        " WHERE b.enterprise_id = :enterprise",
        {"enterprise": enterprise_id},
    )


def notices(reader: Reader, enterprise_id: str) -> list[Row]:
    """The open holds and recalls over products of which an enterprise has issued batches, in whatever part of them;
    and the recalls that reach ranges of these, with the product of the batch.
    """
    return reader.rows(
        "SELECT n.id, n.kind, n.gtin, n.batch, n.first, n.last, n.lot FROM notice n WHERE n.closed_position IS NULL"
        " AND n.gtin IN (SELECT b.gtin FROM batch b WHERE b.enterprise_id = :enterprise)"
        " UNION ALL SELECT n.id, n.kind, b.gtin, k.batch, k.first, k.last, n.lot FROM batch b"
        " JOIN recall_reach k ON k.batch = b.number JOIN notice n ON n.id = k.notice_id"
        " WHERE b.enterprise_id = :enterprise AND n.closed_position IS NULL ORDER BY id",
        {"enterprise": enterprise_id},
    )


def open_recalls(reader: Reader) -> list[Row]:
    """All open recalls with what they tell, by id."""
    return reader.rows(
        "SELECT n.id, COALESCE(n.gtin, n.material) AS gtin, l.at_ms AS since_ms, r.grade,"
        " o.name_zh AS ordered_zh, o.name_en AS ordered_en,"
        " r.hazard_zh_hans, r.advice_zh_hans, r.contact_zh_hans, r.hazard_zh_hant, r.advice_zh_hant, r.contact_zh_hant,"
        " r.hazard_en, r.advice_en, r.contact_en"
        " FROM notice n JOIN ledger l ON l.position = n.opened_position LEFT JOIN recall r ON r.id = n.id"
        " LEFT JOIN organisation o ON o.id = r.ordered_by"
        " WHERE n.closed_position IS NULL AND n.kind = 'recall' ORDER BY n.id"
    )


def lives(reader: Reader, batch: int) -> Iterator[tuple[int, str]]:
    """The last label and the life of each span of a batch, in order, some at a time."""
    first = 0
    while True:
        rows = reader.rows(
            "SELECT last, life FROM span WHERE batch = :batch AND first >= :first ORDER BY first LIMIT :most",
            {"batch": batch, "first": first, "most": PAGE},
        )
        yield from ((row["last"], row["life"]) for row in rows)
        if len(rows) < PAGE:
            return
        first = rows[-1]["last"] + 1


def sighted(reader: Reader, batch: int, before_ms: int) -> Iterator[int]:
    """The labels of a batch that were seen before an instant, in order, some at a time."""
    index = -1
    while True:
        rows = reader.rows(
            "SELECT label_index FROM sighting WHERE batch = :batch AND label_index > :index AND times_seen > 0"
            " AND first_seen_ms < :before ORDER BY label_index LIMIT :most",
            {"batch": batch, "index": index, "before": before_ms, "most": PAGE},
        )
        yield from (row["label_index"] for row in rows)
        if len(rows) < PAGE:
            return
        index = rows[-1]["label_index"]


def sighted_count(reader: Reader, batch: int, before_ms: int) -> int:
    """How many labels `sighted` would give. What was seen stays seen, so the same number are the same labels."""
    row = reader.row(
        "SELECT COUNT(*) AS labels FROM sighting WHERE batch = :batch AND times_seen > 0 AND first_seen_ms < :before",
        {"batch": batch, "before": before_ms},
    )
    assert row is not None  # an aggregate always has its one row
    return int(row["labels"])

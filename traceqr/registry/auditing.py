"""What a check of the whole registry asks of labels, products and notices: rows that contradict each other."""

from __future__ import annotations

from collections.abc import Sequence

from traceqr.registry.database import Reader, Row

_FEW = 20
"""Rows of an answer at most: more of the same tell nobody more."""


def not_void(reader: Reader, batch: int, first: int, last: int) -> list[Row]:
    """Spans within labels `first` to `last` of a batch that are not void, some of them."""
    return reader.rows(
        "SELECT batch, first, last, life FROM span WHERE batch = :batch AND first <= :last AND last >= :first"
        " AND life <> 'void' LIMIT :few",
        {"batch": batch, "first": first, "last": last, "few": _FEW},
    )


def still_issued(reader: Reader, batch: int, first: int, last: int) -> list[Row]:
    """The same for those that are neither active nor void."""
    return reader.rows(
        "SELECT batch, first, last, life FROM span WHERE batch = :batch AND first <= :last AND last >= :first"
        " AND life = 'issued' LIMIT :few",
        {"batch": batch, "first": first, "last": last, "few": _FEW},
    )


def still_issued_under(reader: Reader, key_number: int, position: int) -> list[Row]:
    """Spans of a key's batches that were issued before a ledger position, and neither activated nor voided since."""
    return reader.rows(
        "SELECT s.batch, s.first, s.last, s.life FROM batch b JOIN span s ON s.batch = b.number"
        " WHERE b.key_number = :key AND s.life = 'issued' AND s.life_position < :position LIMIT :few",
        {"key": key_number, "position": position, "few": _FEW},
    )


def digests_beside(reader: Reader, claims: Sequence[str]) -> dict[str, list[str]]:
    """The digests of the documents beside claims, in their order, by the claim's id; those without any are left out."""
    found: dict[str, list[str]] = {}
    names = {f"claim{place}": claim for place, claim in enumerate(claims)}
    if not names:
        return found
    for row in reader.rows(
        "SELECT c.claim_id, d.digest FROM claim_document c JOIN document d ON d.id = c.document_id"
        f" WHERE c.claim_id IN ({', '.join(f':{name}' for name in names)}) ORDER BY c.place",
        names,
    ):
        found.setdefault(row["claim_id"], []).append(row["digest"])
    return found


def open_notices(reader: Reader, gtin: str, batch: int) -> list[Row]:
    """Kind, first and last of the open holds and recalls over ranges of a batch, and of recalls that reach it."""
    return reader.rows(
        "SELECT kind, first, last FROM notice WHERE gtin = :gtin AND batch = :batch AND closed_position IS NULL"
        " UNION ALL SELECT n.kind, k.first, k.last FROM recall_reach k JOIN notice n ON n.id = k.notice_id"
        " WHERE k.batch = :batch AND n.closed_position IS NULL",
        {"gtin": gtin, "batch": batch},
    )


def misplaced_notices(reader: Reader) -> list[Row]:
    """Notices over labels that their batch does not have, or over a batch of another product."""
    return reader.rows(
        "SELECT n.id, n.gtin, n.batch, n.first, n.last, b.gtin AS gtin_of_batch, b.label_count FROM notice n"
        " JOIN batch b ON b.number = n.batch"
        " WHERE n.gtin <> b.gtin OR n.first < 0 OR n.first > n.last OR n.last >= b.label_count LIMIT :few",
        {"few": _FEW},
    )


def misplaced_reach(reader: Reader) -> list[Row]:
    """Labels that a recall reaches and that their batch does not have, or that it reaches twice."""
    return reader.rows(
        "SELECT k.notice_id, k.batch, k.first, k.last FROM recall_reach k JOIN batch b ON b.number = k.batch"
        " WHERE k.last >= b.label_count OR EXISTS (SELECT 1 FROM recall_reach o WHERE o.notice_id = k.notice_id"
        " AND o.batch = k.batch AND o.first > k.first AND o.first <= k.last) LIMIT :few",
        {"few": _FEW},
    )


def untold_recalls(reader: Reader) -> list[Row]:
    """Notices and recalls that do not belong together, or of which one is lifted and the other is not."""
    return reader.rows(
        "SELECT n.id FROM notice n LEFT JOIN recall r ON r.id = n.id"
        " WHERE (n.kind = 'recall' AND (r.id IS NULL OR r.position <> n.opened_position"
        " OR COALESCE(r.closed_position, -1) <> COALESCE(n.closed_position, -1)))"
        " OR (n.kind <> 'recall' AND r.id IS NOT NULL) LIMIT :few",
        {"few": _FEW},
    )


def uneven_versions(reader: Reader) -> list[Row]:
    """Products whose versions are not those from 1 to the present one."""
    return reader.rows(
        "SELECT p.gtin, p.version, COUNT(v.version) AS versions, COALESCE(MAX(v.version), 0) AS latest FROM product p"
        " LEFT JOIN product_version v ON v.gtin = p.gtin GROUP BY p.gtin, p.version"
        " HAVING COUNT(v.version) <> p.version OR COALESCE(MAX(v.version), 0) <> p.version LIMIT :few",
        {"few": _FEW},
    )


def uneven_texts(reader: Reader) -> list[Row]:
    """Campaigns whose texts are not those from 1 to the present version."""
    return reader.rows(
        "SELECT c.id, c.text_version, COUNT(t.version) AS versions, COALESCE(MAX(t.version), 0) AS latest"
        " FROM campaign c LEFT JOIN pledge_text t ON t.campaign_id = c.id GROUP BY c.id, c.text_version"
        " HAVING COUNT(t.version) <> c.text_version OR COALESCE(MAX(t.version), 0) <> c.text_version LIMIT :few",
        {"few": _FEW},
    )


def foreign_pledges(reader: Reader) -> list[Row]:
    """Batches with a pledge that is not there. The column is 0 for none, so no foreign key can hold it."""
    return reader.rows(
        "SELECT b.number, b.pledge FROM batch b LEFT JOIN pledge g ON g.number = b.pledge"
        " WHERE b.pledge <> 0 AND g.number IS NULL LIMIT :few",
        {"few": _FEW},
    )


def stray_purchases(reader: Reader) -> list[Row]:
    """Purchases of labels that cannot have a hidden code: there is none of that number, or none was given out."""
    return reader.rows(
        "SELECT p.batch, p.label_index FROM purchase p LEFT JOIN batch b ON b.number = p.batch"
        " WHERE b.number IS NULL OR p.label_index >= b.label_count OR NOT EXISTS (SELECT 1 FROM label_export x"
        " WHERE x.batch = p.batch AND x.content <> 'labels') LIMIT :few",
        {"few": _FEW},
    )


def marks_of_batch(reader: Reader, batch: int) -> list[int]:
    """The licences whose marks a batch carries, in order."""
    rows = reader.rows("SELECT licence FROM batch_mark WHERE batch = :batch ORDER BY licence", {"batch": batch})
    return [row["licence"] for row in rows]


def products_of_licence(reader: Reader, licence: int) -> list[str]:
    """The GTINs that a licence is for, in order."""
    rows = reader.rows("SELECT gtin FROM licence_product WHERE licence = :licence", {"licence": licence})
    return sorted(row["gtin"] for row in rows)


def uneven_quotas(reader: Reader) -> list[Row]:
    """Licences of which other labels are counted than those of the batches that carry their mark."""
    return reader.rows(
        "SELECT k.number, k.used, COALESCE(CAST(SUM(b.label_count) AS BIGINT), 0) AS labels FROM mark_licence k"
        " LEFT JOIN batch_mark a ON a.licence = k.number LEFT JOIN batch b ON b.number = a.batch"
        " GROUP BY k.number, k.used HAVING COALESCE(CAST(SUM(b.label_count) AS BIGINT), 0) <> k.used LIMIT :few",
        {"few": _FEW},
    )


def uneven_words(reader: Reader) -> list[Row]:
    """Marks whose words are not those from 1 to the present version."""
    return reader.rows(
        "SELECT m.id, m.text_version, COUNT(t.version) AS versions, COALESCE(MAX(t.version), 0) AS latest"
        " FROM mark m LEFT JOIN mark_text t ON t.mark_id = m.id GROUP BY m.id, m.text_version"
        " HAVING COUNT(t.version) <> m.text_version OR COALESCE(MAX(t.version), 0) <> m.text_version LIMIT :few",
        {"few": _FEW},
    )


def uncounted_scans(reader: Reader) -> list[Row]:
    """Enterprises of which fewer scans are counted by day than are kept. More may be: detail is pruned."""
    return reader.rows(
        "SELECT s.enterprise_id, s.kept, COALESCE(d.counted, 0) AS counted FROM"
        " (SELECT b.enterprise_id, CAST(SUM(k.kept) AS BIGINT) AS kept FROM"
        " (SELECT batch, COUNT(*) AS kept FROM scan GROUP BY batch) k JOIN batch b ON b.number = k.batch"
        " GROUP BY b.enterprise_id) s LEFT JOIN"
        " (SELECT enterprise_id, CAST(SUM(scans) AS BIGINT) AS counted FROM scan_day GROUP BY enterprise_id) d"
        " ON d.enterprise_id = s.enterprise_id WHERE COALESCE(d.counted, 0) < s.kept LIMIT :few",
        {"few": _FEW},
    )


def stray_scans(reader: Reader) -> int:
    """How many scans are of batches that do not exist: a holding seal under a stolen key may name any."""
    row = reader.row(
        "SELECT COUNT(*) AS count FROM scan s LEFT JOIN batch b ON b.number = s.batch WHERE b.number IS NULL"
    )
    assert row is not None  # an aggregate always has its one row
    return int(row["count"])

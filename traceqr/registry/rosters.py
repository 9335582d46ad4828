"""Rosters: the enterprises whose pledge in an edition is or was published, and all that is public of one of them. Reads
only what a public node may.
"""

from __future__ import annotations

from traceqr.registry.database import Reader, Row

Stamp = tuple[int, int, int, int]
"""The last act on the edition, on a pledge of it, on any enterprise and on any licence: a roster is good while they are
the same.
"""

_CHANGED = """
    SELECT c.position AS edition, (SELECT MAX(g.position) FROM pledge g WHERE g.campaign_id = c.id) AS pledges,
        (SELECT MAX(e.position) FROM enterprise e) AS enterprises,
        (SELECT MAX(k.position) FROM mark_licence k) AS licences
    FROM campaign c WHERE c.id = :campaign
"""

_MEMBERS = """
    SELECT g.number, e.uscc, e.name_zh, e.name_en, g.region, g.sector, g.state, g.signed_ms, g.valid_from_ms,
        g.valid_to_ms
    FROM pledge g JOIN enterprise e ON e.id = g.enterprise_id
    WHERE g.campaign_id = :campaign AND g.valid_from_ms IS NOT NULL
"""

_MARKED = """
    SELECT e.uscc, m.artwork, t.name_zh, t.name_en, k.state, k.valid_from_ms, k.valid_to_ms
    FROM pledge g
        JOIN enterprise e ON e.id = g.enterprise_id
        JOIN mark_licence k ON k.enterprise_id = g.enterprise_id
        JOIN mark m ON m.id = k.mark_id
        JOIN mark_text t ON t.mark_id = k.mark_id AND t.version = k.text_version
    WHERE g.campaign_id = :campaign AND g.valid_from_ms IS NOT NULL AND k.state = 'granted' ORDER BY k.number
"""


def stamp(reader: Reader, campaign_id: str) -> Stamp | None:
    """What tells whether a roster that was read before is still good: four probes of indexes. None for no edition."""
    row = reader.row(_CHANGED, {"campaign": campaign_id})
    if row is None:
        return None
    return (row["edition"], row["pledges"] or 0, row["enterprises"] or 0, row["licences"] or 0)


def members(reader: Reader, campaign_id: str) -> list[Row]:
    """All of an edition, in no order, with the states that pledges are stored in."""
    return reader.rows(_MEMBERS, {"campaign": campaign_id})


def marked(reader: Reader, campaign_id: str) -> list[Row]:
    """The marks of members whose licence stands, with its period, by the member's code."""
    return reader.rows(_MARKED, {"campaign": campaign_id})


def enterprise(reader: Reader, uscc: str) -> Row | None:
    """What is public of an enterprise: nothing of whom to ask for there."""
    return reader.row(
        "SELECT id, uscc, name_zh, name_en, region, sector, service_phone FROM enterprise WHERE uscc = :uscc",
        {"uscc": uscc},
    )


def enterprise_of_id(reader: Reader, enterprise_id: str) -> Row | None:
    """The same of the enterprise of an id."""
    return reader.row(
        "SELECT id, uscc, name_zh, name_en, region, sector, service_phone FROM enterprise WHERE id = :id",
        {"id": enterprise_id},
    )


def products_of(reader: Reader, enterprise_id: str, most: int) -> list[Row]:
    """Products of an enterprise in their present versions, by GTIN, at most so many."""
    return reader.rows(
        "SELECT p.gtin, v.name_zh, v.name_en, v.brand, v.specification FROM product p"
        " JOIN product_version v ON v.gtin = p.gtin AND v.version = p.version"
        " WHERE p.enterprise_id = :enterprise ORDER BY p.gtin LIMIT :most",
        {"enterprise": enterprise_id, "most": most},
    )

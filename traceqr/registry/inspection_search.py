"""Inspections as they are looked for by whoever watches a region: by region, product, enterprise, finding, and by the
corrections that were ordered in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from traceqr import region as regions
from traceqr.registry.database import Reader, Row

STANDINGS = ("all", "open", "late", "withdrawn")
"""All that stand; those with a correction that nobody has looked at, and of them those past its day; those that were
withdrawn.
"""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which inspections: made in a region, of a kind and a finding, at premises or of a product of an enterprise, of a
    product; what is empty is all. `now_ms` says what is late.
    """

    now_ms: int
    scope: str = regions.COUNTRY
    gtin: str = ""
    uscc: str = ""
    finding: str = ""
    kind: str = ""
    standing: str = "all"


@dataclass(frozen=True, slots=True)
class Late:
    """An inspection with corrections that were due at an instant."""

    due_ms: int
    id: str
    region: str


# By lists of ids, so that what is rare is found by its own index, and not by going through all inspections of a region.
_OPEN = " AND i.id IN (SELECT c.inspection_id FROM inspection_correction c WHERE c.followed_ms IS NULL{late})"
_STANDING = {
    "all": " AND i.state = 'recorded'",
    "open": " AND i.state = 'recorded'" + _OPEN.format(late=""),
    "late": " AND i.state = 'recorded'" + _OPEN.format(late=" AND c.due_ms <= :now_ms"),
    "withdrawn": " AND i.state = 'withdrawn'",
}
_ENTERPRISE = (
    " AND i.id IN (SELECT h.id FROM inspection h WHERE h.uscc = :uscc UNION SELECT n.inspection_id FROM enterprise m"
    " JOIN product p ON p.enterprise_id = m.id JOIN inspection_product n ON n.gtin = p.gtin WHERE m.uscc = :uscc)"
)
_PRODUCT = " AND i.id IN (SELECT n.inspection_id FROM inspection_product n WHERE n.gtin = :gtin)"


def sought(reader: Reader, what: Sought, before: tuple[int, str], most: int) -> list[Row]:
    """Inspections, the one received last first, below an instant and an id: with the names of who made them and of the
    enterprise, and until when the first correction is due that nobody has looked at.
    """
    where, values = _conditions(what)
    return reader.rows(
        "SELECT i.id, i.region, i.premises, i.uscc, i.kind, i.finding, i.labels, i.started_ms, i.received_ms, i.state,"
        " i.entries, o.name_zh AS organisation_zh, o.name_en AS organisation_en, e.name_zh AS enterprise_zh,"
        " e.name_en AS enterprise_en, (SELECT MIN(c.due_ms) AS due_ms FROM inspection_correction c"
        " WHERE c.inspection_id = i.id AND c.followed_ms IS NULL) AS due_ms FROM inspection i"
        " JOIN organisation o ON o.id = i.organisation_id LEFT JOIN enterprise e ON e.id = i.enterprise_id"
        f" WHERE (i.received_ms < :at_ms OR (i.received_ms = :at_ms AND i.id < :id)){where}"
        " ORDER BY i.received_ms DESC, i.id DESC LIMIT :most",
        {**values, "at_ms": before[0], "id": before[1], "most": most},
    )


def by_finding(reader: Reader, what: Sought) -> dict[str, int]:
    """How many there are of each finding."""
    where, values = _conditions(what)
    rows = reader.rows(
        f"SELECT i.finding, COUNT(*) AS inspections FROM inspection i WHERE i.entries >= 1{where} GROUP BY i.finding",
        values,
    )
    return {row["finding"]: row["inspections"] for row in rows}


def by_region(reader: Reader, what: Sought) -> list[Row]:
    """How many there are of each region, and of them with a problem, in the order of the codes."""
    where, values = _conditions(what)
    return reader.rows(
        "SELECT i.region, COUNT(*) AS inspections,"
        " COUNT(CASE WHEN i.finding = 'problem' THEN 1 ELSE NULL END) AS problems FROM inspection i"
        f" WHERE i.entries >= 1{where} GROUP BY i.region ORDER BY i.region",
        values,
    )


def late_after(reader: Reader, place: tuple[int, str], now_ms: int, most: int) -> list[Late]:
    """Inspections with corrections that were due before an instant and that nobody has looked at, behind a place: when
    that was, and an id. In that order; those that were due at once, once.
    """
    rows = reader.rows(
        "SELECT DISTINCT c.due_ms, i.id, i.region FROM inspection_correction c JOIN inspection i"
        " ON i.id = c.inspection_id WHERE c.followed_ms IS NULL AND c.due_ms >= :due_ms AND c.due_ms < :now_ms"
        " AND (c.due_ms > :due_ms OR i.id > :id) AND i.state = 'recorded' ORDER BY c.due_ms, i.id LIMIT :most",
        {"due_ms": place[0], "id": place[1], "now_ms": now_ms, "most": most},
    )
    return [Late(**row) for row in rows]


def _conditions(what: Sought) -> tuple[str, dict[str, Any]]:
    lowest, highest = regions.bounds(what.scope)
    asked = (
        (what.scope != regions.COUNTRY, " AND i.region BETWEEN :lowest AND :highest",
         {"lowest": lowest, "highest": highest}),
        (what.gtin, _PRODUCT, {"gtin": what.gtin}),
        (what.uscc, _ENTERPRISE, {"uscc": what.uscc}),
        (what.finding, " AND i.finding = :finding", {"finding": what.finding}),
        (what.kind, " AND i.kind = :kind", {"kind": what.kind}),
        (True, _STANDING[what.standing], {"now_ms": what.now_ms} if what.standing == "late" else {}),
    )  # fmt: skip
    wanted = [(condition, values) for is_asked, condition, values in asked if is_asked]
    return "".join(condition for condition, _ in wanted), {
        name: value for _, values in wanted for name, value in values.items()
    }

"""Inspections whose term is over: which they are, and what is taken out of the tables when one is erased."""

from __future__ import annotations

from typing import Any

from traceqr.registry.database import Reader, Transaction

_DUE = (
    " FROM inspection i WHERE i.received_ms < :before AND i.state <> 'erased'"
    # Whatever was added later belongs to the file; a case that is open may still rest on it.
    " AND NOT EXISTS (SELECT 1 AS later FROM inspection_entry e WHERE e.inspection_id = i.id"
    " AND e.received_ms >= :before)"
    " AND NOT EXISTS (SELECT 1 AS waits FROM inspection_referral r JOIN case_file c ON c.id = r.target"
    " WHERE r.inspection_id = i.id AND r.kind = 'case' AND c.state = 'open')"
)
_OF_ONE = " AND i.organisation_id = :organisation"

_TAKEN_OUT = ("inspection_photo", "inspection_officer", "inspection_product", "inspection_correction")
"""Tables that repeat what entries say; their rows go."""


def count(reader: Reader, before_ms: int, organisation_id: str | None) -> int:
    """How many inspections are due: complete before an instant, of one organisation or of all."""
    row = reader.row("SELECT COUNT(*) AS inspections" + _of(organisation_id), _values(before_ms, organisation_id))
    return int(row["inspections"]) if row else 0


def some(
    reader: Reader, before_ms: int, organisation_id: str | None, after: tuple[int, str], most: int
) -> list[tuple[int, str]]:
    """Some that are due, behind an instant and an id: when they were received, and their ids, in that order."""
    behind = " AND (i.received_ms > :at_ms OR (i.received_ms = :at_ms AND i.id > :id)) AND i.received_ms >= :at_ms"
    rows = reader.rows(
        f"SELECT i.received_ms, i.id{_of(organisation_id)}{behind} ORDER BY i.received_ms, i.id LIMIT :most",
        {**_values(before_ms, organisation_id), "at_ms": after[0], "id": after[1], "most": most},
    )
    return [(row["received_ms"], row["id"]) for row in rows]


def photos(reader: Reader, inspection_id: str) -> list[str]:
    """The digests of the photos that the entries of an inspection name."""
    rows = reader.rows("SELECT DISTINCT digest FROM inspection_photo WHERE inspection_id = :id", {"id": inspection_id})
    return [row["digest"] for row in rows]


def erase(tx: Transaction, inspection_id: str, position: int) -> None:
    """Empty an inspection and its entries. What came of it, and digests, stay."""
    named = {"id": inspection_id}
    for table in _TAKEN_OUT:
        tx.execute(f"DELETE FROM {table} WHERE inspection_id = :id", named)
    # First the inspection: the database lets entries of no other be emptied.
    tx.execute(
        "UPDATE inspection SET state = 'erased', premises = '', uscc = '', enterprise_id = NULL, reference = NULL,"
        " follows = NULL, position = :position WHERE id = :id",
        {**named, "position": position},
    )
    tx.execute("UPDATE inspection_entry SET content = '', signature = '' WHERE inspection_id = :id", named)


def _of(organisation_id: str | None) -> str:
    return _DUE + (_OF_ONE if organisation_id else "")


def _values(before_ms: int, organisation_id: str | None) -> dict[str, Any]:
    return {"before": before_ms} | ({"organisation": organisation_id} if organisation_id else {})

"""Adding up the lanes of scans that are counted, once no more are counted there: what is read later has fewer rows.

On a file there is one lane alone, and nothing to add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from traceqr.registry.database import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Lanes:
    """A table of counts: the column that its key begins with, the one that tells the time, and all of its key."""

    table: str
    owner: str
    day: str
    key: str
    nobody: str | int
    """What comes before all owners."""


COUNTED = (
    Lanes("scan_day", "enterprise_id", "day", "enterprise_id, day, verdict, batch", ""),
    Lanes("scan_place", "gtin", "week", "gtin, week, place, suspect", ""),
    Lanes("scan_batch", "batch", "day", "batch, day", -1),
)


def next_owner(reader: Reader, lanes: Lanes, after: str | int) -> str | int | None:
    """The next enterprise, product or batch behind one that has counts."""
    row = reader.row(
        f"SELECT MIN({lanes.owner}) AS owner FROM {lanes.table} WHERE {lanes.owner} > :after", {"after": after}
    )
    return cast("str | int | None", row["owner"]) if row else None


def fold(tx: Transaction, lanes: Lanes, owner: str | int, before: int) -> int:
    """Add what was counted for an owner before a day to the first lane; returns how many rows went."""
    told = {"owner": owner, "before": before}
    folded = f" FROM {lanes.table} WHERE {lanes.owner} = :owner AND {lanes.day} < :before AND lane > 0"
    tx.execute(
        f"INSERT INTO {lanes.table} ({lanes.key}, lane, scans)"
        f" SELECT {lanes.key}, 0, CAST(SUM(scans) AS BIGINT){folded} GROUP BY {lanes.key}"
        f" ON CONFLICT ({lanes.key}, lane) DO UPDATE SET scans = {lanes.table}.scans + excluded.scans",
        told,
    )
    return tx.execute(f"DELETE{folded}", told)

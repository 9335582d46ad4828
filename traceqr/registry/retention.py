"""How long scans are kept, and which devices bought: counting scans, and taking out a few at a time.

The summaries that verdicts read stand in another table, and stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from traceqr.registry.database import Reader, Transaction

_AT_ONCE = 100
"""Rows of one statement: SQLite bounds how deep a condition may be, and PostgreSQL takes long to plan more."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Scans that are kept: how many, and the instant of the oldest (None where there are none)."""

    rows: int = 0
    oldest_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """Which scan of a batch."""

    label_index: int
    device: str
    at_ms: int


def kept(reader: Reader, before_ms: int) -> tuple[Kept, Kept]:
    """Scans before an instant: those that came to count, and those that did not. Reads all there are."""
    rows = reader.rows(
        "SELECT confirmed, COUNT(*) AS number, MIN(at_ms) AS oldest_ms FROM scan WHERE at_ms < :before"
        " GROUP BY confirmed",
        {"before": before_ms},
    )
    found = {row["confirmed"]: Kept(row["number"], row["oldest_ms"]) for row in rows}
    return found.get(1, Kept()), found.get(0, Kept())


def next_batch(reader: Reader, after: int) -> int | None:
    """The next batch above `after` that has scans or visitors. Not all of them were ever issued."""
    asked = (f"SELECT MIN(batch) AS batch FROM {table} WHERE batch > :after" for table in ("scan", "visitor"))
    rows = [row for query in asked if (row := reader.row(query, {"after": after}))]
    return min((row["batch"] for row in rows if row["batch"] is not None), default=None)


def some(reader: Reader, batch: int, first: int, before_ms: int, unconfirmed_only: bool, limit: int) -> list[Row]:
    """Scans of a batch before an instant, of labels from `first` on, in the order of the labels: `limit` at most."""
    rows = reader.rows(
        "SELECT label_index, device, at_ms FROM scan WHERE batch = :batch AND label_index >= :first"
        f" AND at_ms < :before{_which(unconfirmed_only)} ORDER BY label_index LIMIT :limit",
        {"batch": batch, "first": first, "before": before_ms, "limit": limit},
    )
    return [Row(**row) for row in rows]


def remove(tx: Transaction, batch: int, rows: Sequence[Row], unconfirmed_only: bool) -> int:
    """Take scans out, but for those that have come to count since and were not to; returns how many went."""
    return sum(
        _remove(tx, batch, rows[first : first + _AT_ONCE], unconfirmed_only) for first in range(0, len(rows), _AT_ONCE)
    )


def next_purchase(reader: Reader, after: int) -> int | None:
    """The next batch above `after` that has purchases."""
    row = reader.row("SELECT MIN(batch) AS batch FROM purchase WHERE batch > :after", {"after": after})
    return row["batch"] if row else None


def known_buyers(reader: Reader, batch: int, before_ms: int, limit: int) -> list[int]:
    """Labels of a batch that were bought before an instant by a device that is still known: `limit` at most."""
    rows = reader.rows(
        "SELECT label_index FROM purchase WHERE batch = :batch AND confirmed_ms < :before AND device <> ''"
        " ORDER BY label_index LIMIT :limit",
        {"batch": batch, "before": before_ms, "limit": limit},
    )
    return [row["label_index"] for row in rows]


def forget_buyers(tx: Transaction, batch: int, labels: Sequence[int]) -> None:
    """Forget which devices have bought labels; when and where stays."""
    for first in range(0, len(labels), _AT_ONCE):
        some = labels[first : first + _AT_ONCE]
        marks = " OR ".join(f"(batch = :batch AND label_index = :i{place})" for place in range(len(some)))
        values = {"batch": batch} | {f"i{place}": index for place, index in enumerate(some)}
        tx.execute(f"UPDATE purchase SET device = '' WHERE {marks}", values)


def _remove(tx: Transaction, batch: int, rows: Sequence[Row], unconfirmed_only: bool) -> int:
    """Each row is spelled out in full: a list of rows behind IN makes SQLite read the whole batch."""
    marks: list[str] = []
    values: dict[str, Any] = {"batch": batch}
    for place, row in enumerate(rows):
        marks.append(f"(batch = :batch AND label_index = :i{place} AND device = :d{place} AND at_ms = :t{place})")
        values |= {f"i{place}": row.label_index, f"d{place}": row.device, f"t{place}": row.at_ms}
    return tx.execute(f"DELETE FROM scan WHERE ({' OR '.join(marks)}){_which(unconfirmed_only)}", values)


def visitors(reader: Reader, batch: int, after: str, before_ms: int, limit: int) -> list[str]:
    """Devices that were at a batch before an instant and not since, in their order: `limit` at most."""
    rows = reader.rows(
        "SELECT device FROM visitor WHERE batch = :batch AND device > :after AND last_ms < :before"
        " ORDER BY device LIMIT :limit",
        {"batch": batch, "after": after, "before": before_ms, "limit": limit},
    )
    return [row["device"] for row in rows]


def forget_visitors(tx: Transaction, batch: int, devices: Sequence[str], before_ms: int) -> None:
    """Take devices out that have not come back since."""
    for first in range(0, len(devices), _AT_ONCE):
        names = {f"d{place}": device for place, device in enumerate(devices[first : first + _AT_ONCE])}
        marks = ", ".join(f":{name}" for name in names)
        tx.execute(
            f"DELETE FROM visitor WHERE batch = :batch AND device IN ({marks}) AND last_ms < :before",
            {"batch": batch, "before": before_ms, **names},
        )


def _which(unconfirmed_only: bool) -> str:
    return " AND confirmed = 0 AND channel <> 'inspector'" if unconfirmed_only else ""

"""What has happened that somebody may want to be told: read where it is written down anyway, so that neither acts nor
scans have more to do for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traceqr.registry.database import Reader, Transaction

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Deed:
    """An act. `enterprise_id` is whom it concerns, and `region` where that is; None and '' for nobody."""

    position: int
    at_ms: int
    act: str
    subject: str
    payload: Mapping[str, Any]
    enterprise_id: str | None
    region: str


@dataclass(frozen=True, slots=True)
class Found:
    """A label that has become suspect, and is not announced yet."""

    batch: int
    label_index: int
    gtin: str
    enterprise_id: str
    region: str
    since_ms: int
    last_ms: int


def deeds(reader: Reader, first: int, last: int, acts: Sequence[str]) -> list[Deed]:
    """Acts of those names at the positions `first` to `last`, both included."""
    names = {f"act{place}": act for place, act in enumerate(acts)}
    rows = reader.rows(
        "SELECT l.position, l.at_ms, l.act, l.subject, l.entry, t.enterprise_id, COALESCE(e.region, '') AS region"
        " FROM ledger l LEFT JOIN trail t ON t.position = l.position LEFT JOIN enterprise e ON e.id = t.enterprise_id"
        f" WHERE l.position >= :first AND l.position <= :last AND l.act IN ({', '.join(f':{name}' for name in names)})"
        " ORDER BY l.position",
        {"first": first, "last": last, **names},
    )
    return [Deed(payload=json.loads(row.pop("entry"))["payload"], **row) for row in rows]


def unannounced(reader: Reader, most: int) -> list[Found]:
    """Suspect labels that nobody was told of."""
    rows = reader.rows(
        "SELECT s.batch, s.label_index, s.gtin, s.enterprise_id, COALESCE(e.region, '') AS region, s.since_ms,"
        " s.last_ms FROM suspect s LEFT JOIN enterprise e ON e.id = s.enterprise_id WHERE s.announced_ms IS NULL"
        " ORDER BY s.batch, s.label_index LIMIT :most",
        {"most": most},
    )
    return [Found(**row) for row in rows]


def announced(tx: Transaction, found: Sequence[Found], now_ms: int) -> None:
    """Suspect labels are announced: in the order of their keys, as scans touch them."""
    for first in range(0, len(found), _AT_ONCE):
        keys: dict[str, int] = {}
        for place, one in enumerate(found[first : first + _AT_ONCE]):
            keys |= {f"b{place}": one.batch, f"i{place}": one.label_index}
        marks = " OR ".join(f"(batch = :b{place} AND label_index = :i{place})" for place in range(len(keys) // 2))
        tx.execute(f"UPDATE suspect SET announced_ms = :now_ms WHERE {marks}", {"now_ms": now_ms, **keys})


def busy_batches(reader: Reader, enterprise_id: str, day: int, least: int) -> list[int]:
    """Batches of an enterprise with at least so many scans on a day."""
    rows = reader.rows(
        "SELECT b.number FROM batch b JOIN scan_batch s ON s.batch = b.number AND s.day = :day"
        " WHERE b.enterprise_id = :enterprise GROUP BY b.number HAVING CAST(SUM(s.scans) AS BIGINT) >= :few"
        " ORDER BY b.number",
        {"enterprise": enterprise_id, "day": day, "few": least},
    )
    return [row["number"] for row in rows]


def scans_by_day(reader: Reader, batch: int, first: int, last: int) -> dict[int, int]:
    """Scans of a batch's labels on the days from a first to a last, by their numbers."""
    rows = reader.rows(
        "SELECT day, CAST(SUM(scans) AS BIGINT) AS scans FROM scan_batch"
        " WHERE batch = :batch AND day >= :first AND day <= :last GROUP BY day",
        {"batch": batch, "first": first, "last": last},
    )
    return {row["day"]: row["scans"] for row in rows}

"""Is a registry whole? What must agree in it is computed again, by other means than those of the program's check."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

from traceqr import merkle
from traceqr.checking import whole
from traceqr.merkle import Frontier
from traceqr.registry.database import Database, Reader

Pair = tuple[int, int, str]
"""A device's scan of a label: batch, index, device as it is stored."""


def wounds(database: Database) -> list[str]:
    """What is wrong with a registry, in words; empty when it is whole. The program's own check is asked as well."""
    with database.snapshot() as reader:
        found = database.faults() + _ledger(reader) + _spans(reader) + _counts(reader) + _days(reader)
    return found + [str(finding) for finding in whole.check(database).findings]


def recorded(database: Database) -> Counter[Pair]:
    """How often each device's scan of each label is on record."""
    with database.snapshot() as reader:
        rows = reader.rows("SELECT batch, label_index, device FROM scan")
    return Counter((row["batch"], row["label_index"], row["device"]) for row in rows)


def _ledger(reader: Reader) -> list[str]:
    found, frontier = [], Frontier()
    for row in reader.rows("SELECT * FROM ledger ORDER BY position"):
        leaf = merkle.leaf_hash(row["entry"].encode())
        frontier = frontier.append(leaf)
        expected = (frontier.size - 1, leaf.hex(), frontier.peaks[-1].hex(), frontier.root.hex())
        got = (row["position"], row["leaf_hash"], row["peak_hash"], row["root_hash"])
        found += [f"ledger {row['position']}: expected {expected}, got {got}"] if got != expected else []
    return found


def _spans(reader: Reader) -> list[str]:
    """The spans of each batch lie side by side, from its first label to its last."""
    counts = {row["number"]: row["label_count"] for row in reader.rows("SELECT number, label_count FROM batch")}
    rows = reader.rows("SELECT batch, first, last FROM span ORDER BY batch, first")
    spans = {batch: [*group] for batch, group in itertools.groupby(rows, key=lambda row: row["batch"])}
    return [f"batch {batch}: spans {spans.get(batch)}" for batch in counts if not _whole(spans, batch, counts[batch])]


def _whole(spans: dict[Any, Any], batch: int, count: int) -> bool:
    ends = [(row["first"], row["last"]) for row in spans.get(batch, [])]
    starts = [0, *(last + 1 for _, last in ends)]
    return [first for first, _ in ends] == starts[:-1] and starts[-1] == count


def _counts(reader: Reader) -> list[str]:
    """A label's sightings are its confirmed scans."""
    counted = reader.rows(
        "SELECT batch, label_index, MIN(at_ms) AS first_seen_ms, MAX(at_ms) AS last_seen_ms, COUNT(*) AS times_seen,"
        " COUNT(DISTINCT device) AS devices FROM scan WHERE confirmed = 1 GROUP BY batch, label_index"
    )
    kept = reader.rows(
        "SELECT batch, label_index, first_seen_ms, last_seen_ms, times_seen, devices FROM sighting WHERE times_seen > 0"
    )
    expected = {tuple(row.values()) for row in counted}
    got = {tuple(row.values()) for row in kept}
    return [f"sighting expected {row}" for row in expected - got] + [f"sighting got {row}" for row in got - expected]


def _days(reader: Reader) -> list[str]:
    """Each scan of a label that was issued is counted once by its day."""
    kept = reader.rows(
        "SELECT b.enterprise_id, COUNT(*) AS scans FROM scan s JOIN batch b ON b.number = s.batch"
        " GROUP BY b.enterprise_id"
    )
    counted = reader.rows(
        "SELECT enterprise_id, CAST(SUM(scans) AS BIGINT) AS scans FROM scan_day GROUP BY enterprise_id"
    )
    expected, got = ({tuple(row.values()) for row in rows} for rows in (kept, counted))
    return [f"scans by day: expected {sorted(expected)}, got {sorted(got)}"] if expected != got else []

"""The statements of recording. Each is asked about many rows at once, and finds each of them by its key.

Invariant: whatever the planner knows of the tables, and however many rows are asked about, no row is read that is not
asked for: a batch has millions of scans, and so may a label have that somebody floods. Lists of keys are therefore
joined by CROSS JOIN, which SQLite never turns round, or spelled out key by key where a statement cannot join: behind IN
it reads all scans of the label.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from traceqr.instant import DAY_MS
from traceqr.registry.database import NOTHING, Statement

VISIT_MS = 30 * DAY_MS
"""A device that comes back to a batch after so long begins anew."""

MOST_PARAMETERS = 48
"""Values in the rows or keys of a statement. psycopg remembers how to send one of up to 50; how to send a longer one it
works out every time anew, in 0.3 ms (`psycopg._queries.MAX_CACHED_STATEMENT_PARAMS`). It also bounds how many different
different statements there are, of which a connection keeps a hundred prepared.
"""

LabelKey = tuple[int, int]
DeviceKey = tuple[int, int, str]
ScanKey = tuple[int, int, str, int]
VisitorKey = tuple[int, str]

_LABEL = {"batch": "BIGINT", "label_index": "BIGINT"}
_DEVICE = {**_LABEL, "device": "TEXT"}
_SCAN = {**_DEVICE, "at_ms": "BIGINT"}
_SUMMARY = ("first_seen_ms", "last_seen_ms", "times_seen", "devices", "trace", "signs")
_COUNTS = ", ".join(_SUMMARY)

SCAN_COLUMNS = (*_SCAN, "channel", "agent", "language", "confirmed", "early", "place", "network", "shared")


def lock(labels: Sequence[LabelKey]) -> Statement:
    """The summaries of labels, made where there is none, and locked until the transaction ends: an upsert that changes
    nothing is the lock that both backends have.
    """
    if not labels:
        return NOTHING, {}
    marks, values = rows_of(labels, ", 0, 0, 0, 0, '', ''")
    return (
        f"INSERT INTO sighting (batch, label_index, {_COUNTS}) VALUES {marks}"
        " ON CONFLICT (batch, label_index) DO UPDATE SET times_seen = sighting.times_seen"
        f" RETURNING batch, label_index, {_COUNTS}"
    ), values


def summaries(labels: Sequence[LabelKey]) -> Statement:
    """The summaries of labels that have one."""
    if not labels:
        return NOTHING, {}
    wanted, only, values = _listed(_LABEL, labels)
    return (
        f"{wanted} SELECT s.batch, s.label_index, {', '.join(f's.{name}' for name in _SUMMARY)}"
        f" FROM wanted w CROSS JOIN sighting s WHERE s.batch = w.batch AND s.label_index = w.label_index{only}"
    ), values


def devices(wanted: Sequence[DeviceKey]) -> Statement:
    """What is known of devices, each with one label."""
    if not wanted:
        return NOTHING, {}
    listed, only, values = _listed(_DEVICE, wanted)
    return (
        f"{listed} SELECT s.batch, s.label_index, s.device, MAX(s.at_ms) AS latest_ms, MAX(s.confirmed) AS known,"
        " MAX(s.early) AS early,"
        " MAX(CASE WHEN s.confirmed = 1 THEN s.at_ms ELSE -1 END) AS counted_ms FROM wanted w"
        f" CROSS JOIN scan s WHERE s.batch = w.batch AND s.label_index = w.label_index AND s.device = w.device{only}"
        " GROUP BY s.batch, s.label_index, s.device"
    ), values


def pending(wanted: Sequence[ScanKey]) -> Statement:
    """Those of the scans wanted that are there and do not count yet."""
    if not wanted:
        return NOTHING, {}
    listed, only, values = _listed(_SCAN, wanted)
    return (
        f"{listed} SELECT s.batch, s.label_index, s.device, s.at_ms, s.place, s.network FROM wanted w CROSS JOIN scan s"
        " WHERE s.batch = w.batch AND s.label_index = w.label_index AND s.device = w.device AND s.at_ms = w.at_ms"
        f"{only} AND s.confirmed = 0"
    ), values


def new_scans(rows: Sequence[tuple[Any, ...]]) -> Statement:
    """Rows in the order of `SCAN_COLUMNS` and of their keys. What does not count locks no summary, so another node may
    have kept the very same scan of the same device meanwhile: it is one scan, and counts if one of them does.
    """
    marks, values = rows_of(rows)
    return (
        f"INSERT INTO scan ({', '.join(SCAN_COLUMNS)}) VALUES {marks}"
        " ON CONFLICT (batch, label_index, device, at_ms) DO UPDATE SET confirmed = 1 WHERE excluded.confirmed = 1"
    ), values


def confirmations(scans: Sequence[ScanKey]) -> Statement:
    """Scans that are to count from now on."""
    keys, values = _spelled(_SCAN, scans)
    return f"UPDATE scan SET confirmed = 1 WHERE {keys}", values


def early(scans: Sequence[ScanKey]) -> Statement:
    """Scans whose device has come back before the label was for sale."""
    keys, values = _spelled(_SCAN, scans)
    return f"UPDATE scan SET early = 1 WHERE {keys}", values


def visits(rows: Sequence[tuple[int, str, int, int, int]]) -> Statement:
    """Devices that look at labels of a batch: batch, device, how many labels, the last of them, when. Says how many
    labels each has looked at since it began, one after the other; the same one again is no other.
    """
    marks, values = rows_of(rows)
    return (
        f"INSERT INTO visitor (batch, device, labels, last_index, last_ms) VALUES {marks}"
        " ON CONFLICT (batch, device) DO UPDATE SET labels = CASE"
        f" WHEN visitor.last_ms < excluded.last_ms - {VISIT_MS} THEN excluded.labels"
        " WHEN visitor.last_index = excluded.last_index THEN visitor.labels + excluded.labels - 1"
        " ELSE visitor.labels + excluded.labels END, last_index = excluded.last_index, last_ms = excluded.last_ms"
        " RETURNING batch, device, labels"
    ), values


def new_summaries(rows: Sequence[tuple[Any, ...]]) -> Statement:
    """Summaries in the order of their keys: label, then `_COUNTS`. Those that are there become so."""
    marks, values = rows_of(rows)
    changes = ", ".join(f"{name} = excluded.{name}" for name in _SUMMARY)
    return (
        f"INSERT INTO sighting (batch, label_index, {_COUNTS}) VALUES {marks}"
        f" ON CONFLICT (batch, label_index) DO UPDATE SET {changes}"
    ), values


def removals(labels: Sequence[LabelKey]) -> Statement:
    """Of summaries that were made to be locked, and count nothing."""
    keys, values = _spelled(_LABEL, labels)
    return f"DELETE FROM sighting WHERE ({keys}) AND times_seen = 0 AND trace = ''", values


def _listed(columns: dict[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, str, dict[str, Any]]:
    """A common table expression `wanted` with the given rows; a further condition on `s` that names their batch, where
    all have one, so that a database in parts looks into one of them; and the parameters. The casts give the columns
    their types, which neither backend would know of parameters alone.
    """
    marks, values = _spread(rows, "", tuple(columns.values()))
    only = ""
    if _one_batch(rows):
        only, values["batch"] = " AND s.batch = :batch", rows[0][0]
    return f"WITH wanted ({', '.join(columns)}) AS (VALUES {marks})", only, values


def _spelled(columns: Iterable[str], rows: Sequence[Sequence[Any]]) -> tuple[str, dict[str, Any]]:
    """The condition that names each row by all of its key, and the parameters. Where all have one batch, it has one
    parameter, by which a database in parts sees that.
    """
    one, keys, values = _one_batch(rows), [], dict[str, Any]()
    for place, row in enumerate(rows):
        names = {column: column if one and column == "batch" else f"{column}_{place}" for column in columns}
        keys.append(" AND ".join(f"{column} = :{name}" for column, name in names.items()))
        values |= zip(names.values(), row, strict=True)
    return " OR ".join(f"({key})" for key in keys), values


def _one_batch(rows: Sequence[Sequence[Any]]) -> bool:
    return all(row[0] == rows[0][0] for row in rows)


def rows_of(rows: Sequence[Sequence[Any]], more: str = "") -> tuple[str, dict[str, Any]]:
    """Rows for VALUES, each ended by `more`, and their parameters."""
    return _spread(rows, more, ("",) * len(rows[0]))


def _spread(rows: Sequence[Sequence[Any]], more: str, types: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    marks, names = _written(len(rows), more, types)
    return marks, dict(zip(names, chain.from_iterable(rows), strict=True))


@lru_cache(maxsize=1024)
def _written(rows: int, more: str, types: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """So many rows of marks for values of the given types, and the names in them. Groups come in few sizes."""
    names = [[f"v{row}_{column}" for column in range(len(types))] for row in range(rows)]
    marks = (
        ", ".join(f"CAST(:{name} AS {kind})" if kind else f":{name}" for name, kind in zip(each, types, strict=True))
        for each in names
    )
    return ", ".join(f"({each}{more})" for each in marks), tuple(chain.from_iterable(names))

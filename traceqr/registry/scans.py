"""Scans, and the summary of each label's sightings that verdicts read.

What happens to labels is recorded a group at a time. A database that is spread over several machines by batch wants
each statement to name one batch: there, the number of statements grows with that of the batches in a group, never
with that of the scans.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from traceqr.registry.database import Reader, Transaction
from traceqr.verdict import History

RELOAD_MS = 30 * 60 * 1000
"""A device that asks again about a label within half an hour is reading the same page, not scanning again."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One device's scan of one label. `device` is an HMAC; `agent` is a family such as `wechat`, never the raw text.

    `counts` says that it counts as a sighting at once; else it waits for its confirmation.
    """

    batch: int
    label_index: int
    device: str
    at_ms: int
    channel: str
    agent: str
    language: str
    counts: bool

    def row(self) -> tuple[Any, ...]:
        """As it is stored, in the order of `_COLUMNS`."""
        return (
            self.batch,
            self.label_index,
            self.device,
            self.at_ms,
            self.channel,
            self.agent,
            self.language,
            int(self.counts),
        )


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The device that scanned at `at_ms` has come back: that scan is to count, if it is there and does not yet."""

    batch: int
    label_index: int
    device: str
    at_ms: int


Event = Scan | Confirmation

_LABEL = {"batch": "BIGINT", "label_index": "BIGINT"}
_DEVICE = {**_LABEL, "device": "TEXT"}
_SCAN = {**_DEVICE, "at_ms": "BIGINT"}
_COUNTS = "first_seen_ms, last_seen_ms, times_seen, devices"

LabelKey = tuple[int, int]
DeviceKey = tuple[int, int, str]
ScanKey = tuple[int, int, str, int]


@dataclass(slots=True)
class _Summary:
    """A label's confirmed scans."""

    first_seen_ms: int = 0
    last_seen_ms: int = 0
    times_seen: int = 0
    devices: int = 0

    def count(self, at_ms: int, new_device: bool) -> None:
        """Add one scan; scans may be confirmed in another order than they were made."""
        self.first_seen_ms = min(self.first_seen_ms, at_ms) if self.times_seen else at_ms
        self.last_seen_ms = max(self.last_seen_ms, at_ms) if self.times_seen else at_ms
        self.times_seen += 1
        self.devices += new_device

    def row(self) -> tuple[int, int, int, int]:
        """As it is stored, in the order of `_SUMMARY`."""
        return self.first_seen_ms, self.last_seen_ms, self.times_seen, self.devices

    def history(self, own: bool) -> History:
        """What a device is told that has or has not been seen with the label before."""
        if not self.times_seen:
            return History()
        return History(self.first_seen_ms, self.times_seen, self.devices - own, own)


@dataclass(slots=True)
class _Device:
    """What is known of one device and one label: its latest scan, and whether any of its scans counts."""

    latest_ms: int | None = None
    latest_counts: bool = False
    known: bool = False


def history(reader: Reader, batch: int, index: int, device: str | None) -> History:
    """A label's confirmed sightings, with `device` (None for nobody's) told apart from the others."""
    label = (batch, index)
    found = _summaries(reader, [label]).get(label, _Summary())
    own = device is not None and _devices(reader, [(*label, device)])[*label, device].known
    return found.history(own)


def record(tx: Transaction, events: Sequence[Event], *, by_batch: bool) -> list[History]:
    """Keep what has happened to labels, in its order; returns for each event the history as it was just before.

    A scan is not kept if it is a reload. Summaries that may change are locked before anything else of their labels is
    read, so that of any number of first scans, on any number of machines, one is the first. `by_batch` as in
    `Database`.
    """
    if not events:
        return []
    before = [History()] * len(events)
    batches = sorted({event.batch for event in events})
    for together in [{batch} for batch in batches] if by_batch else [set(batches)]:
        places = [place for place, event in enumerate(events) if event.batch in together]
        book = _Book(tx, [events[place] for place in places])
        for place in places:
            before[place] = book.enter(events[place])
        book.write()
    return before


class _Book:
    """The labels that a group of events concerns."""

    def __init__(self, tx: Transaction, events: Sequence[Event]) -> None:
        self._tx = tx
        counting = {_label(event) for event in events if isinstance(event, Confirmation) or event.counts}
        others = {_label(event) for event in events} - counting
        self._locked = sorted(counting)
        self._summaries = {**_locked(tx, self._locked), **_summaries(tx, sorted(others))}
        self._devices = _devices(tx, sorted({(*_label(event), event.device) for event in events}))
        waiting = {(*_label(event), event.device, event.at_ms) for event in events if isinstance(event, Confirmation)}
        self._pending = _pending(tx, sorted(waiting))
        self._new: list[tuple[Any, ...]] = []
        self._confirmed: list[ScanKey] = []
        self._counted: set[LabelKey] = set()

    def enter(self, event: Event) -> History:
        """Take an event in; returns the history before it."""
        key = (*_label(event), event.device)
        device = self._devices[key]
        before = self._summaries.setdefault(_label(event), _Summary()).history(device.known)
        if isinstance(event, Confirmation):
            self._confirm((*key, event.at_ms))
        elif device.latest_ms is None or event.at_ms - device.latest_ms >= RELOAD_MS:
            self._add(event, device)
        # A clock that was set back leaves a scan in the future; that is the same page too, and keeps the key unique.
        elif event.counts and not device.latest_counts:
            self._pending.add((*key, device.latest_ms))
            self._confirm((*key, device.latest_ms))
        return before

    def _add(self, scan: Scan, device: _Device) -> None:
        self._new.append(scan.row())
        device.latest_ms, device.latest_counts = scan.at_ms, scan.counts
        if scan.counts:
            self._count(_label(scan), device, scan.at_ms)

    def _confirm(self, scan: ScanKey) -> None:
        if scan not in self._pending:
            return
        self._pending.remove(scan)
        self._confirmed.append(scan)
        batch, index, name, at_ms = scan
        device = self._devices[batch, index, name]
        device.latest_counts |= device.latest_ms == at_ms
        self._count((batch, index), device, at_ms)

    def _count(self, label: LabelKey, device: _Device, at_ms: int) -> None:
        self._summaries[label].count(at_ms, not device.known)
        self._counted.add(label)
        device.known = True

    def write(self) -> None:
        """Write what has changed."""
        if self._new:
            _write_scans(self._tx, sorted(self._new))
        if self._confirmed:
            wanted, only, values = _listed(_SCAN, self._confirmed, "scan")
            names = ", ".join(_SCAN)
            self._tx.execute(
                f"{wanted} UPDATE scan SET confirmed = 1 WHERE ({names}) IN (SELECT {names} FROM wanted){only}", values
            )
        if self._counted:
            _write_summaries(self._tx, [(*label, *self._summaries[label].row()) for label in sorted(self._counted)])
        if empty := [label for label in self._locked if not self._summaries[label].times_seen]:
            wanted, only, values = _listed(_LABEL, empty, "sighting")
            self._tx.execute(
                f"{wanted} DELETE FROM sighting WHERE (batch, label_index) IN (SELECT batch, label_index FROM wanted)"
                f" AND times_seen = 0{only}",
                values,
            )


_COLUMNS = (*(name for name in Scan.__dataclass_fields__ if name != "counts"), "confirmed")


def _label(event: Event) -> LabelKey:
    return event.batch, event.label_index


def _locked(tx: Transaction, labels: Sequence[LabelKey]) -> dict[LabelKey, _Summary]:
    """The summaries of labels, made where there is none, and locked until the transaction ends: an upsert that changes
    nothing is the lock that both backends have.
    """
    if not labels:
        return {}
    marks, values = _marks(labels, ", 0, 0, 0, 0")
    return _by_label(
        tx.rows(
            f"INSERT INTO sighting (batch, label_index, {_COUNTS}) VALUES {marks}"
            " ON CONFLICT (batch, label_index) DO UPDATE SET times_seen = sighting.times_seen"
            f" RETURNING batch, label_index, {_COUNTS}",
            values,
        )
    )


def _summaries(reader: Reader, labels: Sequence[LabelKey]) -> dict[LabelKey, _Summary]:
    if not labels:
        return {}
    wanted, only, values = _listed(_LABEL, labels)
    return _by_label(
        reader.rows(
            f"{wanted} SELECT s.batch, s.label_index, s.first_seen_ms, s.last_seen_ms, s.times_seen, s.devices"
            f" FROM wanted w JOIN sighting s ON s.batch = w.batch AND s.label_index = w.label_index{only}",
            values,
        )
    )


def _by_label(rows: Iterable[dict[str, Any]]) -> dict[LabelKey, _Summary]:
    return {(batch, index): _Summary(*counts) for batch, index, *counts in (row.values() for row in rows)}


def _write_scans(tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows in the order of `_COLUMNS` and of their keys. What does not count locks no summary, so another node may have
    kept the very same scan of the same device meanwhile: it is one scan, and counts if one of them does.
    """
    marks, values = _marks(rows, "")
    tx.execute(
        f"INSERT INTO scan ({', '.join(_COLUMNS)}) VALUES {marks}"
        " ON CONFLICT (batch, label_index, device, at_ms) DO UPDATE SET confirmed = 1 WHERE excluded.confirmed = 1",
        values,
    )


def _write_summaries(tx: Transaction, rows: Sequence[tuple[int, ...]]) -> None:
    marks, values = _marks(rows, "")
    changes = ", ".join(f"{name} = excluded.{name}" for name in _COUNTS.split(", "))
    tx.execute(
        f"INSERT INTO sighting (batch, label_index, {_COUNTS}) VALUES {marks}"
        f" ON CONFLICT (batch, label_index) DO UPDATE SET {changes}",
        values,
    )


def _devices(reader: Reader, wanted: Sequence[DeviceKey]) -> dict[DeviceKey, _Device]:
    """What is known of devices, each with one label."""
    listed, only, values = _listed(_DEVICE, wanted)
    rows = reader.rows(
        f"{listed} SELECT s.batch, s.label_index, s.device, MAX(s.at_ms) AS latest_ms, MAX(s.confirmed) AS known,"
        " MAX(CASE WHEN s.confirmed = 1 THEN s.at_ms ELSE -1 END) AS counted_ms FROM wanted w"
        f" JOIN scan s ON s.batch = w.batch AND s.label_index = w.label_index AND s.device = w.device{only}"
        " GROUP BY s.batch, s.label_index, s.device",
        values,
    )
    found = {key: _Device() for key in wanted}
    for row in rows:
        key = (row["batch"], row["label_index"], row["device"])
        found[key] = _Device(row["latest_ms"], row["counted_ms"] == row["latest_ms"], bool(row["known"]))
    return found


def _pending(reader: Reader, wanted: Sequence[ScanKey]) -> set[ScanKey]:
    """Those of the scans wanted that are there and do not count yet."""
    if not wanted:
        return set()
    listed, only, values = _listed(_SCAN, wanted)
    rows = reader.rows(
        f"{listed} SELECT s.batch, s.label_index, s.device, s.at_ms FROM wanted w JOIN scan s ON s.batch = w.batch"
        f" AND s.label_index = w.label_index AND s.device = w.device AND s.at_ms = w.at_ms{only} AND s.confirmed = 0",
        values,
    )
    return {(row["batch"], row["label_index"], row["device"], row["at_ms"]) for row in rows}


def _listed(
    columns: dict[str, str], rows: Sequence[Sequence[Any]], table: str = "s"
) -> tuple[str, str, dict[str, Any]]:
    """A common table expression `wanted` with the given rows; a further condition on `table` that names their batch,
    where all have one, so that a database in parts looks into one of them; and the parameters. The casts give the
    columns their types, which neither backend would know of parameters alone.
    """
    marks: list[str] = []
    values: dict[str, Any] = {}
    for place, row in enumerate(rows):
        names = [f"w{place}_{column}" for column in range(len(row))]
        marks.append(", ".join(f"CAST(:{name} AS {kind})" for name, kind in zip(names, columns.values(), strict=True)))
        values.update(zip(names, row, strict=True))
    only = ""
    if len({row[0] for row in rows}) == 1:
        only, values["batch"] = f" AND {table}.batch = :batch", rows[0][0]
    return f"WITH wanted ({', '.join(columns)}) AS (VALUES ({'), ('.join(marks)}))", only, values


def _marks(rows: Sequence[Sequence[Any]], more: str) -> tuple[str, dict[str, Any]]:
    """Rows for VALUES, each ended by `more`, and their parameters."""
    marks: list[str] = []
    values: dict[str, Any] = {}
    for place, row in enumerate(rows):
        names = [f"v{place}_{column}" for column in range(len(row))]
        marks.append("(" + ", ".join(f":{name}" for name in names) + more + ")")
        values.update(zip(names, row, strict=True))
    return ", ".join(marks), values

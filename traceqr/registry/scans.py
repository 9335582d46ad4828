"""Scans, and the summary of each label's sightings that verdicts read.

What happens to labels is recorded a group at a time, batch by batch: every statement names one batch, so that a
database that is spread over several machines by batch finds each statement's rows on one of them. The number of
statements depends on the number of batches in a group, not on that of scans.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field
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


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The device that scanned at `at_ms` has come back: that scan is to count, if it is there and does not yet."""

    batch: int
    label_index: int
    device: str
    at_ms: int


Event = Scan | Confirmation

_SUMMARY = "label_index, first_seen_ms, last_seen_ms, times_seen, devices"


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
    found = _summaries(reader, batch, [index]).get(index, _Summary())
    own = device is not None and _devices(reader, batch, [(index, device)])[index, device].known
    return found.history(own)


def record(tx: Transaction, events: Sequence[Event]) -> list[History]:
    """Keep what has happened to labels, in its order; returns for each event the history as it was just before.

    A scan is not kept if it is a reload. Summaries that may change are locked before anything else of their labels is
    read, so that of any number of first scans, on any number of machines, one is the first.
    """
    before = [History()] * len(events)
    for batch in sorted({event.batch for event in events}):
        places = [place for place, event in enumerate(events) if event.batch == batch]
        book = _Book(tx, batch, [events[place] for place in places])
        for place in places:
            before[place] = book.enter(events[place])
        book.write()
    return before


@dataclass(slots=True)
class _Book:
    """The labels of one batch that a group of events concerns."""

    tx: Transaction
    batch: int
    events: Sequence[Event]
    summaries: dict[int, _Summary] = field(init=False)
    devices: dict[tuple[int, str], _Device] = field(init=False)
    pending: set[tuple[int, str, int]] = field(init=False)
    locked: list[int] = field(init=False)
    new: list[tuple[Any, ...]] = field(default_factory=list)
    confirmed: list[tuple[int, str, int]] = field(default_factory=list)
    counted: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        counting = {event.label_index for event in self.events if not isinstance(event, Scan) or event.counts}
        others = {event.label_index for event in self.events} - counting
        self.locked = sorted(counting)
        self.summaries = _locked(self.tx, self.batch, self.locked) | _summaries(self.tx, self.batch, sorted(others))
        self.devices = _devices(
            self.tx, self.batch, sorted({(event.label_index, event.device) for event in self.events})
        )
        waiting = {(e.label_index, e.device, e.at_ms) for e in self.events if isinstance(e, Confirmation)}
        self.pending = _pending(self.tx, self.batch, sorted(waiting))

    def enter(self, event: Event) -> History:
        """Take an event in; returns the history before it."""
        device = self.devices[event.label_index, event.device]
        summary = self.summaries.setdefault(event.label_index, _Summary())
        before = summary.history(device.known)
        if isinstance(event, Confirmation):
            self._confirm(event.label_index, event.device, event.at_ms)
        elif device.latest_ms is None or event.at_ms - device.latest_ms >= RELOAD_MS:
            self._add(event, device)
        # A clock that was set back leaves a scan in the future; that is the same page too, and keeps the key unique.
        elif event.counts and not device.latest_counts:
            self.pending.add((event.label_index, event.device, device.latest_ms))
            self._confirm(event.label_index, event.device, device.latest_ms)
        return before

    def _add(self, scan: Scan, device: _Device) -> None:
        self.new.append((*astuple(scan)[:-1], int(scan.counts)))
        device.latest_ms, device.latest_counts = scan.at_ms, scan.counts
        if scan.counts:
            self._count(scan.label_index, device, scan.at_ms)

    def _confirm(self, index: int, name: str, at_ms: int) -> None:
        if (index, name, at_ms) not in self.pending:
            return
        self.pending.remove((index, name, at_ms))
        self.confirmed.append((index, name, at_ms))
        device = self.devices[index, name]
        device.latest_counts |= device.latest_ms == at_ms
        self._count(index, device, at_ms)

    def _count(self, index: int, device: _Device, at_ms: int) -> None:
        self.summaries[index].count(at_ms, not device.known)
        self.counted.add(index)
        device.known = True

    def write(self) -> None:
        """Write what has changed."""
        if self.new:
            self.tx.insert_many("scan", _COLUMNS, self.new)
        if self.confirmed:
            wanted, values = _listed(_OF_SCAN, self.confirmed)
            self.tx.execute(
                f"{wanted} UPDATE scan SET confirmed = 1 WHERE batch = :batch"
                f" AND ({', '.join(_OF_SCAN)}) IN (SELECT {', '.join(_OF_SCAN)} FROM wanted)",
                {**values, "batch": self.batch},
            )
        if self.counted:
            self._write_summaries()
        if empty := [index for index in self.locked if not self.summaries[index].times_seen]:
            wanted, values = _listed({"label_index": "BIGINT"}, [(index,) for index in empty])
            self.tx.execute(
                f"{wanted} DELETE FROM sighting WHERE batch = :batch"
                " AND label_index IN (SELECT label_index FROM wanted) AND times_seen = 0",
                {**values, "batch": self.batch},
            )

    def _write_summaries(self) -> None:
        rows = [(self.batch, index, *astuple(self.summaries[index])) for index in sorted(self.counted)]
        marks, values = _marks(rows, "")
        changes = ", ".join(f"{name} = excluded.{name}" for name in _SUMMARY.split(", ")[1:])
        self.tx.execute(
            f"INSERT INTO sighting (batch, {_SUMMARY}) VALUES {marks}"
            f" ON CONFLICT (batch, label_index) DO UPDATE SET {changes}",
            values,
        )


_COLUMNS = (*(name for name in Scan.__dataclass_fields__ if name != "counts"), "confirmed")
_OF_DEVICE = {"label_index": "BIGINT", "device": "TEXT"}
_OF_SCAN = {**_OF_DEVICE, "at_ms": "BIGINT"}


def _locked(tx: Transaction, batch: int, indexes: Sequence[int]) -> dict[int, _Summary]:
    """The summaries of labels, made where there is none, and locked until the transaction ends: an upsert that changes
    nothing is the lock that both backends have.
    """
    if not indexes:
        return {}
    marks, values = _marks([(batch, index) for index in indexes], ", 0, 0, 0, 0")
    return _by_label(
        tx.rows(
            f"INSERT INTO sighting (batch, {_SUMMARY}) VALUES {marks}"
            " ON CONFLICT (batch, label_index) DO UPDATE SET times_seen = sighting.times_seen"
            f" RETURNING {_SUMMARY}",
            values,
        )
    )


def _summaries(reader: Reader, batch: int, indexes: Sequence[int]) -> dict[int, _Summary]:
    if not indexes:
        return {}
    wanted, values = _listed({"label_index": "BIGINT"}, [(index,) for index in indexes])
    return _by_label(
        reader.rows(
            f"{wanted} SELECT {', '.join('s.' + name for name in _SUMMARY.split(', '))} FROM wanted w"
            " JOIN sighting s ON s.batch = :batch AND s.label_index = w.label_index",
            {**values, "batch": batch},
        )
    )


def _by_label(rows: Iterable[dict[str, Any]]) -> dict[int, _Summary]:
    return {index: _Summary(*rest) for index, *rest in (row.values() for row in rows)}


def _devices(reader: Reader, batch: int, wanted: Sequence[tuple[int, str]]) -> dict[tuple[int, str], _Device]:
    """What is known of devices, each with one label."""
    listed, values = _listed(_OF_DEVICE, wanted)
    rows = reader.rows(
        f"{listed} SELECT s.label_index, s.device, MAX(s.at_ms) AS latest_ms, MAX(s.confirmed) AS known,"
        " MAX(CASE WHEN s.confirmed = 1 THEN s.at_ms ELSE -1 END) AS counted_ms FROM wanted w"
        " JOIN scan s ON s.batch = :batch AND s.label_index = w.label_index AND s.device = w.device"
        " GROUP BY s.label_index, s.device",
        {**values, "batch": batch},
    )
    found = {key: _Device() for key in wanted}
    for row in rows:
        found[row["label_index"], row["device"]] = _Device(
            row["latest_ms"], row["counted_ms"] == row["latest_ms"], bool(row["known"])
        )
    return found


def _pending(reader: Reader, batch: int, wanted: Sequence[tuple[int, str, int]]) -> set[tuple[int, str, int]]:
    """Those of the scans wanted that are there and do not count yet."""
    if not wanted:
        return set()
    listed, values = _listed(_OF_SCAN, wanted)
    rows = reader.rows(
        f"{listed} SELECT s.label_index, s.device, s.at_ms FROM wanted w JOIN scan s ON s.batch = :batch"
        " AND s.label_index = w.label_index AND s.device = w.device AND s.at_ms = w.at_ms WHERE s.confirmed = 0",
        {**values, "batch": batch},
    )
    return {(row["label_index"], row["device"], row["at_ms"]) for row in rows}


def _listed(columns: dict[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, dict[str, Any]]:
    """A common table expression `wanted` with the given rows, and its parameters. The casts give the columns their
    types, which neither backend would know of parameters alone.
    """
    types = list(columns.values())
    marks: list[str] = []
    values: dict[str, Any] = {}
    for place, row in enumerate(rows):
        names = [f"w{place}_{column}" for column in range(len(types))]
        marks.append("(" + ", ".join(f"CAST(:{name} AS {kind})" for name, kind in zip(names, types, strict=True)) + ")")
        values.update(zip(names, row, strict=True))
    return f"WITH wanted ({', '.join(columns)}) AS (VALUES {', '.join(marks)})", values


def _marks(rows: Sequence[Sequence[Any]], more: str) -> tuple[str, dict[str, Any]]:
    """Rows for VALUES, each ended by `more`, and their parameters."""
    marks: list[str] = []
    values: dict[str, Any] = {}
    for place, row in enumerate(rows):
        names = [f"v{place}_{column}" for column in range(len(row))]
        marks.append("(" + ", ".join(f":{name}" for name in names) + more + ")")
        values.update(zip(names, row, strict=True))
    return ", ".join(marks), values

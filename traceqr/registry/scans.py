"""Scans, and the summary of each label's sightings that verdicts read.

What happens to labels is recorded a group at a time. A database that is spread over several machines by batch wants
each statement to name one batch: there, the number of statements grows with that of the batches in a group, never
with that of the scans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from traceqr.registry.database import NOTHING, Reader, Statement, Transaction
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
    summaries, devices = reader.rows_each(
        [_summaries([label]), _devices([(*label, device)] if device is not None else [])]
    )
    own = any(row["known"] for row in devices)
    return _by_label(summaries).get(label, _Summary()).history(own)


def record(tx: Transaction, events: Sequence[Event], *, by_batch: bool) -> list[History]:
    """Keep what has happened to labels, in its order; returns for each event the history as it was just before.

    A scan is not kept if it is a reload. Summaries that may change are locked before anything else of their labels is
    read, so that of any number of first scans, on any number of machines, one is the first. `by_batch` as in
    `Database`; the statements of all batches go together, question by question.
    """
    before = [History()] * len(events)
    books = [_Book(together) for together in _apart(events, by_batch)]
    _answer(tx, [(book.take_summaries, [book.lock(), book.look()]) for book in books])
    _answer(tx, [(book.take_devices, book.ask_devices()) for book in books])
    for book in books:
        for place, event in book.events:
            before[place] = book.enter(event)
    tx.rows_each([statement for book in books for statement in book.changes()])
    return before


Placed = list[tuple[int, Event]]
Rows = list[dict[str, Any]]


def _apart(events: Sequence[Event], by_batch: bool) -> list[Placed]:
    """The events with their places, one list a batch, in the order of the batches, or all in one."""
    placed = list(enumerate(events))
    if not by_batch:
        return [placed] if placed else []
    batches = sorted({event.batch for event in events})
    return [[(place, event) for place, event in placed if event.batch == batch] for batch in batches]


def _answer(tx: Transaction, questions: list[tuple[Callable[..., None], list[Statement]]]) -> None:
    """Ask all questions at once, and give each asker its own answers."""
    answers = iter(tx.rows_each([statement for _, statements in questions for statement in statements]))
    for take, statements in questions:
        take(*(next(answers) for _ in statements))


class _Book:
    """The labels that events concern, in one batch or in several. What is asked first locks them."""

    def __init__(self, events: Placed) -> None:
        self.events = events
        only = [event for _, event in events]
        counting = {_label(event) for event in only if isinstance(event, Confirmation) or event.counts}
        self._locked = sorted(counting)
        self._others = sorted({_label(event) for event in only} - counting)
        self._wanted = sorted({(*_label(event), event.device) for event in only})
        self._waiting = sorted({(*_label(e), e.device, e.at_ms) for e in only if isinstance(e, Confirmation)})
        self._summaries: dict[LabelKey, _Summary] = {}
        self._devices = {key: _Device() for key in self._wanted}
        self._pending: set[ScanKey] = set()
        self._new: list[tuple[Any, ...]] = []
        self._confirmed: list[ScanKey] = []
        self._counted: set[LabelKey] = set()

    def lock(self) -> Statement:
        """The summaries of labels, made where there is none, and locked until the transaction ends: an upsert that
        changes nothing is the lock that both backends have.
        """
        if not self._locked:
            return NOTHING, {}
        marks, values = _marks(self._locked, ", 0, 0, 0, 0")
        return (
            f"INSERT INTO sighting (batch, label_index, {_COUNTS}) VALUES {marks}"
            " ON CONFLICT (batch, label_index) DO UPDATE SET times_seen = sighting.times_seen"
            f" RETURNING batch, label_index, {_COUNTS}"
        ), values

    def look(self) -> Statement:
        """The summaries of labels that nothing will count for."""
        return _summaries(self._others)

    def take_summaries(self, locked: Rows, others: Rows) -> None:
        """The answers to both."""
        self._summaries = _by_label(locked) | _by_label(others)

    def ask_devices(self) -> list[Statement]:
        """What is known of the devices, and which of the scans to be confirmed are there and do not count yet."""
        return [_devices(self._wanted), _pending(self._waiting)]

    def take_devices(self, devices: Rows, pending: Rows) -> None:
        """The answers to these."""
        for row in devices:
            key = (row["batch"], row["label_index"], row["device"])
            self._devices[key] = _Device(row["latest_ms"], row["counted_ms"] == row["latest_ms"], bool(row["known"]))
        self._pending = {(row["batch"], row["label_index"], row["device"], row["at_ms"]) for row in pending}

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

    def changes(self) -> list[Statement]:
        """What has changed."""
        counted = [(*label, *self._summaries[label].row()) for label in sorted(self._counted)]
        empty = [label for label in self._locked if not self._summaries[label].times_seen]
        return [
            *([_new_scans(sorted(self._new))] if self._new else ()),
            *([_confirmations(self._confirmed)] if self._confirmed else ()),
            *([_new_summaries(counted)] if counted else ()),
            *([_removals(empty)] if empty else ()),
        ]


_COLUMNS = (*(name for name in Scan.__dataclass_fields__ if name != "counts"), "confirmed")


def _label(event: Event) -> LabelKey:
    return event.batch, event.label_index


def _by_label(rows: Iterable[dict[str, Any]]) -> dict[LabelKey, _Summary]:
    return {(batch, index): _Summary(*counts) for batch, index, *counts in (row.values() for row in rows)}


def _summaries(labels: Sequence[LabelKey]) -> Statement:
    if not labels:
        return NOTHING, {}
    wanted, only, values = _listed(_LABEL, labels)
    return (
        f"{wanted} SELECT s.batch, s.label_index, s.first_seen_ms, s.last_seen_ms, s.times_seen, s.devices"
        f" FROM wanted w JOIN sighting s ON s.batch = w.batch AND s.label_index = w.label_index{only}"
    ), values


def _devices(wanted: Sequence[DeviceKey]) -> Statement:
    """What is known of devices, each with one label."""
    if not wanted:
        return NOTHING, {}
    listed, only, values = _listed(_DEVICE, wanted)
    return (
        f"{listed} SELECT s.batch, s.label_index, s.device, MAX(s.at_ms) AS latest_ms, MAX(s.confirmed) AS known,"
        " MAX(CASE WHEN s.confirmed = 1 THEN s.at_ms ELSE -1 END) AS counted_ms FROM wanted w"
        f" JOIN scan s ON s.batch = w.batch AND s.label_index = w.label_index AND s.device = w.device{only}"
        " GROUP BY s.batch, s.label_index, s.device"
    ), values


def _pending(wanted: Sequence[ScanKey]) -> Statement:
    """Those of the scans wanted that are there and do not count yet."""
    if not wanted:
        return NOTHING, {}
    listed, only, values = _listed(_SCAN, wanted)
    return (
        f"{listed} SELECT s.batch, s.label_index, s.device, s.at_ms FROM wanted w JOIN scan s ON s.batch = w.batch"
        f" AND s.label_index = w.label_index AND s.device = w.device AND s.at_ms = w.at_ms{only} AND s.confirmed = 0"
    ), values


def _new_scans(rows: Sequence[tuple[Any, ...]]) -> Statement:
    """Rows in the order of `_COLUMNS` and of their keys. What does not count locks no summary, so another node may have
    kept the very same scan of the same device meanwhile: it is one scan, and counts if one of them does.
    """
    marks, values = _marks(rows, "")
    return (
        f"INSERT INTO scan ({', '.join(_COLUMNS)}) VALUES {marks}"
        " ON CONFLICT (batch, label_index, device, at_ms) DO UPDATE SET confirmed = 1 WHERE excluded.confirmed = 1"
    ), values


def _confirmations(scans: Sequence[ScanKey]) -> Statement:
    wanted, only, values = _listed(_SCAN, scans, "scan")
    names = ", ".join(_SCAN)
    return f"{wanted} UPDATE scan SET confirmed = 1 WHERE ({names}) IN (SELECT {names} FROM wanted){only}", values


def _new_summaries(rows: Sequence[tuple[int, ...]]) -> Statement:
    marks, values = _marks(rows, "")
    changes = ", ".join(f"{name} = excluded.{name}" for name in _COUNTS.split(", "))
    return (
        f"INSERT INTO sighting (batch, label_index, {_COUNTS}) VALUES {marks}"
        f" ON CONFLICT (batch, label_index) DO UPDATE SET {changes}"
    ), values


def _removals(labels: Sequence[LabelKey]) -> Statement:
    """Of summaries that were made to be locked, and count nothing."""
    wanted, only, values = _listed(_LABEL, labels, "sighting")
    return (
        f"{wanted} DELETE FROM sighting WHERE (batch, label_index) IN (SELECT batch, label_index FROM wanted)"
        f" AND times_seen = 0{only}"
    ), values


def _listed(
    columns: dict[str, str], rows: Sequence[Sequence[Any]], table: str = "s"
) -> tuple[str, str, dict[str, Any]]:
    """A common table expression `wanted` with the given rows; a further condition on `table` that names their batch,
    where all have one, so that a database in parts looks into one of them; and the parameters. The casts give the
    columns their types, which neither backend would know of parameters alone.
    """
    marks, values = _spread(rows, "", tuple(columns.values()))
    only = ""
    if all(row[0] == rows[0][0] for row in rows):
        only, values["batch"] = f" AND {table}.batch = :batch", rows[0][0]
    return f"WITH wanted ({', '.join(columns)}) AS (VALUES {marks})", only, values


def _marks(rows: Sequence[Sequence[Any]], more: str) -> tuple[str, dict[str, Any]]:
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

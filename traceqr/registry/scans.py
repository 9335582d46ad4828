"""Scans, and the summary of each label's sightings that verdicts read.

What happens to labels is recorded a group at a time, in few statements: each takes many rows, or those of one batch
where rows lie apart by batch (`Spread`).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from traceqr.instant import day_number
from traceqr.registry import scan_statements as statements
from traceqr.registry.database import Reader, Spread, Statement, Transaction
from traceqr.registry.scan_statements import MOST_PARAMETERS, LabelKey, ScanKey
from traceqr.verdict import History

RELOAD_MS = 30 * 60 * 1000
"""A device that asks again about a label within half an hour is reading the same page, not scanning again."""


SUSPECT = "suspect"

LANES = 8
"""As many processes may count scans of one enterprise at the same time without waiting for each other."""


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
        """As it is stored, in the order of `scan_statements.SCAN_COLUMNS`."""
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
        """As it is stored, in the order of `scan_statements.new_summaries`."""
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
        [statements.summaries([label]), statements.devices([(*label, device)] if device is not None else [])]
    )
    own = any(row["known"] for row in devices)
    return _by_label(summaries).get(label, _Summary()).history(own)


def labels_seen(reader: Reader, batch: int, most: int) -> int:
    """How many labels of a batch were scanned; counted up to `most`, so that the count costs the same for all."""
    row = reader.row(
        "SELECT COUNT(*) AS labels FROM (SELECT label_index FROM sighting WHERE batch = :batch"
        " ORDER BY label_index LIMIT :most) q",
        {"batch": batch, "most": most},
    )
    return int(row["labels"]) if row else 0


@dataclass(frozen=True, slots=True)
class Entered:
    """What is known of events, in their order: the history as it was just before each, and whether it is a scan to be
    kept, which a reload is not. `changes` are the statements that keep it all.
    """

    before: list[History]
    kept: list[bool]
    changes: list[Statement]


def enter(tx: Transaction, events: Sequence[Event], *, spread: Spread) -> Entered:
    """What keeping events comes to. Summaries that may change are locked before anything else of their labels is read,
    so that of any number of first scans, on any number of machines, one is the first.
    """
    book = _Book(events, spread)
    questions = book.questions()
    for (_, take), rows in zip(questions, tx.rows_each([question for question, _ in questions]), strict=True):
        take(rows)
    before, kept = [], []
    for event in events:
        new = book.new
        before.append(book.enter(event))
        kept.append(book.new > new)
    return Entered(before, kept, book.changes())


def record(tx: Transaction, events: Sequence[Event], *, spread: Spread) -> list[History]:
    """Keep what has happened to labels, in its order; returns for each event the history as it was just before. What it
    is told is not counted: see `Tally`.
    """
    entered = enter(tx, events, spread=spread)
    tx.execute_each(entered.changes)
    return entered.before


class Tally:
    """Scans that are kept, counted by enterprise, day and verdict, and suspect ones by batch."""

    def __init__(self, spread: Spread, zone: ZoneInfo) -> None:
        self._brought = _brought(spread)
        self._lane = 0 if spread is Spread.FILE else os.getpid() % LANES
        self._zone = zone
        self._scans: Counter[tuple[str, int, str, int]] = Counter()

    def add(self, enterprise_id: str, batch: int, at_ms: int, verdict: str) -> None:
        """Count one."""
        self._scans[enterprise_id, day_number(at_ms, self._zone), verdict, batch if verdict == SUSPECT else 0] += 1

    def changes(self) -> list[Statement]:
        """What has changed."""
        rows = [(*key, self._lane, scans) for key, scans in sorted(self._scans.items())]
        return [statements.tallies(some) for some in self._brought(rows)]


Rows = list[dict[str, Any]]
Row = TypeVar("Row", bound=tuple[Any, ...])


def _brought(spread: Spread) -> Callable[[Sequence[Row]], list[Sequence[Row]]]:
    """How rows that are written down are divided."""
    return _apart if spread is Spread.MACHINES else _together


def _together(rows: Sequence[Row]) -> list[Sequence[Row]]:
    """As few lists as there may be: each is for one statement."""
    most = MOST_PARAMETERS // len(rows[0]) if rows else 1
    return [rows[first : first + most] for first in range(0, len(rows), most)]


def _apart(rows: Sequence[Row]) -> list[Sequence[Row]]:
    """The same for each batch. The rows are in their order, so those of a batch follow each other."""
    return [some for _, of_batch in groupby(rows, itemgetter(0)) for some in _together(list(of_batch))]


class _Book:
    """The labels that events concern. What is asked first locks them.

    Keys and rows are handed to statements a list at a time: `_sought` divides what is looked for, `_brought` what is
    written down, both by how it lies.
    """

    def __init__(self, events: Sequence[Event], spread: Spread) -> None:
        self._sought = _together if spread is Spread.FILE else _apart
        self._brought = _brought(spread)
        counting = {_label(event) for event in events if isinstance(event, Confirmation) or event.counts}
        self._locked = sorted(counting)
        self._others = sorted({_label(event) for event in events} - counting)
        self._wanted = sorted({(*_label(event), event.device) for event in events})
        self._waiting = sorted({(*_label(e), e.device, e.at_ms) for e in events if isinstance(e, Confirmation)})
        self._summaries: dict[LabelKey, _Summary] = {}
        self._devices = {key: _Device() for key in self._wanted}
        self._pending: set[ScanKey] = set()
        self._new: list[tuple[Any, ...]] = []
        self._confirmed: list[ScanKey] = []
        self._counted: set[LabelKey] = set()

    def questions(self) -> list[tuple[Statement, Callable[[Rows], None]]]:
        """What there is to know, each with what takes the answer, in this order: each is answered after the locks of
        those before it are had.
        """
        return [
            *((statements.lock(keys), self._take_summaries) for keys in self._brought(self._locked)),
            *((statements.summaries(keys), self._take_summaries) for keys in self._sought(self._others)),
            *((statements.devices(keys), self._take_devices) for keys in self._sought(self._wanted)),
            *((statements.pending(keys), self._take_pending) for keys in self._sought(self._waiting)),
        ]

    def _take_summaries(self, rows: Rows) -> None:
        self._summaries |= _by_label(rows)

    def _take_devices(self, rows: Rows) -> None:
        for row in rows:
            key = (row["batch"], row["label_index"], row["device"])
            self._devices[key] = _Device(row["latest_ms"], row["counted_ms"] == row["latest_ms"], bool(row["known"]))

    def _take_pending(self, rows: Rows) -> None:
        """Those of the scans to be confirmed that are there and do not count yet."""
        self._pending |= {(row["batch"], row["label_index"], row["device"], row["at_ms"]) for row in rows}

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

    @property
    def new(self) -> int:
        """Scans that are to be kept, so far."""
        return len(self._new)

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
            *(statements.new_scans(rows) for rows in self._brought(sorted(self._new))),
            *(statements.confirmations(keys) for keys in self._sought(sorted(self._confirmed))),
            *(statements.new_summaries(rows) for rows in self._brought(counted)),
            *(statements.removals(keys) for keys in self._sought(empty)),
        ]


def _label(event: Event) -> LabelKey:
    return event.batch, event.label_index


def _by_label(rows: Iterable[dict[str, Any]]) -> dict[LabelKey, _Summary]:
    return {(batch, index): _Summary(*counts) for batch, index, *counts in (row.values() for row in rows)}

"""The labels that a group of events concerns: what is asked about them, what it comes to, and what is written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from traceqr.registry import scan_statements as statements
from traceqr.registry.database import Spread, Statement
from traceqr.registry.scan_events import UNKNOWN_NETWORK, Confirmation, Event, Scan, label_of
from traceqr.registry.scan_statements import MOST_PARAMETERS, LabelKey, ScanKey, VisitorKey
from traceqr.registry.sightings import Summary, by_label
from traceqr.suspicion.trace import Look
from traceqr.verdict import History

RELOAD_MS = 30 * 60 * 1000
"""A device that asks again about a label within half an hour is reading the same page, not scanning again."""

MANY_LABELS = 4
"""A device that has looked at more labels of a batch than that, within `statements.VISIT_MS`, goes through them: a
dealer with his stock, or somebody who harvests. Its sightings say nothing of each label.
"""

Rows = list[dict[str, Any]]
Row = TypeVar("Row", bound=tuple[Any, ...])


@dataclass(slots=True)
class _Device:
    """What is known of one device and one label: its latest scan, and whether any of its scans counts."""

    latest_ms: int | None = None
    latest_counts: bool = False
    known: bool = False
    early: bool = False
    """Whether it was taken into the trace before the label was for sale."""


@dataclass(frozen=True, slots=True)
class _Whence:
    """Where a scan came from that waits for its confirmation."""

    place: str
    network: int


def brought(spread: Spread) -> Callable[[Sequence[Row]], list[Sequence[Row]]]:
    """How rows that are written down are divided."""
    return _apart if spread is Spread.MACHINES else _together


def _together(rows: Sequence[Row]) -> list[Sequence[Row]]:
    """As few lists as there may be: each is for one statement."""
    most = MOST_PARAMETERS // len(rows[0]) if rows else 1
    return [rows[first : first + most] for first in range(0, len(rows), most)]


def _apart(rows: Sequence[Row]) -> list[Sequence[Row]]:
    """The same for each batch. The rows are in their order, so those of a batch follow each other."""
    return [some for _, of_batch in groupby(rows, itemgetter(0)) for some in _together(list(of_batch))]


class Book:
    """The labels that events concern. What is asked first locks them.

    Keys and rows are handed to statements a list at a time: `_sought` divides what is looked for, `_brought` what is
    written down, both by how it lies. `watching` says whether traces are kept, and who goes through many labels.
    """

    def __init__(self, events: Sequence[Event], spread: Spread, *, watching: bool) -> None:
        self._sought = _together if spread is Spread.FILE else _apart
        self._brought = brought(spread)
        self._watching = watching
        telling = [event for event in events if isinstance(event, Confirmation) or event.counts or event.early]
        counting = {label_of(event) for event in telling}
        self._locked = sorted(counting)
        self._others = sorted({label_of(event) for event in events} - counting)
        self._wanted = sorted({(*label_of(event), event.device) for event in events})
        self._waiting = sorted({(*label_of(e), e.device, e.at_ms) for e in events if isinstance(e, Confirmation)})
        self._visits = _visits(telling) if watching else []
        self._labels_of: dict[VisitorKey, int] = {}
        self._summaries: dict[LabelKey, Summary] = {}
        self._devices = {key: _Device() for key in self._wanted}
        self._pending: dict[ScanKey, _Whence] = {}
        self._new: list[tuple[Any, ...]] = []
        self._confirmed: list[ScanKey] = []
        self._early: list[ScanKey] = []
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
            *((statements.visits(rows), self._take_visitors) for rows in self._brought(self._visits)),
        ]

    def _take_summaries(self, rows: Rows) -> None:
        self._summaries |= by_label(rows)

    def _take_devices(self, rows: Rows) -> None:
        for row in rows:
            key = (row["batch"], row["label_index"], row["device"])
            self._devices[key] = _Device(
                row["latest_ms"], row["counted_ms"] == row["latest_ms"], bool(row["known"]), bool(row["early"])
            )

    def _take_pending(self, rows: Rows) -> None:
        """Those of the scans to be confirmed that are there and do not count yet."""
        for row in rows:
            key = (row["batch"], row["label_index"], row["device"], row["at_ms"])
            self._pending[key] = _Whence(row["place"], row["network"])

    def _take_visitors(self, rows: Rows) -> None:
        self._labels_of |= {(row["batch"], row["device"]): row["labels"] for row in rows}

    def enter(self, event: Event) -> History:
        """Take an event in; returns the history before it."""
        key = (*label_of(event), event.device)
        device = self._devices[key]
        before = self._summaries.setdefault(label_of(event), Summary()).history(device.known)
        if isinstance(event, Confirmation):
            self._confirm((*key, event.at_ms), event)
        elif device.latest_ms is None or event.at_ms - device.latest_ms >= RELOAD_MS:
            self._add(event, device)
        # A clock that was set back leaves a scan in the future; that is the same page too, and keeps the key unique.
        elif event.counts and not device.latest_counts:
            self._pending[(*key, device.latest_ms)] = _Whence(event.place, event.network)
            self._confirm((*key, device.latest_ms), event)
        return before

    @property
    def new(self) -> int:
        """Scans that are to be kept, so far."""
        return len(self._new)

    def _add(self, scan: Scan, device: _Device) -> None:
        self._new.append(scan.row())
        device.latest_ms, device.latest_counts = scan.at_ms, scan.counts
        whence = _Whence(scan.place, scan.network)
        if scan.counts:
            self._count(label_of(scan), device, scan.at_ms, whence, scan)
        elif scan.early:
            self._count_early(label_of(scan), device, scan.at_ms, whence, scan)

    def _confirm(self, scan: ScanKey, event: Event) -> None:
        whence = self._pending.get(scan)
        if whence is None:
            return
        batch, index, name, at_ms = scan
        device = self._devices[batch, index, name]
        if event.early:
            self._early.append(scan)
            self._count_early((batch, index), device, at_ms, whence, event)
            return
        del self._pending[scan]
        self._confirmed.append(scan)
        device.latest_counts |= device.latest_ms == at_ms
        self._count((batch, index), device, at_ms, whence, event)

    def _count(self, label: LabelKey, device: _Device, at_ms: int, whence: _Whence, event: Event) -> None:
        summary = self._summaries[label]
        summary.count(at_ms, not device.known)
        if self._watching and not device.known and not device.early:
            summary.watch(self._look(at_ms, whence, event), early=False)
        self._counted.add(label)
        device.known = True

    def _count_early(self, label: LabelKey, device: _Device, at_ms: int, whence: _Whence, event: Event) -> None:
        if not self._watching or device.early:
            return
        self._summaries[label].watch(self._look(at_ms, whence, event), early=True)
        self._counted.add(label)
        device.early = True

    def _look(self, at_ms: int, whence: _Whence, event: Event) -> Look:
        network = None if whence.network == UNKNOWN_NETWORK else whence.network
        through_many = self._labels_of.get((event.batch, event.device), 0) > MANY_LABELS
        return Look(at_ms, whence.place, network, through_many, event.market, event.bought_ms)

    def suspects(self) -> dict[LabelKey, Summary]:
        """The labels that are suspect by what was entered."""
        weighed = ((label, self._summaries[label]) for label in sorted(self._counted))
        return {label: found for label, found in weighed if found.suspicion is not None and found.suspicion.suspect}

    def changes(self) -> list[Statement]:
        """What has changed."""
        counted = [(*label, *self._summaries[label].row()) for label in sorted(self._counted)]
        empty = [label for label in self._locked if self._is_empty(label)]
        return [
            *(statements.new_scans(rows) for rows in self._brought(sorted(self._new))),
            *(statements.confirmations(keys) for keys in self._sought(sorted(self._confirmed))),
            *(statements.early(keys) for keys in self._sought(sorted(set(self._early)))),
            *(statements.new_summaries(rows) for rows in self._brought(counted)),
            *(statements.removals(keys) for keys in self._sought(empty)),
        ]

    def _is_empty(self, label: LabelKey) -> bool:
        found = self._summaries[label]
        return not found.times_seen and not found.trace


def _visits(events: Sequence[Event]) -> list[tuple[int, str, int, int, int]]:
    """For each device in a batch: how many labels it looks at in this group, the last of them, and when."""
    labels: dict[VisitorKey, dict[int, int]] = {}
    for event in events:
        labels.setdefault((event.batch, event.device), {})[event.label_index] = event.at_ms
    return [(*key, len(seen), *list(seen.items())[-1]) for key, seen in sorted(labels.items())]

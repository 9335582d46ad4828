"""Pruning: the detail of old scans goes, the counts that verdicts need stay.

A device whose detail is gone is not recognised when it scans the same label again, and counts as another one. So it is
with the device that entered a hidden code first. Everybody else is told what he would have been told before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from traceqr.acting import ActRefused, Desk
from traceqr.instant import DAY_MS, day_number, day_start
from traceqr.registry import folding, meta, retention
from traceqr.registry.database import Database, Reader, Spread
from traceqr.registry.folding import Lanes
from traceqr.registry.retention import Kept

CHUNK = 500
"""Scans taken out in one transaction. It takes some 10 ms, for so long others wait to record theirs."""

ALL, UNCONFIRMED = "all", "unconfirmed"

SETTLED_DAYS = 14
"""To days so long ago no scan comes any more, whatever the clocks of the processes that count."""


@dataclass(frozen=True, slots=True)
class Stock:
    """Scans whose detail is kept: those that came to count, and those that did not. `pruned_before_ms` is the instant
    before which all detail was ordered to go, None if none was.
    """

    confirmed: Kept
    unconfirmed: Kept
    pruned_before_ms: int | None


def stock(reader: Reader, before_ms: int) -> Stock:
    """Scans before an instant. Reads every scan there is."""
    confirmed, unconfirmed = retention.kept(reader, before_ms)
    pruned = meta.read(reader, meta.SCANS_PRUNED_BEFORE_MS)
    return Stock(confirmed, unconfirmed, int(pruned) if pruned else None)


def first_instant(desk: Desk, before: date) -> int:
    """The instant at which the day begins. Raises `ActRefused` unless it is a day ago: a page that is open may still
    confirm its scan, and clocks of several machines differ.
    """
    before_ms, latest_ms = day_start(before, desk.timezone), desk.clock() - DAY_MS
    if before_ms > latest_ms:
        latest = datetime.fromtimestamp(latest_ms // 1000, desk.timezone).date()
        raise ActRefused(
            f"expected a date that began a day ago or earlier, which is {latest} at the latest in {desk.timezone}, got"
            f" {before}: what was scanned since may still come to count",
            "before",
        )
    return before_ms


def prune(desk: Desk, database: Database, before: date, unconfirmed_only: bool, watch: Callable[[int], object]) -> int:
    """Take out the scans before the start of a day, or of those only the ones that never came to count; returns how
    many. `watch` is told of each number that went. Raises `ActRefused`.

    The act is recorded first. What is interrupted after it is finished by doing it again.
    """
    before_ms = first_instant(desk, before)
    what = UNCONFIRMED if unconfirmed_only else ALL
    with desk.act() as act:
        act.record("scans.prune", "scans", {"before_ms": before_ms, "what": what})
        if not unconfirmed_only:
            so_far = int(meta.read(act.tx, meta.SCANS_PRUNED_BEFORE_MS) or 0)
            meta.write(act.tx, meta.SCANS_PRUNED_BEFORE_MS, str(max(so_far, before_ms)))
    gone = _Sweep(database, before_ms, unconfirmed_only, watch).run()
    if not unconfirmed_only:
        _forget_buyers(database, before_ms)
    return gone


def fold(desk: Desk, database: Database) -> int:
    """Add up the lanes in which processes counted scans, of days to which none comes any more; returns how many rows
    went. It changes no number that is told, so it is no act.
    """
    if database.spread is Spread.FILE:
        return 0
    before = day_number(desk.clock(), desk.timezone) - SETTLED_DAYS
    return sum(_fold(database, lanes, before) for lanes in folding.COUNTED)


def _fold(database: Database, lanes: Lanes, before: int) -> int:
    """Owner by owner, each in a transaction of its own."""
    gone = 0
    owner = _next_owner(database, lanes, lanes.nobody)
    while owner is not None:
        with database.recording() as tx:
            gone += folding.fold(tx, lanes, owner, before)
        owner = _next_owner(database, lanes, owner)
    return gone


def _next_owner(database: Database, lanes: Lanes, after: str | int) -> str | int | None:
    with database.snapshot() as reader:
        return folding.next_owner(reader, lanes, after)


def _forget_buyers(database: Database, before_ms: int) -> None:
    """Batch by batch, and some at a time, as scans go. When and where a label was bought stays."""
    batch = _next_purchase(database, -1)
    while batch is not None:
        labels = [0]
        while labels:
            with database.snapshot() as reader:
                labels = retention.known_buyers(reader, batch, before_ms, CHUNK)
            if labels:
                with database.recording() as tx:
                    retention.forget_buyers(tx, batch, labels)
        batch = _next_purchase(database, batch)


def _next_purchase(database: Database, after: int) -> int | None:
    with database.snapshot() as reader:
        return retention.next_purchase(reader, after)


@dataclass(slots=True)
class _Sweep:
    """Goes through all batches in the order of their numbers, and through each in the order of its labels."""

    database: Database
    before_ms: int
    unconfirmed_only: bool
    watch: Callable[[int], object]
    gone: int = 0

    def run(self) -> int:
        batch = self._next_batch(-1)
        while batch is not None:
            self._sweep(batch)
            if not self.unconfirmed_only:
                self._forget(batch)
            batch = self._next_batch(batch)
        return self.gone

    def _next_batch(self, after: int) -> int | None:
        with self.database.snapshot() as reader:
            return retention.next_batch(reader, after)

    def _sweep(self, batch: int) -> None:
        # Looking for old scans holds nobody up; only taking them out does. Each round leaves fewer, so it ends: a scan
        # that came to count in between is not found again, and no new scan is so old.
        first = 0
        while True:
            with self.database.snapshot() as reader:
                found = retention.some(reader, batch, first, self.before_ms, self.unconfirmed_only, CHUNK)
            if found:
                with self.database.recording() as tx:
                    went = retention.remove(tx, batch, found, self.unconfirmed_only)
                self.gone += went
                self.watch(went)
                first = found[-1].label_index
            if len(found) < CHUNK:
                return

    def _forget(self, batch: int) -> None:
        """Take out who has gone through labels of the batch, in the order of devices."""
        after = ""
        while True:
            with self.database.snapshot() as reader:
                devices = retention.visitors(reader, batch, after, self.before_ms, CHUNK)
            if devices:
                with self.database.recording() as tx:
                    retention.forget_visitors(tx, batch, devices, self.before_ms)
                after = devices[-1]
            if len(devices) < CHUNK:
                return

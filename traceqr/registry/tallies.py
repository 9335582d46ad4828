"""Counting what is kept, in the scan's own transaction: by enterprise and verdict, by product and place, by batch."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from traceqr.instant import day_number
from traceqr.registry.database import Spread, Statement
from traceqr.registry.scan_book import brought
from traceqr.registry.scan_statements import rows_of

SUSPECT = "suspect"

LANES = 8
"""As many processes may count scans of one enterprise at the same time without waiting for each other."""

WEEK = 7


@dataclass(frozen=True, slots=True)
class Told:
    """A scan that was kept, and what was told of it."""

    enterprise_id: str
    gtin: str
    batch: int
    at_ms: int
    verdict: str
    place: str


class Tally:
    """Scans that are kept, counted by the days and weeks of a time zone. `watching` says whether places and batches are
    counted too.
    """

    def __init__(self, spread: Spread, zone: ZoneInfo, *, watching: bool = True) -> None:
        self._brought = brought(spread)
        self._lane = lane(spread)
        self._zone = zone
        self._watching = watching
        self._days: Counter[tuple[str, int, str, int]] = Counter()
        self._places: Counter[tuple[str, int, str, int]] = Counter()
        self._batches: Counter[tuple[int, int]] = Counter()

    def add(self, told: Told) -> None:
        """Count one."""
        day, suspect = day_number(told.at_ms, self._zone), told.verdict == SUSPECT
        self._days[told.enterprise_id, day, told.verdict, told.batch if suspect else 0] += 1
        if self._watching:
            self._places[told.gtin, week_of(day), told.place, int(suspect)] += 1
            self._batches[told.batch, day] += 1

    def changes(self) -> list[Statement]:
        """What has changed."""
        return [
            *self._statements("scan_day", ("enterprise_id", "day", "verdict", "batch"), self._days),
            *self._statements("scan_place", ("gtin", "week", "place", "suspect"), self._places),
            *self._statements("scan_batch", ("batch", "day"), self._batches),
        ]

    def _statements(self, table: str, columns: Sequence[str], counted: Counter[Any]) -> list[Statement]:
        rows = [(*key, self._lane, scans) for key, scans in sorted(counted.items())]
        return [added(table, columns, some) for some in self._brought(rows)]


def week_of(day: int) -> int:
    """The number of the Monday that a day's week begins with, both counted from 1970-01-01, which was a Thursday."""
    return day - (day + 3) % WEEK


def lane(spread: Spread) -> int:
    """That of this process."""
    return 0 if spread is Spread.FILE else os.getpid() % LANES


def moved(gtin: str, day: int, before: str, after: str, in_lane: int) -> Statement:
    """A scan that was counted at one place was made at another."""
    rows = sorted([(gtin, week_of(day), before, 0, in_lane, -1), (gtin, week_of(day), after, 0, in_lane, 1)])
    return added("scan_place", ("gtin", "week", "place", "suspect"), rows)


def added(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Statement:
    """Scans that are added up: rows in the order of the columns, and of their keys, each with its lane and number."""
    marks, values = rows_of(rows)
    keys = ", ".join((*columns, "lane"))
    return (
        f"INSERT INTO {table} ({keys}, scans) VALUES {marks}"
        f" ON CONFLICT ({keys}) DO UPDATE SET scans = {table}.scans + excluded.scans"
    ), values

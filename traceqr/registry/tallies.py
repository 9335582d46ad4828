"""Counting what is kept: scans by enterprise, day and verdict."""

from __future__ import annotations

import os
from collections import Counter
from zoneinfo import ZoneInfo

from traceqr.instant import day_number
from traceqr.registry import scan_statements as statements
from traceqr.registry.database import Spread, Statement
from traceqr.registry.scan_book import brought

SUSPECT = "suspect"

LANES = 8
"""As many processes may count scans of one enterprise at the same time without waiting for each other."""


class Tally:
    """Scans that are kept, counted by enterprise, day and verdict, and suspect ones by batch."""

    def __init__(self, spread: Spread, zone: ZoneInfo) -> None:
        self._brought = brought(spread)
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

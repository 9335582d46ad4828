"""How an enterprise's labels are scanned: by day, by what people were told, and where suspects come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from traceqr.access import Right
from traceqr.instant import day_number, numbered_day
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.registry import scan_days
from traceqr.registry.database import Row
from traceqr.registry.scans import SUSPECT

MOST_SUSPECTS = 10
"""Batches with suspect scans that are named."""


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day, in ISO, with its scans and how many of them were told to be suspect."""

    iso: str
    scans: int
    suspect: int


@dataclass(frozen=True, slots=True)
class Suspects:
    """A batch with suspect scans, and the day of the latest."""

    row: Row
    latest: str


@dataclass(frozen=True, slots=True)
class Scans:
    """The scans of some days, up to today. `verdicts` are most frequent first."""

    days: Sequence[Day]
    verdicts: Mapping[str, int]
    suspects: Sequence[Suspects]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.verdicts.values())

    @property
    def suspect(self) -> int:
        """Those that were told to be suspect."""
        return self.verdicts.get(SUSPECT, 0)


@dataclass(frozen=True, slots=True)
class FiguresOffice(EnterpriseOffice):
    """What is counted of the identity's own enterprise."""

    def scans(self, days: int) -> Scans:
        """Of the last so many days, today among them."""
        self.need(Right.SEE)
        last = day_number(self.house.clock(), self.house.timezone)
        first = last - days + 1
        with self.house.database.snapshot() as reader:
            rows = scan_days.by_day(reader, self.enterprise, first, last)
            batches = scan_days.suspects(reader, self.enterprise, first, last, MOST_SUSPECTS)
        return _added_up(rows, batches, range(first, last + 1))


def _added_up(rows: Sequence[Row], batches: Sequence[Row], days: range) -> Scans:
    by_day, suspect, verdicts = Counter[int](), Counter[int](), Counter[str]()
    for row in rows:
        by_day[row["day"]] += row["scans"]
        verdicts[row["verdict"]] += row["scans"]
        suspect[row["day"]] += row["scans"] if row["verdict"] == SUSPECT else 0
    return Scans(
        [Day(numbered_day(day).isoformat(), by_day[day], suspect[day]) for day in days],
        dict(verdicts.most_common()),
        [Suspects(row, numbered_day(row["latest"]).isoformat()) for row in batches],
    )

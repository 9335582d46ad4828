"""How an enterprise's labels are scanned: by day, by what people were told, and where suspects come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from traceqr.access import Right
from traceqr.instant import day_number, numbered_day
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.registry import batches, scan_days
from traceqr.registry.database import Reader
from traceqr.registry.tallies import SUSPECT

STILL_OPEN = 2
"""Days that scans may still be added to: today and yesterday, since clocks differ and commits take time."""

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
    """A batch with suspect scans: how many, and the day of the latest, in ISO."""

    batch: int
    name_zh: str
    name_en: str
    scans: int
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
        today = day_number(self.house.clock(), self.house.timezone)
        first, closed = today - days + 1, today - STILL_OPEN
        with self.house.database.snapshot() as reader:
            sums = self.house.remembered.of(
                ("scans", self.enterprise, first, closed), lambda: _sums(reader, self.enterprise, first, closed)
            )
            sums = sums + _sums(reader, self.enterprise, closed + 1, today)
            most = sorted(sums.suspects.items(), key=lambda one: (-one[1][0], -one[0]))[:MOST_SUSPECTS]
            names = batches.product_names(reader, [batch for batch, _ in most])
        return Scans(
            [_day(sums, number) for number in range(first, today + 1)],
            dict(sums.verdicts.most_common()),
            [
                Suspects(batch, *names[batch], scans, numbered_day(latest).isoformat())
                for batch, (scans, latest) in most
            ],
        )


@dataclass(frozen=True, slots=True)
class _Sums:
    """What the scans of some days come to. `suspects` are scans and latest day by batch."""

    by_day: Counter[int]
    suspect: Counter[int]
    verdicts: Counter[str]
    suspects: Mapping[int, tuple[int, int]]

    def __add__(self, later: _Sums) -> _Sums:
        both = {
            batch: (scans + self.suspects.get(batch, (0, 0))[0], latest)
            for batch, (scans, latest) in later.suspects.items()
        }
        return _Sums(
            self.by_day + later.by_day,
            self.suspect + later.suspect,
            self.verdicts + later.verdicts,
            {**self.suspects, **both},
        )


def _sums(reader: Reader, enterprise_id: str, first: int, last: int) -> _Sums:
    by_day, suspect, verdicts = Counter[int](), Counter[int](), Counter[str]()
    for row in scan_days.by_day(reader, enterprise_id, first, last):
        by_day[row["day"]] += row["scans"]
        verdicts[row["verdict"]] += row["scans"]
        if row["verdict"] == SUSPECT:
            suspect[row["day"]] += row["scans"]
    suspects = scan_days.suspects(reader, enterprise_id, first, last)
    return _Sums(by_day, suspect, verdicts, {row["batch"]: (row["scans"], row["latest"]) for row in suspects})


def _day(sums: _Sums, number: int) -> Day:
    return Day(numbered_day(number).isoformat(), sums.by_day[number], sums.suspect[number])

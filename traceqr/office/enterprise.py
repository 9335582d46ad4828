"""What the desks of an enterprise have in common, and what it sees first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traceqr.access import Right
from traceqr.office.house import Denied, Office
from traceqr.registry import batches, enterprises, licences, notices, pledges, scans
from traceqr.registry.database import Reader, Row
from traceqr.registry.enterprises import Enterprise
from traceqr.registry.licences import Wanted

LATEST = 5
"""Batches on the first page."""

MOST_SEEN = 10_000
"""Scanned labels of a batch are counted so far; more are said to be more."""


@dataclass(frozen=True, slots=True)
class EnterpriseOffice(Office):
    """A desk of the identity's own enterprise."""

    @property
    def enterprise(self) -> str:
        """The id of the enterprise. Raises `Denied` for an identity of none."""
        if self.identity.enterprise is None:
            raise Denied("expected an identity of an enterprise, got one of none")
        return self.identity.enterprise

    def own(self, reader: Reader) -> Enterprise:
        """The enterprise itself."""
        found = enterprises.by_id(reader, self.enterprise)
        assert found is not None  # an account refers to it
        return found


@dataclass(frozen=True, slots=True)
class LatestBatch:
    """A batch, and how many of its labels were scanned, counted up to `MOST_SEEN`."""

    row: Row
    seen: int

    @property
    def more(self) -> bool:
        """Whether the count was broken off."""
        return self.seen > MOST_SEEN


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page: numbers of labels by life, what is open, and what was done last."""

    enterprise: Enterprise
    labels: dict[str, int]
    pledges: Sequence[Row]
    licences: Sequence[Row]
    notices: Sequence[Row]
    latest: Sequence[LatestBatch]

    @property
    def issued(self) -> int:
        """All labels, whatever became of them."""
        return sum(self.labels.values())


@dataclass(frozen=True, slots=True)
class OverviewOffice(EnterpriseOffice):
    """What an enterprise sees first, and its licences of marks."""

    def overview(self) -> Overview:
        """Everything on the first page."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            return Overview(
                self.own(reader),
                batches.labels_by_life(reader, self.enterprise),
                pledges.through_the_years(reader, self.enterprise),
                licences.register(reader, Wanted(enterprise_id=self.enterprise), most=LATEST),
                notices.open_of_enterprise(reader, self.enterprise),
                [
                    LatestBatch(row, scans.labels_seen(reader, row["number"], MOST_SEEN + 1))
                    for row in batches.of_enterprise(reader, self.enterprise, most=LATEST)
                ],
            )

    def licences(self, before: int | None = None, most: int = 50) -> Sequence[Row]:
        """Licences of marks, latest first, from below number `before` on."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            return licences.register(reader, Wanted(enterprise_id=self.enterprise), before, most)

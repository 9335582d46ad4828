"""What the desks of an enterprise have in common: what is its own; and what it sees first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from traceqr import recalling
from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.instant import DAY_MS
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.office.house import Absent, Denied, Office
from traceqr.registry import (
    batches,
    enterprises,
    holdings,
    ledger,
    licences,
    notices,
    pledges,
    products,
    scans,
    suspects,
)
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader, Row
from traceqr.registry.enterprises import Enterprise
from traceqr.registry.licences import Wanted
from traceqr.registry.notices import Notice
from traceqr.registry.products import Product

LATEST = 5
"""Batches on the first page."""

MOST_SEEN = 1_000
"""Scanned labels of a batch are counted so far; more are said to be more."""

SUSPECT_DAYS = 30
"""A label that became suspect in so many days is news."""

MOST_SUSPECTS = 1_000
"""Such labels are counted so far."""


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
        assert found is not None  # an account or a token refers to it
        return found

    def own_product(self, reader: Reader, gtin: str) -> Product:
        """A product of the enterprise. Raises `Absent`, also for what is no GTIN."""
        try:
            found = products.by_gtin(reader, Gtin.parse(gtin).digits)
        except InvalidGtin as error:
            raise Absent("expected the GTIN of an own product, got another") from error
        if found is None or found.enterprise_id != self.enterprise:
            raise Absent("expected the GTIN of an own product, got another")
        return found

    def own_batch(self, reader: Reader, number: int) -> Batch:
        """A batch of the enterprise. Raises `Absent`."""
        found = batches.by_number(reader, number)
        if found is None or found.enterprise_id != self.enterprise:
            raise Absent("expected the number of an own batch, got another")
        return found

    def lift(self, notice_id: str, reason: str) -> Notice:
        """Lift a hold or a recall that the enterprise itself has laid: not one of an authority or the operator. Raises
        `Absent` and `ActRefused`.
        """
        self.need(Right.CHANGE_STATE)
        with self.desk.database.snapshot() as reader:
            found = holdings.notice(reader, self.enterprise, notice_id)
            if found is None:
                raise Absent("expected an open hold or recall of the own enterprise, found none")
            if holdings.enterprise_of(reader, actor_of(found)) != self.enterprise:
                raise ActRefused(f"expected a {found['kind']} that the own enterprise has laid, it is another's")
        return recalling.lift(self.desk, notice_id, reason)


def actor_of(row: Row) -> str:
    """Who did the act whose entry on the ledger a row has."""
    return str(json.loads(row["entry"])["actor"])


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
    suspects: int
    """Labels that became suspect within `SUSPECT_DAYS`, counted up to `MOST_SUSPECTS` and one more."""

    @property
    def more_suspects(self) -> bool:
        """Whether the count was broken off."""
        return self.suspects > MOST_SUSPECTS

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
                self._labels(reader),
                pledges.through_the_years(reader, self.enterprise),
                licences.register(reader, Wanted(enterprise_id=self.enterprise), most=LATEST),
                notices.open_of_enterprise(reader, self.enterprise),
                [
                    LatestBatch(row, scans.labels_seen(reader, row["number"], MOST_SEEN + 1))
                    for row in batches.of_enterprise(reader, self.enterprise, most=LATEST)
                ],
                suspects.count_since(
                    reader, self.enterprise, self.house.clock() - SUSPECT_DAYS * DAY_MS, MOST_SUSPECTS + 1
                ),
            )

    def _labels(self, reader: Reader) -> dict[str, int]:
        """Only acts change them, and every act moves the head of the ledger."""
        head = ledger.next_position(reader)
        return self.house.remembered.of(
            ("labels", self.enterprise, head), lambda: batches.labels_by_life(reader, self.enterprise)
        )

    def licences(self, before: int | None = None, most: int = 50) -> Sequence[Row]:
        """Licences of marks, latest first, from below number `before` on."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            return licences.register(reader, Wanted(enterprise_id=self.enterprise), before, most)

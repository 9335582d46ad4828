"""The batches of an enterprise: issued, and the state of their labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from traceqr import activating, issuing, recalling
from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.activating import Changed, Range
from traceqr.instant import day_number, numbered_day
from traceqr.issuing import Order
from traceqr.label.format import InvalidLabel, Label
from traceqr.label.gtin import Gtin
from traceqr.label.serial import InvalidSerial, Serial
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.registry import batches, claims, exports, licences, notices, pledges, products, scan_places, spans
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader, Row
from traceqr.registry.exports import Earlier
from traceqr.registry.licences import Wanted
from traceqr.registry.spans import Span
from traceqr.suspicion.bursts import BASE_DAYS, bursts

MOST_SPANS = 200
"""Spans of a batch that its page shows."""

LATELY = 28
"""Days in which bursts of scans are looked for."""

_INDEX = re.compile(r"[0-9]{1,8}", re.ASCII)


class NotOfThisBatch(ActRefused):
    """A label that was scanned belongs to another batch, or is no label."""


@dataclass(frozen=True, slots=True)
class Rush:
    """A day, in ISO, on which labels of a batch were scanned far more often than the weeks before let expect."""

    iso: str
    scans: int
    expected: float


@dataclass(frozen=True, slots=True)
class BatchFile:
    """A batch with the state of its labels. `hidden_spans` says how many spans are not shown."""

    batch: Batch
    name_zh: str
    spans: Sequence[Span]
    hidden_spans: int
    lives: dict[str, int]
    notices: Sequence[Row]
    exports: Sequence[Earlier]
    marks: Sequence[Row]
    bursts: Sequence[Rush]


@dataclass(frozen=True, slots=True)
class Offered:
    """What may be put on labels now: pledges and licences in force."""

    pledges: Sequence[Row]
    licences: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Ordered:
    """Labels that somebody orders, for the deployment's own address; see `issuing.Order`."""

    gtin: Gtin
    count: int
    pledge: int = 0
    lot: str | None = None
    produced_on: date | None = None
    expires_on: date | None = None
    active: bool = False
    marks: tuple[int, ...] = ()
    market: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels `first` to `last` of a batch, both included; None is the batch's own first or last."""

    batch: int
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class BatchOffice(EnterpriseOffice):
    """The batches of the identity's own enterprise."""

    def listed(self, before: int | None = None, most: int = 50) -> Sequence[Row]:
        """Batches, latest first, from below number `before` on."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            return batches.of_enterprise(reader, self.enterprise, before, most)

    def file(self, number: int) -> BatchFile:
        """One batch. Raises `Absent`."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            batch = self.own_batch(reader, number)
            found = spans.of_batch(reader, number)
            marks = [licences.listed(reader, each) for each in licences.of_batch(reader, number)]
            return BatchFile(
                batch,
                products.name_of(reader, batch.gtin, batch.product_version),
                found[:MOST_SPANS],
                max(0, len(found) - MOST_SPANS),
                _lives(found),
                notices.open_on_batch(reader, batch.gtin, number),
                exports.of_batch(reader, number),
                [row for row in marks if row],
                self._rushes(reader, number),
            )

    def _rushes(self, reader: Reader, number: int) -> list[Rush]:
        today = day_number(self.house.clock(), self.house.timezone)
        first = today - LATELY + 1
        scans = scan_places.of_batch(reader, number, first - BASE_DAYS, today)
        return [
            Rush(numbered_day(found.day).isoformat(), found.scans, found.expected)
            for found in bursts(scans, first, today)
        ]

    def offered(self) -> Offered:
        """Pledges and licences of marks that a batch may carry now."""
        self.need(Right.ISSUE)
        now_ms = self.house.clock()
        with self.house.database.snapshot() as reader:
            signed = pledges.through_the_years(reader, self.enterprise)
            granted = licences.register(reader, Wanted(state="granted", enterprise_id=self.enterprise))
        return Offered(
            [row for row in signed if row["state"] == "published" and _within(row, now_ms)],
            [row for row in granted if _within(row, now_ms) and row["used"] < row["quota"]],
        )

    def may_issue(self, gtin: str) -> bool:
        """Whether the enterprise's right to a GTIN is accepted."""
        self.need(Right.ISSUE)
        with self.house.database.snapshot() as reader:
            return claims.accepted_for(reader, self.enterprise, gtin) is not None

    def issue(self, order: Ordered) -> Batch:
        """Issue a batch of an own product. Raises `Absent` and `ActRefused`."""
        self.need(Right.ISSUE)
        with self.house.database.snapshot() as reader:
            self.own_product(reader, order.gtin.digits)
        return issuing.issue(self.desk, Order(origin=self.house.origin, **asdict(order) | {"gtin": order.gtin}))

    def activate(self, target: Labels, reason: str) -> Changed:
        """See `activating.activate`."""
        return activating.activate(self.desk, self._own(target), reason)

    def void(self, target: Labels, reason: str) -> Changed:
        """See `activating.void`."""
        return activating.void(self.desk, self._own(target), reason)

    def hold(self, target: Labels, reason: str) -> None:
        """Hold labels of a batch."""
        recalling.open_on_batch(self.desk, "hold", self._own(target), reason)

    def _own(self, target: Labels) -> Range:
        self.need(Right.CHANGE_STATE)
        with self.house.database.snapshot() as reader:
            self.own_batch(reader, target.batch)
        return Range(target.batch, target.first, target.last)


def place(number: int, text: str) -> int | None:
    """The index that a label of a batch was told by: its text as scanned, its serial, or the index alone; None where
    nothing is said. Raises `NotOfThisBatch`.
    """
    text = text.strip()
    if not text or _INDEX.fullmatch(text):
        return int(text) if text else None
    try:
        serial = Serial.parse(text) if text.isdigit() else Label.parse(text).serial
    except (InvalidLabel, InvalidSerial) as error:
        raise NotOfThisBatch(str(error)) from error
    if serial.batch != number:
        raise NotOfThisBatch(f"expected a label of batch {number}, got one of {serial.batch}")
    return serial.index


def _lives(found: Sequence[Span]) -> dict[str, int]:
    lives: dict[str, int] = {}
    for span in found:
        lives[span.life] = lives.get(span.life, 0) + len(span)
    return lives


def _within(row: Row, at_ms: int) -> bool:
    return bool(row["valid_from_ms"] <= at_ms < row["valid_to_ms"])

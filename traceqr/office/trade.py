"""What an enterprise's own programs see and do: its products, claims, batches, exports, pledges and licences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from traceqr import activating, enrolling, issuing, recalling
from traceqr.access import Right
from traceqr.acting import ActRefused, Desk
from traceqr.activating import Changed, Range
from traceqr.document import Document
from traceqr.enrolling import ProductEntry
from traceqr.errors import TraceqrError
from traceqr.issuing import Order
from traceqr.label.gtin import Gtin
from traceqr.office.claims import ClaimOffice
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.house import Absent, Denied
from traceqr.office.pledges import PledgeOffice
from traceqr.picture import Picture
from traceqr.registry import answered, holdings, licences, products
from traceqr.registry.answered import Answered
from traceqr.registry.batches import Batch
from traceqr.registry.claims import Claim
from traceqr.registry.database import Reader, Row
from traceqr.registry.enterprises import Enterprise
from traceqr.registry.licences import Wanted
from traceqr.registry.notices import Notice
from traceqr.registry.pacing import Pace
from traceqr.registry.products import Product

_Found = TypeVar("_Found")


READING = Pace(120, 500)
WRITING = Pace(30, 2_000)
"""Of all tokens of an enterprise together: so many at once, and then two in a second, or one in two."""


class KeyReused(TraceqrError):
    """An idempotency key that another request had."""


class Outdated(TraceqrError):
    """What was to be changed is not as the one who changes it has seen it. `present` is its version now."""

    def __init__(self, present: int) -> None:
        super().__init__(f"expected a change of version {present}, the present one, got one of another")
        self.present = present


class Exists(TraceqrError):
    """What was to be made is there."""


@dataclass(frozen=True, slots=True)
class TradeOffice(EnterpriseOffice):
    """The trade of the identity's own enterprise."""

    # --- doing things once, and not too fast

    def take(self, *, writing: bool) -> None:
        """Raise `SlowDown` where the enterprise's programs ask too much, whichever worker they come to."""
        kind, pace = ("api-writing", WRITING) if writing else ("api-reading", READING)
        self.house.doorkeeper.take(kind, self.enterprise, pace)

    def once(self, right: Right, key: str, digest: str, do: Callable[[TradeOffice], tuple[int, str]]) -> Answered:
        """Do what a request asks for, or tell what was answered when the same request came before under its key.

        The act and its answer land in one transaction, under the one lock of acts: of two requests with one key that
        come at once, the second waits, and is told what the first did. Either both are kept or neither, whatever
        breaks; what was refused is not kept, since it changed nothing, and may be tried again. Raises `KeyReused`.
        """
        self.need(right)
        with self.desk.together() as (desk, tx):
            now_ms = desk.clock()
            earlier = answered.find(tx, self.enterprise, key, now_ms)
            if earlier is not None:
                return _same(earlier, digest)
            status, body = do(replace(self, joined=desk))
            made = Answered(self.enterprise, key, digest, status, body, now_ms)
            answered.keep(tx, made)
            return made

    # --- what there is

    def itself(self) -> Enterprise:
        """The enterprise."""
        with self._reading() as reader:
            return self.own(reader)

    def products(self, after: str, most: int) -> Sequence[Row]:
        """Products, by GTIN."""
        with self._reading() as reader:
            return holdings.products(reader, self.enterprise, after, most)

    def product(self, gtin: str) -> Product:
        """One product in its present version."""
        with self._reading() as reader:
            return self.own_product(reader, gtin)

    def claims(self, after: str, most: int) -> Sequence[Row]:
        """Claims, by id."""
        with self._reading() as reader:
            return holdings.claims(reader, self.enterprise, after, most)

    def batches(self, before: int | None, most: int) -> Sequence[Row]:
        """Batches, latest first."""
        with self._reading() as reader:
            return holdings.batches(reader, self.enterprise, before, most)

    def batch(self, number: int) -> Row:
        """One batch, with the numbers of the licences of its marks."""
        with self._reading() as reader:
            return {**self._batch(reader, number), "marks": licences.of_batch(reader, number)}

    def spans(self, number: int, after: int, most: int) -> Sequence[Row]:
        """The states of a batch's labels, in order."""
        with self._reading() as reader:
            self._batch(reader, number)
            return holdings.spans(reader, number, after, most)

    def exports(self, number: int, before: int | None, most: int) -> Sequence[Row]:
        """The exports of a batch, latest first."""
        with self._reading() as reader:
            self._batch(reader, number)
            return holdings.exports(reader, number, before, most)

    def notices(self, before: int | None, most: int) -> Sequence[Row]:
        """Open holds and recalls, latest first."""
        with self._reading() as reader:
            return holdings.notices(reader, self.enterprise, before, most)

    def editions(self, after: str, most: int) -> Sequence[Row]:
        """Editions that take the enterprise's application now, by id."""
        found = PledgeOffice(self.house, self.identity, self.joined).editions()
        rows = sorted((asdict(each) for each in found if each.id > after), key=lambda row: row["id"])
        return rows[:most]

    def pledges(self, before: int | None, most: int) -> Sequence[Row]:
        """Pledges, latest first."""
        with self._reading() as reader:
            return holdings.pledges(reader, self.enterprise, before, most)

    def pledge(self, number: int) -> Row:
        """One pledge."""
        with self._reading() as reader:
            found = holdings.pledges(reader, self.enterprise, number + 1, 1)
        return _there(next((row for row in found if row["number"] == number), None))

    def licences(self, before: int | None, most: int) -> Sequence[Row]:
        """Licences of marks, latest first."""
        with self._reading() as reader:
            return licences.register(reader, Wanted(enterprise_id=self.enterprise), before, most)

    def licence(self, number: int) -> Row:
        """One licence, with the products that it is for."""
        with self._reading() as reader:
            found = licences.listed(reader, number)
            if found is None or found["enterprise_id"] != self.enterprise:
                raise Absent("expected a licence of the own enterprise, found none")
            return {**found, "gtins": licences.products_of(reader, number)}

    # --- what is done

    def create_product(self, gtin: Gtin, text: Mapping[str, str], picture: Picture | None) -> Product:
        """Enrol a product. Raises `Exists` for one of the own enterprise, and `ActRefused`."""
        self.need(Right.EDIT_PRODUCTS)
        with self.desk.together() as (desk, tx):
            known = products.by_gtin(tx, gtin.digits)
            if known is not None and known.enterprise_id == self.enterprise:
                raise Exists(f"expected the GTIN of a new product, {gtin} is enrolled already")
            return self._enrol(desk, tx, gtin, text, picture)

    def amend_product(self, gtin: str, version: int, text: Mapping[str, str], picture: Picture | None) -> Product:
        """Make a new version of a product, after the one that was seen. Raises `Outdated` and `ActRefused`."""
        self.need(Right.EDIT_PRODUCTS)
        with self.desk.together() as (desk, tx):
            known = self.own_product(tx, gtin)
            if known.version != version:
                raise Outdated(known.version)
            return self._enrol(desk, tx, Gtin.parse(gtin), text, picture)

    def file_claim(self, kind: str, value: str, evidence: str, documents: Sequence[Document]) -> Claim:
        """File a claim."""
        return ClaimOffice(self.house, self.identity, self.joined).file(kind, value, evidence, documents)

    def issue(self, gtin: Gtin, count: int, **more: Any) -> Batch:
        """Issue a batch of an own product. `more` is what else an `Order` has."""
        self.need(Right.ISSUE)
        with self.desk.together() as (desk, tx):
            known = products.by_gtin(tx, gtin.digits)
            if known is None or known.enterprise_id != self.enterprise:
                raise ActRefused(f"expected the GTIN of a product of the own enterprise, got {gtin}", "gtin")
            return issuing.issue(desk, Order(gtin, count, self.house.origin, **more))

    def activate(self, number: int, first: int | None, last: int | None, reason: str) -> Changed:
        """Let labels be sold."""
        return activating.activate(self._desk_for(number), Range(number, first, last), reason)

    def void(self, number: int, first: int | None, last: int | None, reason: str) -> Changed:
        """End labels for ever."""
        return activating.void(self._desk_for(number), Range(number, first, last), reason)

    def cover(self, kind: str, number: int, first: int | None, last: int | None, reason: str) -> Notice:
        """Hold or recall labels. Raises `Denied` where a second person must agree to a recall."""
        desk = self._desk_for(number)
        self._require_alone(kind)
        return recalling.open_on_batch(desk, kind, Range(number, first, last), reason)

    def cover_product(self, kind: str, gtin: str, reason: str) -> Notice:
        """Hold or recall all labels of a product. Raises `Denied` where a second person must agree to a recall."""
        self.need(Right.CHANGE_STATE)
        with self.desk.database.snapshot() as reader:
            digits = self.own_product(reader, gtin).gtin
        self._require_alone(kind)
        return recalling.open_on_product(self.desk, kind, Gtin.parse(digits), reason)

    def _require_alone(self, kind: str) -> None:
        if kind == "recall" and self.house.second_person:
            raise Denied("expected two people to agree to a recall: propose it in the console")

    # --- whose it is

    def _desk_for(self, number: int) -> Desk:
        self.need(Right.CHANGE_STATE)
        with self.desk.database.snapshot() as reader:
            self.own_batch(reader, number)
        return self.desk

    @contextmanager
    def _reading(self) -> Iterator[Reader]:
        self.need(Right.SEE)
        with self.desk.database.snapshot() as reader:
            yield reader

    def _batch(self, reader: Reader, number: int) -> Row:
        return _there(holdings.batch(reader, self.enterprise, number))

    def _enrol(
        self, desk: Desk, reader: Reader, gtin: Gtin, text: Mapping[str, str], picture: Picture | None
    ) -> Product:
        uscc = self.own(reader).uscc
        entry = ProductEntry(
            gtin,
            uscc,
            text["name_zh"],
            text["name_en"],
            text["brand"],
            text["specification"],
            text["standard"],
            picture,
        )
        enrolling.enrol_products(desk, [entry])
        return self.own_product(reader, gtin.digits)


def _there(found: _Found | None) -> _Found:
    if found is None:
        raise Absent("expected something of the own enterprise, found none")
    return found


def _same(earlier: Answered, digest: str) -> Answered:
    if earlier.digest != digest:
        raise KeyReused("expected an idempotency key that no other request has had within a day, got one that had")
    return earlier

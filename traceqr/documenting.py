"""Documenting: what the registry says of a product, a lot or a piece, as what its passport says (docs/passport.md).

All of it is public. What a passport says of the way of things is what the page of that way says (`telling`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from traceqr import attesting, linking
from traceqr.attesting import day
from traceqr.chain import recounting
from traceqr.chain.recounting import Names
from traceqr.chain.telling import MADE, Line, Named
from traceqr.digital_link.identified import Identified, InvalidDigitalLink
from traceqr.evidence import Evidence, Recall
from traceqr.label.format import Label
from traceqr.passport import events, product
from traceqr.passport.credential import PREFIX
from traceqr.passport.facts import (
    Attestation,
    Document,
    Goods,
    Happening,
    Issuer,
    Level,
    OpenRecall,
    Party,
    Term,
    Things,
    Way,
)
from traceqr.registry import batches, passports, products, recalls, rosters
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader, Row
from traceqr.registry.products import ProductText
from traceqr.tracing.event import EventKind
from traceqr.tracing.thing import InvalidThing, Thing, ThingKind

EVENTS = f"{PREFIX}/events"
"""In front of the paths of credentials of events."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a passport says."""

    goods: Goods
    attestations: tuple[Attestation, ...]
    recalls: tuple[OpenRecall, ...]
    way: Way | None

    def passport(self, issuer: Issuer, term: Term) -> Document:
        """The passport, without a proof."""
        return product.passport(issuer, self.goods, self.attestations, self.recalls, self.way, term)

    def events(self, issuer: Issuer, term: Term) -> Document | None:
        """The credential of its events; None where nothing is public of them."""
        return events.traceability(issuer, self.way, term) if self.way else None


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who reads one view of the registry at one instant."""

    reader: Reader
    now_ms: int
    zone: ZoneInfo

    def of(self, what: Identified) -> Contents | None:
        """Of a product, or a lot of it of which there are labels, where its enterprise has the right to the GTIN. None
        of anything else: one piece is known by its label alone.
        """
        if what.key != "01" or [name for name, _ in what.qualifiers] not in ([], ["10"]):
            return None
        holder = linking.holder(self.reader, what)
        firm = rosters.enterprise_of_id(self.reader, holder) if holder else None
        found = products.by_gtin(self.reader, what.value)
        if firm is None or found is None or found.enterprise_id != holder:
            return None
        lot = what.qualifier("10")
        return self._of_product(what, firm, found.text) if lot is None else self._of_lot(what, firm, found.text, lot)

    def of_label(self, label: Label, evidence: Evidence) -> Contents | None:
        """Of the piece that carries a label, as the evidence of its verdict has it."""
        firm = rosters.enterprise(self.reader, evidence.enterprise.uscc)
        if firm is None:
            return None
        what = Identified("01", evidence.product.gtin, (("21", str(label.serial)),))
        text = evidence.product
        goods = self._goods(
            Level.ITEM,
            what,
            firm,
            ProductText(text.name_zh, text.name_en, text.brand, text.specification, text.standard, text.picture),
            lot=evidence.batch.lot or "",
            serial=str(label.serial),
            produced_on=evidence.batch.produced_on or "",
        )
        told = [(one.recall, one.since_ms, "") for one in evidence.notices if one.recall is not None]
        thing = Thing.label(text.gtin, label.serial.batch, label.serial.index)
        return self._contents(goods, firm, told, self.way(thing, what, f"{goods.name}, {label.serial}"))

    def lots(self, gtin: str) -> list[Identified]:
        """The lots of a product that have passports: those that a Digital Link can name."""
        holder = linking.holder(self.reader, Identified("01", gtin))
        found = passports.lots(self.reader, gtin, holder) if holder else []
        return [what for lot in found if (what := _lot(gtin, lot)) is not None]

    def attestation(self, kind: str, number: int) -> Attestation | None:
        """A pledge, licence or recognition that stands, or has ceased to before its end."""
        return attesting.one(self.reader, kind, number, self.now_ms, self.zone)

    def way(self, thing: Thing, what: Identified, about: str) -> Way | None:
        """What is public of the way of a thing; None where nothing is."""
        story = recounting.recount(self.reader, thing)
        names = recounting.names_in(self.reader, story)
        told = [_happening(line, thing, names) for line in story.lines if line.gap is None and line.kind is not None]
        return Way(EVENTS + what.path, about, tuple(told), story.complete) if told else None

    def _of_product(self, what: Identified, firm: Row, text: ProductText) -> Contents:
        rows = passports.recalls_of_product(self.reader, what.value)
        told = [(recalls.told_of(row), row["opened_ms"], row["lot"] or "") for row in rows]
        return self._contents(self._goods(Level.MODEL, what, firm, text), firm, told, None)

    def _of_lot(self, what: Identified, firm: Row, text: ProductText, lot: str) -> Contents | None:
        numbers = [number for number, _ in batches.of_lots(self.reader, what.value, [lot])]
        found = [one for one in batches.by_numbers(self.reader, numbers).values() if one.enterprise_id == firm["id"]]
        if not found:
            return None
        goods = self._goods(Level.BATCH, what, firm, text, lot=lot, produced_on=_one_day(found))
        rows = passports.recalls_of_batches(self.reader, what.value, lot, [one.number for one in found])
        told = [(recalls.told_of(row), row["opened_ms"], "") for row in rows]
        return self._contents(goods, firm, told, self.way(Thing.lot(what.value, lot), what, f"{goods.name}, lot {lot}"))

    def _contents(self, goods: Goods, firm: Row, told: Sequence[tuple[Recall, int, str]], way: Way | None) -> Contents:
        return Contents(
            goods,
            tuple(attesting.everything(self.reader, firm, self.now_ms, self.zone, goods.gtin)),
            tuple(_recalled(*one, self.zone) for one in told),
            way,
        )

    def _goods(self, level: Level, what: Identified, firm: Row, text: ProductText, **more: str) -> Goods:
        return Goods(
            level,
            what.path,
            what.value,
            text.name_zh,
            text.name_en,
            text.brand,
            text.specification,
            text.standard,
            text.picture,
            Party(firm["name_zh"], firm["name_en"], firm["uscc"], f"/enterprises/{firm['uscc']}"),
            **more,
        )


def _lot(gtin: str, lot: str) -> Identified | None:
    try:
        return Identified("01", gtin, (("10", lot),))
    except InvalidDigitalLink:
        return None


def _one_day(found: Sequence[Batch]) -> str:
    """The day on which all of a lot was made; empty where there are several, or none was told."""
    days = {one.produced_on for one in found}
    return days.pop() or "" if len(days) == 1 else ""


def _recalled(recall: Recall, since_ms: int, lot: str, zone: ZoneInfo) -> OpenRecall:
    words = recall.in_language("en")
    told = " ".join(part for part in (f"Lot {lot}." if lot else "", words.hazard, words.advice, words.contact) if part)
    return OpenRecall(recall.id, f"/recalls/{recall.id}", day(since_ms, zone), told)


def _happening(line: Line, thing: Thing, names: Names) -> Happening:
    assert line.kind is not None  # gaps were left out
    things = tuple(_things(one, names) for one in line.things)
    target = _target(line, thing, names)
    parts: dict[str, tuple[Things, ...]] = {"children": things}
    if line.kind is EventKind.TRANSFORMATION:
        parts = {"inputs": things, "outputs": (target,)} if line.what == MADE else {"inputs": (target,)}
    return Happening(
        line.event_id, line.kind, line.action, line.at_ms, line.step, line.disposition, line.place, target, **parts
    )


def _target(line: Line, thing: Thing, names: Names) -> Things:
    """What it happened to: the thing, what it was in, or a material."""
    if line.through:
        return Things(_name(line.through[-1], names), line.through[-1])
    return _things(line.subject, names) if line.subject else Things(_name(thing, names), thing)


def _things(one: Named, names: Names) -> Things:
    thing = None
    if one.text:
        try:
            thing = Thing.parse(one.text)
        except InvalidThing:  # a row that was written by something else
            thing = None
    name = _name(thing, names) if thing else _product_name(one.gtin or "", names)
    return Things(name, thing, one.gtin or "", one.count, one.quantity, one.unit)


def _name(thing: Thing, names: Names) -> str:
    if thing.gtin:
        return _product_name(thing.gtin, names)
    return f"SSCC {thing.key}" if thing.kind is ThingKind.UNIT else thing.key


def _product_name(gtin: str, names: Names) -> str:
    text = names.products.get(gtin)
    return (text.name_en or text.name_zh) if text else f"GTIN {gtin}" if gtin else "Logistic units"

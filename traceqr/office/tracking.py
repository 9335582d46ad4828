"""Tracing a label, a lot or a unit: what it was made of, what was made of it, where that is, who handed it on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.chain import deriving, following, recounting, spreading, supplying, tracking
from traceqr.chain.deriving import First, Made
from traceqr.chain.following import History
from traceqr.chain.owning import Owners
from traceqr.chain.supplying import Centre, Hand, OneStep
from traceqr.chain.tracking import Holding, Spot, Telling, Tracked, View
from traceqr.chain.trusting import Trust
from traceqr.epcis import link
from traceqr.errors import TraceqrError
from traceqr.label.gtin import Gtin
from traceqr.office.house import Absent, Office
from traceqr.registry import enterprises, locations, partners, recalls, trace_moves
from traceqr.registry.database import Reader
from traceqr.registry.locations import Location
from traceqr.registry.notices import Notice
from traceqr.tracing.event import Audience, Item
from traceqr.tracing.run import Run, merged
from traceqr.tracing.thing import Thing, ThingKind, on_line

__all__ = (
    "MAX_SHOWN",
    "MAX_TEXT",
    "Hand",
    "Input",
    "Looked",
    "Named",
    "Recalled",
    "TraceFile",
    "TrackingOffice",
    "body_names",
    "product_names",
    "thing_of",
)

MAX_SHOWN = 200
"""Batches, places, materials and hands that a page shows; how many there are in all is told."""

MAX_TEXT = 500

_ELEMENTS = re.compile(r"\((01|00)\)([0-9]+)(?:\((10|21)\)(.+))?")
_UNIT = re.compile("[0-9]{18}")
_GTIN_AND_LOT = re.compile(r"([0-9]{8}|[0-9]{12,14})\s+(\S.*)")


@dataclass(frozen=True, slots=True)
class Named:
    """The Chinese and the English name of a product or an enterprise; empty where nobody has told one."""

    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """Something that things were made of, so many transformations ago."""

    thing: Thing
    quantity: str
    unit: str
    at_ms: int
    depth: int


@dataclass(frozen=True, slots=True)
class Recalled:
    """An open recall that lies over a thing, over what is in it, or over what it was made of."""

    id: str
    gtin: str
    lot: str
    product: Named
    opened_ms: int
    by: Named


@dataclass(frozen=True, slots=True)
class TraceFile:
    """All that is told of one thing. `products` are names by GTIN, `bodies` by ids of enterprises, `places` by their
    keys. `labels` are those that contain it, `elsewhere` those of them that are enterprises' whom one has no part in.
    `steps` are those of `centre`: of whoever asks, where that is an enterprise, else of the owner.
    """

    thing: Thing
    owner: str | None
    labels: int
    elsewhere: int
    holdings: Sequence[Holding]
    spots: Sequence[Spot]
    inputs: Sequence[Input]
    hands: Sequence[Hand]
    centre: str | None
    steps: OneStep
    recalls: Sequence[Recalled]
    products: Mapping[str, Named]
    bodies: Mapping[str, Named]
    places: Mapping[str, Location]
    complete: bool

    @property
    def up(self) -> list[str]:
        """Who supplied it, or what it was made of, as far as events tell: one step back."""
        return list(dict.fromkeys(body for hand in self.steps.up for body in hand.sources if body != self.centre))

    @property
    def down(self) -> list[str]:
        """Whom it was supplied to: one step on."""
        found = (body for hand in self.steps.down for body in hand.destinations if body != self.centre)
        return list(dict.fromkeys(found))

    @property
    def lot(self) -> tuple[str, str] | None:
        """GTIN and lot of it, by which it could be recalled."""
        return (self.thing.gtin or "", self.thing.qualifier) if self.thing.kind is ThingKind.LOT else None


@dataclass(frozen=True, slots=True)
class Looked:
    """What is told of a thing, and what that was made from."""

    file: TraceFile
    history: History
    made: Sequence[Made]
    tracked: Tracked
    telling: Telling


def thing_of(text: str) -> Thing:
    """What somebody typed or scanned: a label, a Digital Link, the elements of a bar code, an SSCC, or a GTIN and a
    lot. Raises `ActRefused`.
    """
    plain = text.strip()
    try:
        if not 1 <= len(plain) <= MAX_TEXT:
            raise ActRefused("expected a label, a lot or an SSCC, got nothing or too much", "q")
        return _read(plain)
    except TraceqrError as error:
        raise ActRefused(f"expected a label, a GTIN with a lot, or an SSCC, got {plain[:80]!r}", "q") from error


def _read(plain: str) -> Thing:
    if (found := _ELEMENTS.fullmatch(plain)) is not None:
        key, digits, more, rest = found.groups()
        return Thing.parse(f"{more or key}/{digits}/{rest}" if more else f"{key}/{digits}")
    if _UNIT.fullmatch(plain):
        return Thing.unit(plain)
    if (found := _GTIN_AND_LOT.fullmatch(plain)) is not None:
        return Thing.lot(Gtin.from_trade(found[1]).digits, found[2])
    if (named := link.read(re.split("[?#]", plain)[0])) is not None:
        return named[0]
    return Thing.parse(plain)


@dataclass(frozen=True, slots=True)
class TrackingOffice(Office):
    """Tracing for an enterprise, of what it owns or has handled; and for a body, of what enterprises of its region own
    or have handled.
    """

    def trace(self, text: str) -> TraceFile:
        """What is told of a thing. Raises `ActRefused` for what is none, and `Absent` for what one may not see."""
        with self.house.database.snapshot() as reader:
            return self._looked(reader, text).file

    def _looked(self, reader: Reader, text: str) -> Looked:
        """What is found out of a thing that somebody typed, and what is told of that."""
        self.need(Right.SEE if self.identity.enterprise is not None else Right.SEE_REGION)
        thing = thing_of(text)
        owner = self._require_mine(reader, thing)
        telling, partakes = self.telling(reader)
        trust = Trust(reader, everybody=self.identity.enterprise is None)
        found = tracking.track(reader, [Run.of(thing)], self._view(reader, thing, owner, telling))
        history = following.history(reader, thing, trust)
        hands, whole = supplying.hands(reader, history, telling)
        made, known = _made(reader, thing, trust)
        inputs = _inputs(made, telling)
        centre = self.identity.enterprise or owner
        begins = centre == (owner or _first_stater(history))
        direct = [each.thing for each in inputs if each.depth == 1] if begins else []
        steps = supplying.one_step(reader, hands, direct, Centre(centre, begins), telling)
        mine = [holding for holding in found.holdings if partakes(holding.enterprise_id)]
        handed = [*hands, *steps.up, *steps.down]
        gtins = {holding.gtin for holding in mine} | {each.thing.gtin for each in inputs} | {thing.gtin}
        bodies = {holding.enterprise_id for holding in mine} | {owner, centre}
        bodies |= {body for hand in handed for body in (hand.stated_by, *hand.sources, *hand.destinations)}
        keys = {key for spot in found.spots for key in (spot.place, spot.to)}
        keys |= {key for hand in handed for key in (hand.place, hand.to)}
        file = TraceFile(
            thing=thing,
            owner=owner,
            labels=found.labels,
            elsewhere=found.labels - sum(holding.labels for holding in mine),
            holdings=mine,
            spots=found.spots,
            inputs=inputs,
            hands=hands,
            centre=centre,
            steps=steps,
            recalls=[_recalled(reader, notice) for notice in spreading.over(reader, [Run.of(thing)])],
            products=product_names(reader, gtins, bodies),
            bodies=body_names(reader, bodies),
            places=locations.by_keys(reader, keys - {""}),
            complete=found.complete and whole and known and steps.complete,
        )
        return Looked(file, history, made, found, telling)

    def _require_mine(self, reader: Reader, thing: Thing) -> str | None:
        """The owner of a thing that one may see: whoever owns or has handled it is one's own, or of one's region."""
        run = Run.of(thing)
        owner = Owners(reader, self.identity.enterprise or "").of(run)
        handlers = {owner} | trace_moves.stating(reader, run)
        if not any(self._is_mine(reader, body) for body in handlers if body):
            raise Absent("expected a thing that is one's own or that one has handled, got none")
        return owner

    def _is_mine(self, reader: Reader, body: str) -> bool:
        if self.identity.enterprise is not None:
            return body == self.identity.enterprise
        found = enterprises.by_id(reader, body)
        return found is not None and self.identity.sees_region(found.region)

    def _view(self, reader: Reader, thing: Thing, owner: str | None, telling: Telling) -> View:
        """What an enterprise is shown of where a thing went: of its own all; of what it has handled, what it and those
        who named it have made of that. Who merely says that he used a thing is not told what is in it.
        """
        own = self.identity.enterprise
        if own is None:
            return View(telling, everybody=True)
        if owner == own:
            return View(telling)
        is_handled = own in trace_moves.stating(reader, Run.of(thing), handled=True)
        return View(telling, First({own, *partners.naming(reader, own)}), is_own=is_handled)

    def telling(self, reader: Reader) -> tuple[Telling, Callable[[str], bool]]:
        """Of which events one is told, and whose labels one is told of. A body is told all of them."""
        own = self.identity.enterprise
        if own is None:
            return tracking.everything, lambda _enterprise: True
        friends = {own, *partners.naming(reader, own)}
        both = friends | {row["partner_id"] for row in partners.of_enterprise(reader, own)}

        def telling(enterprise_id: str, audience: Audience) -> bool:
            if enterprise_id == own or audience is Audience.PUBLIC:
                return True
            return audience is Audience.PARTNERS and enterprise_id in friends

        return telling, lambda enterprise_id: enterprise_id in both


def _made(reader: Reader, thing: Thing, trust: Trust) -> tuple[list[Made], bool]:
    """What a thing was made of, with the labels of a lot, and with what is in a unit; and whether that is all."""
    mine = [Run.of(thing)]
    return deriving.origins(
        reader, merged([*mine, *deriving.labels_of_lots(reader, mine), *deriving.inside(reader, mine)]), trust
    )


def _first_stater(history: History) -> str | None:
    """Who was the first to do anything with a thing that is nobody's."""
    return next((each.event.enterprise_id for each in history.events if each.event.counts), None)


def _inputs(made: Sequence[Made], telling: Telling) -> list[Input]:
    return [
        Input(on_line(item.run.line, item.run.first), item.quantity or "", item.unit, each.event.at_ms, each.depth)
        for each in made
        if telling(each.event.enterprise_id, each.event.audience)
        for item in (*each.inputs, *_known_inside(each, telling))
    ]


def _known_inside(made: Made, telling: Telling) -> list[Item]:
    """What was in the inputs, by the events that one is told of."""
    known = [item.run for item in made.inputs]
    found = []
    for one in made.packed:
        if telling(one.event.enterprise_id, one.event.audience) and any(one.carrier.cut(run) for run in known):
            known.append(one.item.run)
            found.append(one.item)
    return found


def _recalled(reader: Reader, notice: Notice) -> Recalled:
    row = recalls.by_id(reader, notice.id)
    if row is None:
        return Recalled(notice.id, notice.gtin, notice.lot or "", Named(notice.material or ""), 0, Named())
    ordered = row["ordered_zh"] is not None
    by = Named(row["ordered_zh"], row["ordered_en"]) if ordered else Named(row["enterprise_zh"], row["enterprise_en"])
    product = Named(row["product_zh"] or "", row["product_en"] or "")
    return Recalled(notice.id, notice.gtin, row["lot"] or "", product, row["opened_ms"], by)


def product_names(reader: Reader, gtins: Iterable[str | None], bodies: Iterable[str | None] = ()) -> dict[str, Named]:
    """What products are called, and materials by some enterprises, of the first ones."""
    asked, naming = sorted({gtin for gtin in gtins if gtin})[:MAX_SHOWN], {body for body in bodies if body}
    found = {gtin: recounting.product_name(reader, gtin, naming) for gtin in asked}
    return {gtin: Named(text.name_zh, text.name_en) for gtin, text in found.items() if text}


def body_names(reader: Reader, ids: Iterable[str | None]) -> dict[str, Named]:
    """What enterprises are called."""
    found = enterprises.names(reader, {body for body in ids if body})
    return {body: Named(row["name_zh"], row["name_en"]) for body, row in found.items()}

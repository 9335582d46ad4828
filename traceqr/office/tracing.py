"""What an enterprise arranges for its events, and what was captured: its own, and what others state of its things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from traceqr.access import Right
from traceqr.acting import ActRefused, EntriesRefused
from traceqr.chain import arranging, recounting, seeking
from traceqr.chain.arranging import RECOMMENDED
from traceqr.chain.recounting import Names
from traceqr.chain.telling import Named, named
from traceqr.epcis.writing import event_value
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.house import Absent
from traceqr.registry import enterprises, locations, materials, partners, trace_events, trace_items, trace_search
from traceqr.registry.database import Reader, Row
from traceqr.registry.locations import KINDS, Location
from traceqr.registry.materials import MaterialName
from traceqr.registry.trace_events import Told
from traceqr.registry.trace_search import Span
from traceqr.tracing.event import Audience, Item, Part
from traceqr.tracing.place import is_place
from traceqr.tracing.thing import on_line

__all__ = ("KINDS", "RECOMMENDED", "Audience", "Location", "TraceOffice")

MAX_ITEMS = 500
"""Runs of one event that its page shows."""

MAX_WRITTEN = 2_000
"""Things of an event whose document its page shows."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An event in a list, with what it names."""

    told: Told
    things: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Events with the names of all that they name."""

    events: Sequence[Listed]
    names: Names


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of things in an event by its first and its last, or a class with its quantity."""

    first: str
    last: str
    count: int
    quantity: str | None
    unit: str


@dataclass(frozen=True, slots=True)
class Whole:
    """One event: its things by their part, how many runs more there are, and its document, unless that is long."""

    told: Told
    parts: Mapping[Part, Sequence[Piece]]
    more: int
    document: Mapping[str, object] | None
    names: Names


@dataclass(frozen=True, slots=True)
class TraceOffice(EnterpriseOffice):
    """The traceability of the identity's own enterprise."""

    # --- places

    def places(self) -> Sequence[Location]:
        """The own ones, the one that was changed last first."""
        self.need(Right.SEE_EVENTS)
        with self.house.database.snapshot() as reader:
            return locations.of_enterprise(reader, self.enterprise)

    def place(self, key: str) -> Location:
        """One of them. Raises `Absent`."""
        self.need(Right.SEE_EVENTS)
        with self.house.database.snapshot() as reader:
            found = locations.by_keys(reader, [key]).get(key) if is_place(key) else None
        if found is None or found.enterprise_id != self.enterprise:
            raise Absent("expected the key of an own place, found none")
        return found

    def set_place(self, key: str, said: Mapping[str, str]) -> Location:
        """Say what a place is; one without a key gets one under the deployment's address. Raises `ActRefused`."""
        self.need(Right.STATE_EVENTS)
        entry = Location(key=key or self._new_key(), enterprise_id=self.enterprise, **said)
        try:
            arranging.set_locations(self.desk, [entry])
        except EntriesRefused as error:
            raise error.refusals[0][1] from error
        return entry

    def _new_key(self) -> str:
        return f"uri/{str(self.house.origin).lower()}/places/{self.house.new_id()}"

    # --- materials

    def materials(self) -> Sequence[MaterialName]:
        """The materials that the enterprise has named."""
        self.need(Right.SEE_EVENTS)
        with self.house.database.snapshot() as reader:
            return materials.of_enterprise(reader, self.enterprise)

    def name_material(self, gtin: str, name_zh: str, name_en: str) -> None:
        """Say what a material is called, by its GTIN of 8, 12, 13 or 14 digits. Raises `ActRefused`."""
        self.need(Right.STATE_EVENTS)
        arranging.name_material(self.desk, MaterialName(gtin.zfill(14), self.enterprise, name_zh, name_en))

    # --- partners and audiences

    def partners(self) -> Sequence[Row]:
        """The enterprises that this one has named."""
        self.need(Right.SEE_EVENTS)
        with self.house.database.snapshot() as reader:
            return partners.of_enterprise(reader, self.enterprise)

    def naming(self) -> Sequence[tuple[Row, bool]]:
        """Those that have named this one, and whether it makes things for them."""
        self.need(Right.SEE_EVENTS)
        with self.house.database.snapshot() as reader:
            found = partners.naming(reader, self.enterprise)
            names = enterprises.names(reader, found)
        return sorted(((row, found[key]) for key, row in names.items()), key=lambda pair: pair[0]["uscc"])

    def name_partner(self, uscc: str, *, makes: bool) -> None:
        """Let another enterprise state events of the own things. Raises `ActRefused`."""
        self.need(Right.ARRANGE_EVENTS)
        arranging.name_partner(self.desk, self.enterprise, self._body(uscc), makes=makes)

    def drop_partner(self, uscc: str) -> None:
        """Let it no longer. Raises `ActRefused`."""
        self.need(Right.ARRANGE_EVENTS)
        arranging.drop_partner(self.desk, self.enterprise, self._body(uscc))

    def _body(self, uscc: str) -> str:
        with self.house.database.snapshot() as reader:
            found = enterprises.by_uscc(reader, uscc.strip().upper())
        if found is None:
            raise ActRefused("expected the code of an enrolled enterprise, found none", "uscc")
        return found.id

    def audiences(self) -> dict[str, Audience]:
        """Who is told of which step, where the enterprise has set it."""
        self.need(Right.SEE_EVENTS)
        with self.house.database.snapshot() as reader:
            return partners.audiences(reader, self.enterprise)

    def set_audience(self, step: str, audience: str) -> None:
        """Set who is told of a step from now on. Raises `ActRefused`."""
        self.need(Right.ARRANGE_EVENTS)
        arranging.set_audience(self.desk, self.enterprise, step, Audience(audience))

    def recommend(self) -> None:
        """Set what is recommended, for all steps at once."""
        self.need(Right.ARRANGE_EVENTS)
        arranging.set_audiences(self.desk, self.enterprise, RECOMMENDED)

    # --- events

    def stated(self, before: int | None, most: int) -> Shown:
        """What the enterprise has stated, what was captured last first, from below a number on."""
        self.need(Right.SEE_EVENTS)
        with self.house.database.snapshot() as reader:
            return _shown(reader, trace_search.of_enterprise(reader, self.enterprise, _before(reader, before), most))

    def of_others(self, most: int) -> Shown:
        """What others state of the own things, as far as the enterprise is told of it."""
        self.need(Right.SEE_EVENTS)
        with self.house.database.snapshot() as reader:
            known = {row["partner_id"] for row in partners.of_enterprise(reader, self.enterprise)}
            known |= set(partners.naming(reader, self.enterprise))
            found = trace_search.concerning(reader, self.enterprise, _before(reader, None), most)
            return _shown(reader, [told for told in found if _is_told(told, known)])

    def event(self, number: int) -> Whole:
        """One event that the enterprise may be told of. Raises `Absent`."""
        self.need(Right.SEE_EVENTS)
        with self.house.database.snapshot() as reader:
            told = trace_events.by_numbers(reader, [number]).get(number)
            telling = seeking.by_id(reader, self.enterprise, told.event_id, number) if told else None
            if told is None or telling is None:
                raise Absent("expected the number of an event that the enterprise may be told of, found none")
            items = trace_items.of_events(reader, [number]).get(number, [])
            names = _names(reader, [told], named(items[:MAX_ITEMS]))
        parts: dict[Part, list[Piece]] = {}
        for item in items[:MAX_ITEMS]:
            parts.setdefault(item.part, []).append(_piece(item))
        document = event_value(telling) if sum(len(item.run) for item in items) <= MAX_WRITTEN else None
        return Whole(told, parts, max(0, len(items) - MAX_ITEMS), document, names)


def _piece(item: Item) -> Piece:
    run = item.run
    first, last = (on_line(run.line, number).text for number in (run.first, run.last))
    return Piece(first, last, len(run), item.quantity, item.unit)


def _is_told(told: Told, known: set[str]) -> bool:
    return told.audience is Audience.PUBLIC or (told.audience is Audience.PARTNERS and told.enterprise_id in known)


def _before(reader: Reader, number: int | None) -> Span:
    told = trace_events.by_numbers(reader, [number]).get(number) if number else None
    after = (told.recorded_ms, 1, told.number) if told else None
    return Span(recorded=True, descending=True, after=after)


def _shown(reader: Reader, found: Sequence[Told]) -> Shown:
    items = trace_items.of_events(reader, [told.number for told in found])
    listed = [Listed(told, _sorts(items.get(told.number, ()))) for told in found]
    return Shown(listed, _names(reader, found, [one for each in listed for one in each.things]))


def _sorts(items: Sequence[Item]) -> tuple[Named, ...]:
    """What an event names; what things were put into stands apart from cases among them."""
    parents = [item for item in items if item.part is Part.PARENT]
    return named(parents) + named(item for item in items if item.part is not Part.PARENT)


def _names(reader: Reader, found: Sequence[Told], things: Sequence[Named]) -> Names:
    places = {key for told in found for key in (told.location, told.read_point) if key}
    gtins = {one.gtin for one in things if one.gtin}
    return recounting.names_of(reader, places, {told.enterprise_id for told in found}, gtins)

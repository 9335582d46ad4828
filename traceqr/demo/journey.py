"""The way of three products, stated as their makers would: tea from the leaves to two shops, a quilt from its silk, and
pillows whose foam was recalled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from traceqr import recalling
from traceqr.acting import Desk
from traceqr.chain import allocating, arranging, capturing, drafting
from traceqr.chain.arranging import RECOMMENDED
from traceqr.chain.drafting import Deed, Draft
from traceqr.demo import catalogue
from traceqr.epcis import link
from traceqr.epcis.context import STANDARD
from traceqr.epcis.reading import read_event
from traceqr.instant import to_iso
from traceqr.label.gtin import Gtin
from traceqr.recalling import Material
from traceqr.registry import enterprises
from traceqr.registry.batches import Batch
from traceqr.registry.locations import Location
from traceqr.registry.materials import MaterialName
from traceqr.tracing.event import Event
from traceqr.tracing.thing import Thing

Goto = Callable[[date, int], None]
"""Sets the clock to an hour of a day."""

IN_CASE = 24
CASES = 100
PALLETS = 2
CASE, PALLET = "1", "3"
"""The first digits of the numbers of cases and of pallets."""


@dataclass(frozen=True, slots=True)
class Journey:
    """States events at the desk of the operator, in the name of whoever does what they tell."""

    desk: Desk
    go_to: Goto

    def prepare(self) -> None:
        """Who is told of what, and what places and materials are called."""
        for uscc, places in catalogue.PLACES.items():
            owner = self._enterprise(uscc)
            arranging.set_audiences(self.desk, owner, RECOMMENDED)
            arranging.set_locations(self.desk, [Location(f"414/{place.gln}", owner, *place.told) for place in places])
        for uscc, (gtin, _), name_zh, name_en in catalogue.MATERIAL_NAMES:
            arranging.name_material(self.desk, MaterialName(gtin.digits, self._enterprise(uscc), name_zh, name_en))

    def gather(self, day: date) -> None:
        """The leaves come to the factory, and are tested."""
        leaves = (_lot(catalogue.LEAVES), "46800", "KGM")
        self.go_to(day, 8)
        self._state(catalogue.TEA, self._draft(Deed.RECEIVE, catalogue.GARDEN, things=[leaves]))
        self.go_to(day, 15)
        self._state(catalogue.TEA, self._tested(_lot(catalogue.LEAVES), catalogue.LABORATORY))

    def make(self, tea: Batch, quilt: Batch, pillow: Batch) -> None:
        """Of materials come products."""
        for batch, maker, (material, kilograms), where in (
            (tea, catalogue.TEA, (catalogue.LEAVES, "46800"), catalogue.FACTORY),
            (quilt, catalogue.TEXTILE, (catalogue.SILK, "3000"), catalogue.MILL),
            (pillow, catalogue.TEXTILE, (catalogue.FOAM, "840.5"), catalogue.MILL),
        ):
            labels = [(Thing.label(batch.gtin, batch.number, index), "", "") for index in range(_made(batch))]
            inputs = [(_lot(material), kilograms, "KGM")]
            self._state(maker, self._draft(Deed.MAKE, where, things=labels, inputs=inputs))

    def deliver(self, tea: Batch, day: date) -> None:
        """Packed in cases and on pallets, sent to two shops, and there the next morning."""
        owner, (prefix,) = self._enterprise(catalogue.TEA), (catalogue.PREFIXES[catalogue.TEA],)
        cases = self._units(owner, prefix, CASE, CASES)
        pallets = self._units(owner, prefix, PALLET, PALLETS)
        shops = (catalogue.SHOP_EAST, catalogue.SHOP_SOUTH)
        self.go_to(day, 10)
        self._state(catalogue.TEA, *self._packed(tea, cases))
        share = CASES // PALLETS
        for place, pallet in enumerate(pallets):
            inside = [(case, "", "") for case in cases[place * share : (place + 1) * share]]
            self._state(catalogue.TEA, self._draft(Deed.PALLETISE, catalogue.FACTORY, things=inside, parent=pallet))
        self.go_to(day, 16)
        for pallet, shop in zip(pallets, shops, strict=True):
            sent = self._draft(Deed.SHIP, catalogue.FACTORY, things=[(pallet, "", "")], there=_key(shop))
            self._state(catalogue.TEA, sent)
        self.go_to(day + timedelta(days=1), 8)
        for pallet, shop in zip(pallets, shops, strict=True):
            self._state(catalogue.TEA, self._draft(Deed.RECEIVE, shop, things=[(pallet, "", "")]))

    def recall_foam(self) -> None:
        """The maker of the pillows calls back what was made of one lot of foam."""
        gtin, lot = catalogue.FOAM
        material = Material(gtin, lot, catalogue.FOAM_NAME, self._enterprise(catalogue.TEXTILE))
        recalling.recall(self.desk, material, catalogue.FOAM_RECALL)

    def _enterprise(self, uscc: str) -> str:
        with self.desk.database.snapshot() as reader:
            found = enterprises.by_uscc(reader, uscc)
        assert found is not None  # enrolled first of all
        return found.id

    def _state(self, uscc: str, *events: Event) -> None:
        capturing.capture(self.desk, self._enterprise(uscc), events)

    def _draft(self, deed: Deed, here: str, **more: Any) -> Event:
        return drafting.event(Draft(deed, self.desk.clock(), self.desk.timezone, here=_key(here), **more))

    def _tested(self, thing: Thing, here: str) -> Event:
        """No form states tests: a laboratory's system does, in the words of the standard."""
        found, problems = read_event(
            {
                "type": "ObjectEvent",
                "eventTime": to_iso(self.desk.clock()),
                "eventTimeZoneOffset": "+08:00",
                "action": "OBSERVE",
                "bizStep": "inspecting",
                "disposition": "conformant",
                "quantityList": [{"epcClass": link.write(thing)}],
                "readPoint": {"id": link.write_place(_key(here))},
            },
            "",
            STANDARD,
            None,
        )
        assert found is not None, problems  # the words are ours
        return found

    def _packed(self, batch: Batch, cases: list[Thing]) -> Iterator[Event]:
        for place, case in enumerate(cases):
            first = place * IN_CASE
            labels = [(Thing.label(batch.gtin, batch.number, first + at), "", "") for at in range(IN_CASE)]
            yield self._draft(Deed.PACK, catalogue.FACTORY, things=labels, parent=case)

    def _units(self, owner: str, prefix: str, digit: str, count: int) -> list[Thing]:
        given = allocating.allocate(self.desk, owner, prefix, digit, count)
        return [Thing.unit(sscc) for sscc in allocating.ssccs(given.stems())]


def _made(batch: Batch) -> int:
    """How many labels of a batch the maker tells of at once."""
    return min(batch.label_count, drafting.MAX_THINGS // 2)


def _lot(material: tuple[Gtin, str]) -> Thing:
    gtin, lot = material
    return Thing.lot(gtin.digits, lot)


def _key(gln: str) -> str:
    return f"414/{gln}"

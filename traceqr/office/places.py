"""Where a product's labels are scanned: by place and by week, and where scans were of labels that were suspect."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from traceqr import gazetteer
from traceqr.access import Right
from traceqr.instant import day_number, numbered_day
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.figures import STILL_OPEN
from traceqr.office.house import Absent, House
from traceqr.office.review import ReviewOffice
from traceqr.registry import enterprises, products, scan_places
from traceqr.registry.database import Reader
from traceqr.registry.products import Product
from traceqr.registry.tallies import WEEK, week_of

PERIODS = (4, 13, 52)
"""Weeks that may be looked at, the present one among them."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Scans, and how many of them were of labels that were suspect then."""

    scans: int = 0
    suspect: int = 0

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.scans + other.scans, self.suspect + other.suspect)


NONE = Counted()


@dataclass(frozen=True, slots=True)
class Sums:
    """What was counted at each place, and in each week by the number of its Monday. The empty place is where nothing is
    known.
    """

    by_place: Mapping[str, Counted]
    by_week: Mapping[int, Counted]

    def __add__(self, later: Sums) -> Sums:
        return Sums(_both(self.by_place, later.by_place), _both(self.by_week, later.by_week))


Key = TypeVar("Key", bound=Hashable)


def _both(one: Mapping[Key, Counted], other: Mapping[Key, Counted]) -> Mapping[Key, Counted]:
    return {key: one.get(key, NONE) + other.get(key, NONE) for key in (*one, *other)}


@dataclass(frozen=True, slots=True)
class Week:
    """A week by its Monday, in ISO. The present one is not over."""

    iso: str
    counted: Counted


@dataclass(frozen=True, slots=True)
class Places:
    """Where a product's labels were scanned in some weeks. `provinces` are those of China, `abroad` are countries, both
    by code; `places` are cities and countries alike, without what is not known. `total` is all of it.
    """

    product: Product
    weeks: Sequence[Week]
    places: dict[str, Counted]
    provinces: dict[str, Counted]
    abroad: dict[str, Counted]
    unknown: Counted
    total: Counted


@dataclass(frozen=True, slots=True)
class Cell:
    """What was counted at a place in a week, by its Monday in ISO."""

    week: str
    place: str
    counted: Counted


@dataclass(frozen=True, slots=True)
class PlacesOffice(EnterpriseOffice):
    """The places of the identity's own enterprise's products."""

    def places(self, gtin: str, weeks: int) -> Places:
        """Of the last so many weeks, the present one among them. Raises `Absent`."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            return _places(self.house, reader, self.own_product(reader, gtin), weeks)

    def cells(self, gtin: str, weeks: int) -> list[Cell]:
        """All there is of them, by week and place. Raises `Absent`."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            return _cells(self.house, reader, self.own_product(reader, gtin), weeks)


@dataclass(frozen=True, slots=True)
class PlacesReviewOffice(ReviewOffice):
    """The places of products of enterprises in the region of the officer's association."""

    def places(self, gtin: str, weeks: int) -> Places:
        """The same. Raises `Absent`."""
        self.need(Right.SEE_REGION)
        with self.house.database.snapshot() as reader:
            return _places(self.house, reader, self._product(reader, gtin), weeks)

    def cells(self, gtin: str, weeks: int) -> list[Cell]:
        """All there is of them. Raises `Absent`."""
        self.need(Right.SEE_REGION)
        with self.house.database.snapshot() as reader:
            return _cells(self.house, reader, self._product(reader, gtin), weeks)

    def _product(self, reader: Reader, gtin: str) -> Product:
        try:
            found = products.by_gtin(reader, Gtin.parse(gtin).digits)
        except InvalidGtin as error:
            raise Absent("expected the GTIN of a product, got another text") from error
        enterprise = enterprises.by_id(reader, found.enterprise_id) if found else None
        if found is None or enterprise is None or not self.identity.sees_region(enterprise.region):
            raise Absent("expected a product of an enterprise of the own region, got another")
        return found


def _places(house: House, reader: Reader, product: Product, weeks: int) -> Places:
    first, present = _weeks(house, weeks)
    sums = _sums(house, reader, product.gtin, first, present)
    places = dict(sorted(sums.by_place.items(), key=lambda one: (-one[1].scans, one[0])))
    unknown = places.pop(gazetteer.NOWHERE, NONE)
    return Places(
        product,
        [
            Week(numbered_day(week).isoformat(), sums.by_week.get(week, NONE))
            for week in range(first, present + 1, WEEK)
        ],
        places,
        _provinces(places),
        {place: counted for place, counted in places.items() if not place.isdecimal()},
        unknown,
        sum(places.values(), unknown),
    )


def _weeks(house: House, weeks: int) -> tuple[int, int]:
    """The first of the last so many weeks, and the present one."""
    present = week_of(day_number(house.clock(), house.timezone))
    return present - WEEK * (weeks - 1), present


def _sums(house: House, reader: Reader, gtin: str, first: int, present: int) -> Sums:
    """Weeks that are over, and to which no scan comes any more, are added up once by each process."""
    still_open = week_of(day_number(house.clock(), house.timezone) - STILL_OPEN)
    over = house.remembered.of(
        ("places", gtin, first, still_open), lambda: _read(reader, gtin, first, still_open - WEEK)
    )
    return over + _read(reader, gtin, max(first, still_open), present)


def _read(reader: Reader, gtin: str, first: int, last: int) -> Sums:
    by_place: dict[str, Counted] = {}
    by_week: dict[int, Counted] = {}
    for row in scan_places.sums(reader, gtin, first, last):
        counted = _counted(row["scans"], row["suspect"])
        if counted.scans > 0 and row["week"]:
            by_week[row["week"]] = counted
        elif counted.scans > 0:
            by_place[row["place"]] = counted
    return Sums(by_place, by_week)


def _counted(scans: int, suspect: int) -> Counted:
    """A scan whose place was told later is taken from those that were not suspect, wherever it was counted."""
    return Counted(scans, min(suspect, scans))


def _cells(house: House, reader: Reader, product: Product, weeks: int) -> list[Cell]:
    first, present = _weeks(house, weeks)
    return [
        Cell(numbered_day(row["week"]).isoformat(), row["place"], _counted(row["scans"], row["suspect"]))
        for row in scan_places.by_week_and_place(reader, product.gtin, first, present)
        if row["scans"] > 0
    ]


def _provinces(places: Mapping[str, Counted]) -> dict[str, Counted]:
    found: dict[str, Counted] = {}
    for place, counted in places.items():
        if place.isdecimal():
            code = gazetteer.province(place)
            found[code] = found.get(code, NONE) + counted
    return found

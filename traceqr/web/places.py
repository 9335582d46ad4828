"""Regions and sectors by their names, for pages that have their codes."""

from __future__ import annotations

from functools import cache

from babel import Locale

from traceqr import gazetteer
from traceqr import sector as sectors
from traceqr.rostering import region_name
from traceqr.web.language import Language

__all__ = ["SectorNames", "cities", "place_name", "region_name", "sector_names"]


class SectorNames(dict[str, str]):
    """The names of sectors in one language. What is no sector of the lists is called as the last of them."""

    def __missing__(self, code: str) -> str:
        return self[sectors.known(code)]


@cache
def sector_names(spoken: Language) -> SectorNames:
    """All sectors by their codes."""
    spelled = {Language.EN: "en", Language.ZH_HANT: "zh_hant"}.get(spoken, "zh_hans")
    return SectorNames({code: str(getattr(words, spelled)) for code, words in sectors.SECTORS.items()})


PROVINCES = {
    "110000": "Beijing",
    "120000": "Tianjin",
    "130000": "Hebei",
    "140000": "Shanxi",
    "150000": "Inner Mongolia",
    "210000": "Liaoning",
    "220000": "Jilin",
    "230000": "Heilongjiang",
    "310000": "Shanghai",
    "320000": "Jiangsu",
    "330000": "Zhejiang",
    "340000": "Anhui",
    "350000": "Fujian",
    "360000": "Jiangxi",
    "370000": "Shandong",
    "410000": "Henan",
    "420000": "Hubei",
    "430000": "Hunan",
    "440000": "Guangdong",
    "450000": "Guangxi",
    "460000": "Hainan",
    "500000": "Chongqing",
    "510000": "Sichuan",
    "520000": "Guizhou",
    "530000": "Yunnan",
    "540000": "Tibet",
    "610000": "Shaanxi",
    "620000": "Gansu",
    "630000": "Qinghai",
    "640000": "Ningxia",
    "650000": "Xinjiang",
    "710000": "Taiwan",
    "810000": "Hong Kong",
    "820000": "Macao",
}
"""The provinces of China in English, by their codes of GB/T 2260."""

_CHINESE = {"810000": "香港特别行政区", "820000": "澳门特别行政区"}
"""What the tables of GB/T 2260 that we have spell twice."""


@cache
def place_name(place: str, spoken: Language) -> str:
    """A place of the gazetteer for people; its code where it has no name."""
    if not place.isdecimal():
        return str(Locale.parse(str(spoken).replace("-", "_")).territories.get(place, place))
    if spoken is not Language.EN:
        return _CHINESE.get(place) or region_name(place)
    if place in PROVINCES:
        return PROVINCES[place]
    spot, within = gazetteer.spot(place), PROVINCES.get(gazetteer.province(place), "")
    return f"{spot.name_en}, {within}" if spot else region_name(place)


@cache
def cities(spoken: Language) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """All cities of the gazetteer with their names, by province: for a list to choose from."""
    found: dict[str, list[tuple[str, str]]] = {}
    for spot in sorted(gazetteer.cities(), key=lambda each: each.place):
        within = gazetteer.province(spot.place)
        name = place_name(spot.place, spoken)
        inside = name.removesuffix(f", {PROVINCES[within]}").removeprefix(region_name(within)) or name
        found.setdefault(within, []).append((spot.place, inside))
    found |= {code: [(code, place_name(code, spoken))] for code in ("710000", "810000", "820000")}
    return tuple((place_name(province, spoken), tuple(places)) for province, places in found.items())

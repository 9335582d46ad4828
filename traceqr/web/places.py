"""Regions, places and sectors by their names, for pages that have their codes."""

from __future__ import annotations

from functools import cache

from babel import Locale

from traceqr import gazetteer
from traceqr import sector as sectors
from traceqr.rostering import region_name
from traceqr.web.language import Language

__all__ = ["SectorNames", "place_name", "region_name", "sector_names"]


class SectorNames(dict[str, str]):
    """The names of sectors in one language. What is no sector of the lists is called as the last of them."""

    def __missing__(self, code: str) -> str:
        return self[sectors.known(code)]


@cache
def place_name(place: str, spoken: Language) -> str:
    """A place of the gazetteer: a city with its province, in Chinese, or a country. Empty where it is not known."""
    if not place.isdecimal():
        return str(Locale.parse(spoken.locale).territories.get(place, "")) if place else ""
    if spoken is not Language.EN:
        return region_name(place)
    found = gazetteer.spot(place)
    return found.name_en if found else region_name(place)


@cache
def sector_names(spoken: Language) -> SectorNames:
    """All sectors by their codes."""
    spelled = {Language.EN: "en", Language.ZH_HANT: "zh_hant"}.get(spoken, "zh_hans")
    return SectorNames({code: str(getattr(words, spelled)) for code, words in sectors.SECTORS.items()})

"""Regions and sectors by their names, for pages that have their codes."""

from __future__ import annotations

from functools import cache

from babel import Locale

from traceqr import gazetteer
from traceqr import sector as sectors
from traceqr.rostering import region_name
from traceqr.web.language import Language

__all__ = ["SectorNames", "place_name", "region_name", "sector_names"]


def place_name(place: str, spoken: Language) -> str:
    """A city or province of China in Chinese, or in English where it is known; a country; or nothing."""
    if place[:1].isdecimal():
        found = gazetteer.spot(place) if spoken is Language.EN else None
        return found.name_en if found else region_name(place)
    return str(Locale.parse(spoken.locale).territories.get(place, place))


class SectorNames(dict[str, str]):
    """The names of sectors in one language. What is no sector of the lists is called as the last of them."""

    def __missing__(self, code: str) -> str:
        return self[sectors.known(code)]


@cache
def sector_names(spoken: Language) -> SectorNames:
    """All sectors by their codes."""
    spelled = {Language.EN: "en", Language.ZH_HANT: "zh_hant"}.get(spoken, "zh_hans")
    return SectorNames({code: str(getattr(words, spelled)) for code, words in sectors.SECTORS.items()})

"""The provinces of China as tiles of one size. A tile says about where a province lies, and nothing of its borders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from babel.numbers import format_compact_decimal

from traceqr.office.places import NONE, Counted
from traceqr.web.language import Language
from traceqr.web.places import place_name

SHORT: dict[str, tuple[str, str]] = {
    "110000": ("京", "BJ"), "120000": ("津", "TJ"), "130000": ("冀", "HE"), "140000": ("晋", "SX"),
    "150000": ("蒙", "NM"), "210000": ("辽", "LN"), "220000": ("吉", "JL"), "230000": ("黑", "HL"),
    "310000": ("沪", "SH"), "320000": ("苏", "JS"), "330000": ("浙", "ZJ"), "340000": ("皖", "AH"),
    "350000": ("闽", "FJ"), "360000": ("赣", "JX"), "370000": ("鲁", "SD"), "410000": ("豫", "HA"),
    "420000": ("鄂", "HB"), "430000": ("湘", "HN"), "440000": ("粤", "GD"), "450000": ("桂", "GX"),
    "460000": ("琼", "HI"), "500000": ("渝", "CQ"), "510000": ("川", "SC"), "520000": ("贵", "GZ"),
    "530000": ("滇", "YN"), "540000": ("藏", "XZ"), "610000": ("陕", "SN"), "620000": ("甘", "GS"),
    "630000": ("青", "QH"), "640000": ("宁", "NX"), "650000": ("新", "XJ"), "710000": ("台", "TW"),
    "810000": ("港", "HK"), "820000": ("澳", "MO"),
}  # fmt: skip
"""How provinces are called for short: by one character, and by the letters of ISO 3166-2:CN."""

_TRADITIONAL = str.maketrans("晋蒙辽沪苏浙皖闽赣鲁粤琼贵滇陕宁", "晉蒙遼滬蘇浙皖閩贛魯粵瓊貴滇陝寧")

ARRANGED = """
.  .  .  .  .  .  .  .  HL
.  .  .  .  .  NM .  .  JL
XJ QH GS NX SX HE BJ TJ LN
.  XZ .  SN HA SD .  .  .
.  .  SC CQ HB AH JS SH .
.  .  YN GZ HN JX ZJ .  .
.  .  .  GX GD FJ .  TW .
.  .  .  HI MO HK .  .  .
"""
"""Where the tiles lie."""

STEPS = 5
"""Shades of tiles, apart from that of nothing."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A province on the map: its row and column, from 1 on, its shade from 0 (nothing) to `STEPS`, and its numbers as
    they fit into a tile.
    """

    row: int
    column: int
    short: str
    name: str
    counted: Counted
    shade: int
    scans: str
    suspect: str


@dataclass(frozen=True, slots=True)
class Shade:
    """A step of the legend: from so many scans on, and up to so many; None for no end."""

    step: int
    least: int
    most: int | None


def tiles(provinces: Mapping[str, Counted], spoken: Language) -> list[Tile]:
    """All provinces, from north to south and from west to east."""
    legend = shades(max((counted.scans for counted in provinces.values()), default=0))
    return [_tile(code, row, column, provinces.get(code, NONE), legend, spoken) for code, row, column in _places()]


def shades(most: int) -> list[Shade]:
    """The steps of a map whose largest number is so many. Each begins at about three times the one below it, at a
    number that is easily read, since places differ by orders of magnitude.
    """
    bounds = [bound for bound in (base * 10**power for power in range(12) for base in (1, 3)) if bound <= most]
    used = [1, *bounds[1:][-(STEPS - 1) :]] if bounds else []
    return [
        Shade(step, least, used[step] - 1 if step < len(used) else None) for step, least in enumerate(used, start=1)
    ]


@lru_cache(maxsize=4096)
def compact(number: int, spoken: Language) -> str:
    """A number of at most four signs or so: 12, 1.2K, 34万."""
    locale = str(spoken).replace("-", "_")
    exact = format_compact_decimal(number, locale=locale, fraction_digits=1)
    return exact if len(exact) <= 4 else format_compact_decimal(number, locale=locale)


def _tile(code: str, row: int, column: int, counted: Counted, legend: Sequence[Shade], spoken: Language) -> Tile:
    return Tile(
        row,
        column,
        _short(code, spoken),
        place_name(code, spoken),
        counted,
        sum(shade.least <= counted.scans for shade in legend),
        compact(counted.scans, spoken) if counted.scans else "",
        compact(counted.suspect, spoken) if counted.suspect else "",
    )


def _short(code: str, spoken: Language) -> str:
    chinese, letters = SHORT[code]
    if spoken is Language.EN:
        return letters
    return chinese.translate(_TRADITIONAL) if spoken is Language.ZH_HANT else chinese


def _places() -> list[tuple[str, int, int]]:
    """Codes with row and column."""
    codes = {letters: code for code, (_, letters) in SHORT.items()}
    rows = enumerate(ARRANGED.split("\n")[1:-1], start=1)
    return [
        (codes[letters], row, column)
        for row, line in rows
        for column, letters in enumerate(line.split(), start=1)
        if letters != "."
    ]

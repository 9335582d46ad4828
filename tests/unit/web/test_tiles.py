"""The map of tiles: each province once, and shades that can be told apart by their numbers."""

from __future__ import annotations

import itertools
import re

import pytest

from traceqr.office.places import Counted
from traceqr.web.assets import STATIC
from traceqr.web.language import Language
from traceqr.web.places import PROVINCES
from traceqr.web.tiles import SHORT, STEPS, compact, shades, tiles

STYLE = STATIC["office.css"].plain.decode()


@pytest.mark.parametrize("language", Language)
def test_each_province_has_a_tile_of_its_own(language: Language) -> None:
    drawn = tiles({}, language)
    assert len(drawn) == len(PROVINCES) == 34
    for what in ("name", "short"):
        assert len({getattr(tile, what) for tile in drawn}) == 34
    assert len({(tile.row, tile.column) for tile in drawn}) == 34
    assert {tile.shade for tile in drawn} == {0}


def test_short_names_are_those_of_the_right_provinces() -> None:
    assert set(SHORT) == set(PROVINCES)
    named = {tile.short: tile.name for tile in tiles({}, Language.EN)}
    assert (named["HE"], named["HA"], named["HB"], named["HN"], named["HL"], named["HI"]) == (
        *("Hebei", "Henan", "Hubei", "Hunan", "Heilongjiang", "Hainan"),
    )
    assert {tile.short: tile.name for tile in tiles({}, Language.ZH_HANT)}["魯"] == "山东省"


def test_tiles_lie_about_where_the_provinces_do() -> None:
    at = {tile.short: (tile.row, tile.column) for tile in tiles({}, Language.EN)}
    for north, south in (("HL", "HI"), ("BJ", "SH"), ("SH", "GD"), ("NM", "SX"), ("HA", "HB"), ("HN", "GD")):
        assert at[north][0] < at[south][0], (north, south)
    for west, east in (("XJ", "GS"), ("XZ", "SC"), ("SC", "HB"), ("HB", "SH"), ("GX", "GD"), ("FJ", "TW")):
        assert at[west][1] < at[east][1], (west, east)


def test_the_style_sheet_has_a_place_for_each() -> None:
    for tile in tiles({}, Language.EN):
        assert f".tiles .r{tile.row} {{ grid-row: {tile.row}; }}" in STYLE
        assert f".tiles .c{tile.column} {{ grid-column: {tile.column}; }}" in STYLE


@pytest.mark.parametrize("most", [0, 1, 2, 3, 7, 10, 99, 1_000, 123_456, 4_000_000, 10**10])
def test_shades_cover_all_numbers_once(most: int) -> None:
    steps = shades(most)
    assert len(steps) <= STEPS
    assert [shade.step for shade in steps] == list(range(1, len(steps) + 1))
    assert [shade.least for shade in steps[:1]] == ([1] if most else [])
    for below, above in itertools.pairwise(steps):
        assert below.most == above.least - 1
        assert below.least < above.least <= most
    assert [shade.most for shade in steps[-1:]] == ([None] if most else [])


def test_more_is_never_paler() -> None:
    counts = {code: Counted(3**place, 0) for place, code in enumerate(list(PROVINCES)[:20])}
    shade_of = {tile.name: tile.shade for tile in tiles(counts, Language.EN)}
    shown = [shade_of[PROVINCES[code]] for code in counts]
    assert shown == sorted(shown)
    assert set(shown) == set(range(1, STEPS + 1))
    assert {shade_of[PROVINCES[code]] for code in set(PROVINCES) - set(counts)} == {0}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_shades_differ_in_greyscale_and_their_words_can_be_read(scheme: str) -> None:
    """By the contrast of WCAG 2.2: 4.5 to 1 for words, and each shade apart from the one before."""
    found = re.findall(r"--s([1-5]): (#[0-9a-f]{6})", STYLE)
    assert len(found) == 2 * STEPS
    colours = [colour for _, colour in found[:STEPS]] if scheme == "light" else [colour for _, colour in found[STEPS:]]
    ink, paper = ("#1d1a16", "#fbf8f1") if scheme == "light" else ("#f0e9dc", "#1a1714")
    lights = [_light(paper), *map(_light, colours)]
    steps = [_contrast(one, other) for one, other in itertools.pairwise(lights)]
    assert min(steps) >= 1.12
    assert sorted(lights, reverse=scheme == "light") == lights
    for step, colour in enumerate(colours, start=1):
        words = paper if step >= 4 else ink
        assert _contrast(_light(colour), _light(words)) >= 4.5, (step, colour)


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@pytest.mark.parametrize(
    ("number", "language", "text"),
    [
        (7, Language.EN, "7"),
        (1_234, Language.EN, "1.2K"),
        (123_456, Language.EN, "123K"),
        (9_876_543, Language.EN, "9.9M"),
        (1_234, Language.ZH_HANS, "1234"),
        (12_345, Language.ZH_HANS, "1.2万"),
        (12_345_678, Language.ZH_HANT, "1235萬"),
    ],
)
def test_numbers_fit_into_a_tile(number: int, language: Language, text: str) -> None:
    assert compact(number, language) == text

"""Places: the nearest city of China, another country, or nowhere."""

from __future__ import annotations

import pytest

from traceqr import gazetteer
from traceqr.gazetteer import NOWHERE


@pytest.mark.parametrize(
    ("latitude", "longitude", "place"),
    [
        (30.29, 120.16, "330100"),
        (29.3, 120.08, "330700"),  # Yiwu belongs to Jinhua, whose seat is the nearest
        (39.9, 116.4, "110000"),
        (31.23, 121.47, "310000"),
        (22.54, 114.06, "440300"),  # a river away from Hong Kong
        (22.3, 114.17, "810000"),
        (25.03, 121.5, "710000"),
        (29.65, 91.1, "540100"),
        (43.8, 87.6, "650100"),
        (30.3, 109.48, "422800"),  # a prefecture that is not called by its seat
        (35.68, 139.7, "JP"),
        (48.85, 2.35, "FR"),
    ],
)
def test_a_position_becomes_a_place(latitude: float, longitude: float, place: str) -> None:
    assert gazetteer.nearest(latitude, longitude) == place


def test_a_known_country_is_not_looked_for() -> None:
    """By the border the nearest town may be a neighbour's."""
    assert gazetteer.nearest(22.5, 114.1, "CN") == "440300"
    assert gazetteer.nearest(40.1, 124.4, "cn") == "210600"
    assert gazetteer.nearest(22.5, 114.1, "HK") == "810000"
    assert gazetteer.nearest(22.2, 113.54, "MO") == "820000"


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(90.1, 0.0), (-91.0, 0.0), (0.0, 180.5), (float("nan"), 0.0), (0.0, float("inf"))]
)
def test_no_position_is_nowhere(latitude: float, longitude: float) -> None:
    assert gazetteer.nearest(latitude, longitude) == NOWHERE


@pytest.mark.parametrize("country", ["X", "CHN", "1A", "é"])
def test_a_garbled_country_is_nowhere(country: str) -> None:
    assert gazetteer.nearest(30.29, 120.16, country) == NOWHERE


def test_every_province_has_a_city() -> None:
    found = {gazetteer.province(spot.place) for spot in gazetteer.cities()}
    assert len(found) == 31


def test_distances() -> None:
    near, far = gazetteer.distance_km("330100", "310000"), gazetteer.distance_km("330100", "650100")
    assert near is not None
    assert far is not None
    assert 150 < near < 180
    assert 3000 < far < 3400
    assert gazetteer.distance_km("330100", "330100") == 0
    assert gazetteer.distance_km("330100", NOWHERE) is None
    assert gazetteer.distance_km("999900", "330100") is None


@pytest.mark.parametrize(("text", "expected"), [("330100", True), ("JP", True), ("", True), ("330106", False)])
def test_spelling(text: str, expected: bool) -> None:
    assert gazetteer.is_place(text) is expected


@pytest.mark.parametrize("text", ["33010", "jp", "JPN", "３３０１００", "330100\n", "'", "33010a"])
def test_what_is_no_place(text: str) -> None:
    assert not gazetteer.is_place(text)


def test_provinces() -> None:
    assert gazetteer.province("330100") == "330000"
    assert gazetteer.province("JP") == "JP"
    assert gazetteer.province(NOWHERE) == NOWHERE

"""Regions: what lies in what."""

from __future__ import annotations

import pytest

from traceqr import region


@pytest.mark.parametrize(
    ("scope", "prefix", "bounds"),
    [
        ("000000", "", ("000000", "999999")),
        ("330000", "33", ("330000", "339999")),
        ("330100", "3301", ("330100", "330199")),
        ("330106", "330106", ("330106", "330106")),
        ("100000", "10", ("100000", "109999")),
        ("500010", "500010", ("500010", "500010")),
    ],
)
def test_a_scope(scope: str, prefix: str, bounds: tuple[str, str]) -> None:
    assert region.prefix(scope) == prefix
    assert region.bounds(scope) == bounds


@pytest.mark.parametrize(
    ("inner", "scope", "expected"),
    [
        ("330106", "000000", True),
        ("330106", "330000", True),
        ("330106", "330100", True),
        ("330106", "330106", True),
        ("330100", "330106", False),
        ("330000", "330100", False),
        ("330206", "330100", False),
        ("440106", "330000", False),
        ("000000", "330000", False),
    ],
)
def test_within(inner: str, scope: str, expected: bool) -> None:
    assert region.within(inner, scope) is expected
    low, high = region.bounds(scope)
    assert (low <= inner <= high) is expected, "a range of an index finds the same"


def test_levels() -> None:
    assert [region.at_level("330106", digits) for digits in (0, 2, 4, 6)] == ["000000", "330000", "330100", "330106"]


@pytest.mark.parametrize(
    ("code", "good"), [("330106", True), ("33010", False), ("33010６", False), ("330106\n", False)]
)
def test_what_is_one(code: str, good: bool) -> None:
    assert region.is_region(code) is good

"""Regions by their code of GB/T 2260: six digits, two each for province, city and district. What ends in 00 means all
that lies below it: 330000 is a province, 330100 a city, 330106 a district, and 000000 the whole country.
"""

from __future__ import annotations

import re

COUNTRY = "000000"

_CODE = re.compile("[0-9]{6}")
_LEVEL = 2


def is_region(code: str) -> bool:
    """Whether it is spelled as a region is."""
    return _CODE.fullmatch(code) is not None


def prefix(region: str) -> str:
    """The digits that all codes within a region begin with: none for the country, else 2, 4 or 6."""
    digits = region
    while digits.endswith("00"):
        digits = digits[:-_LEVEL]
    return digits


def within(region: str, scope: str) -> bool:
    """Whether a region is the other one, or lies in it."""
    return region.startswith(prefix(scope))


def bounds(scope: str) -> tuple[str, str]:
    """The lowest and the highest code within a region, for a search by range: both are included."""
    begin = prefix(scope)
    return begin.ljust(len(COUNTRY), "0"), begin.ljust(len(COUNTRY), "9")


def at_level(region: str, digits: int) -> str:
    """The region of 0, 2, 4 or 6 digits that it lies in: 330106 of two digits is 330000."""
    return region[:digits].ljust(len(COUNTRY), "0")

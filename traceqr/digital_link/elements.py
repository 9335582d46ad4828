"""Application identifiers in addresses: how their values are spelled (GS1 General Specifications, section 3), and which
qualify which key (GS1 Digital Link URI Syntax, sections 4.3 to 4.9).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_CHARACTERS_82 = r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"
"""Figure 7.11-1 of the General Specifications."""

_FORMS: Mapping[str, str] = {
    "00": "[0-9]{18}",
    "01": "[0-9]{14}",
    "10": _CHARACTERS_82 + "{1,20}",
    "21": _CHARACTERS_82 + "{1,20}",
    "22": _CHARACTERS_82 + "{1,20}",
    "235": _CHARACTERS_82 + "{1,28}",
    "254": _CHARACTERS_82 + "{1,20}",
    "414": "[0-9]{13}",
    "417": "[0-9]{13}",
    "7040": "[0-9]" + _CHARACTERS_82 + "{3}",
}
_SPELLED = {identifier: re.compile(form) for identifier, form in _FORMS.items()}

WORDS: Mapping[str, str] = {
    "00": "an SSCC of 18 digits",
    "01": "a GTIN of 14 digits",
    "10": "a lot of 1 to 20 characters",
    "21": "a serial of 1 to 20 characters",
    "22": "a consumer product variant of 1 to 20 characters",
    "235": "a third party's serial of 1 to 28 characters",
    "254": "an extension of a GLN of 1 to 20 characters",
    "414": "a GLN of 13 digits",
    "417": "a GLN of 13 digits",
    "7040": "a digit and 3 characters",
}

KEYS = ("00", "01", "414", "417")
"""Primary keys that are answered."""

PATHS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "00": ((),),
    "01": (("22", "10", "21"), ("235",)),
    "414": (("254",), ("7040",)),
    "417": (("7040",),),
}
"""The qualifiers of a key, in the order in which a path has them; each may be left out. A row for each kind of path."""

ALPHAS: Mapping[str, str] = {
    "gtin": "01",
    "itip": "8006",
    "cpid": "8010",
    "gln": "414",
    "payTo": "415",
    "partyGln": "417",
    "gsrnp": "8017",
    "gsrn": "8018",
    "gcn": "255",
    "sscc": "00",
    "gdti": "253",
    "ginc": "401",
    "gsin": "402",
    "grai": "8003",
    "giai": "8004",
}
"""Words that versions before 1.2 of the syntax allowed for the keys, and no version since does."""

_CHECKED = frozenset({"00", "01", "414", "417"})

_ATTRIBUTE = re.compile("[0-9]{2,4}")
_ATTRIBUTE_VALUE = re.compile(_CHARACTERS_82 + "{1,90}")
_DATES = frozenset({"11", "12", "13", "15", "16", "17"})
_DATE = re.compile("[0-9]{2}(0[1-9]|1[0-2])([0-2][0-9]|3[01])")


def fault(identifier: str, value: str) -> str:
    """What is wrong with the value of an identifier that paths have: empty where nothing is."""
    if not _SPELLED[identifier].fullmatch(value):
        return f"expected {WORDS[identifier]} after /{identifier}/, got {value[:40]!r}"
    if identifier in _CHECKED and value[-1] != (digit := check_digit(value[:-1])):
        return f"expected check digit {digit} at the end of {value!r}, got {value[-1]}"
    return ""


def attribute_fault(identifier: str, value: str) -> str:
    """What is wrong with an attribute, which the query has: a parameter whose name is all digits."""
    if not _ATTRIBUTE.fullmatch(identifier):
        return f"expected an application identifier of 2 to 4 digits, got {identifier[:40]!r}"
    if identifier in _DATES:
        return "" if _DATE.fullmatch(value) else f"expected a day as YYMMDD after {identifier}=, got {value[:40]!r}"
    good = _ATTRIBUTE_VALUE.fullmatch(value)
    return "" if good else f"expected 1 to 90 characters of set 82 after {identifier}=, got {value[:40]!r}"


def check_digit(digits: str) -> str:
    """The check digit that follows these digits (General Specifications, section 7.9)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)

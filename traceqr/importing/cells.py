"""What stands in one cell: cleaned of what spreadsheets add, refused where they have spoilt it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

from traceqr.enrolling import parse_uscc
from traceqr.errors import TraceqrError
from traceqr.label.gtin import Gtin

MAX_CELL = 2_000
"""Characters of a cell."""

USCC = ("统一社会信用代码", "社会信用代码", "信用代码", "纳税人识别号", "税号")
REGION = ("行政区划代码", "区划代码", "地区代码", "行政区划")
"""What headers call the columns that several tables have."""

_Value = TypeVar("_Value")

_AS_FORMULA = re.compile('="([^"]*)"')
_PHONE = re.compile(r"\+?[0-9(][0-9 ()-]{2,30}")
"""How exports keep a spreadsheet from reading digits as a number."""

# Control characters, characters that turn the reading direction, and what is no character at all.
_FORBIDDEN = re.compile(
    "[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_LOST = "\ufffd"
_EXCEL_ERROR = re.compile("#(N/A|REF!|VALUE!|NAME[?]|DIV/0!|NUM!|NULL!|SPILL!|CALC!)|##+", re.IGNORECASE)
_SHORTENED = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_DECIMAL = re.compile(r"[0-9]+[.]0*")
_ROUNDED = re.compile("[1-9][0-9]{12,}000")
_FULL_WIDTH = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_REMEDY = "format the column as text (文本) and enter it anew"

_ISO_DATE = re.compile("([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_EXCEL_DATE = re.compile("([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})( 0?0:00(:00)?)?")
_CHINESE_DATE = re.compile("([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")
_DAY_NUMBER = re.compile("[0-9]{5}")
_FIRST_YEAR, _LAST_YEAR = 2000, 2199

_REGION = re.compile("[0-9]{6}")


class CellError(TraceqrError):
    """A cell that is not as expected."""


def clean(raw: str, *, lines: bool, most: int = MAX_CELL) -> str:
    """A cell without surrounding white space. Raises `CellError` for what no column takes."""
    text = raw.strip()
    if wrapped := _AS_FORMULA.fullmatch(text):
        text = wrapped[1].strip()
    if len(text) > most:
        raise CellError(f"expected at most {most:,} characters, got {len(text):,}")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _EXCEL_ERROR.fullmatch(text):
        raise CellError(f"expected a value, got Excel's error {text!r}")
    if _LOST in text:
        raise CellError("expected readable text, got a character that was lost in an earlier conversion (\ufffd)")
    if found := _FORBIDDEN.search(text):
        raise CellError(f"expected text without control characters, got {found[0]!r}")
    if "\n" in text and not lines:
        raise CellError(f"expected one line, got {text[:80]!r}")
    return text


def guarded(parse: Callable[[str], _Value]) -> Callable[[str], _Value]:
    """A parser of a number that Excel may have spoilt, which then says so."""

    def parse_or_explain(text: str) -> _Value:
        try:
            return parse(text)
        except TraceqrError as error:
            raise CellError(f"{error}{wide(text) or _spoilt(text)}") from error

    return parse_or_explain


def wide(text: str) -> str:
    """A hint for digits and letters of full width, which input methods type and no code takes; empty for others."""
    return (
        "; it has digits or letters of full width (全角): type them in half width (半角)"
        if _FULL_WIDTH.search(text)
        else ""
    )


def _spoilt(text: str) -> str:
    if _SHORTENED.fullmatch(text):
        return f"; Excel has shortened a long number: {_REMEDY}"
    if _DECIMAL.fullmatch(text):
        return f"; Excel took it for a number: {_REMEDY}"
    if _ROUNDED.fullmatch(text):
        return f"; Excel keeps 15 digits of a number and makes the rest zeros: {_REMEDY}"
    if text.isdecimal() and len(text) < 12:
        return f"; Excel drops zeros in front of a number: {_REMEDY}"
    return ""


@guarded
def gtin(text: str) -> Gtin:
    """A GTIN of 8, 12, 13 or 14 digits."""
    return Gtin.from_trade(text)


uscc = guarded(parse_uscc)
"""A unified social credit code."""


@guarded
def region(text: str) -> str:
    """A region by its code of GB/T 2260."""
    if not _REGION.fullmatch(text):
        raise CellError(f"expected a region of 6 digits (GB/T 2260; 000000 is the whole country), got {text!r}")
    return text


def phone(text: str) -> str:
    """A telephone number that the label's page offers to dial: digits, spaces, brackets, hyphens, a plus in front."""
    if not _PHONE.fullmatch(text):
        raise CellError(f"expected a telephone number such as 400-000-0000 or +86 10 0000 0000, got {text!r}")
    return text


def day(text: str) -> date:
    """A calendar day as people and Excel write it, year first: no other order can be told apart."""
    match = _ISO_DATE.fullmatch(text) or _EXCEL_DATE.fullmatch(text) or _CHINESE_DATE.fullmatch(text)
    if match is None:
        number = "; it is Excel's number of a day: format the column as a date" if _DAY_NUMBER.fullmatch(text) else ""
        hint = wide(text) or number
        raise CellError(f"expected a date such as 2026-09-01 or 2026/9/1, got {text!r}{hint}")
    try:
        found = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise CellError(f"expected a day of the calendar, got {text!r}") from error
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise CellError(f"expected a date from {_FIRST_YEAR} to {_LAST_YEAR}, got {text!r}")
    return found


def choice(words: Mapping[str, tuple[str, ...]]) -> Callable[[str], str]:
    """One of a few words, or what else it may be called."""
    known = {name: word for word, synonyms in words.items() for name in (word, *synonyms)}
    named = (f"{word} ({', '.join(synonyms)})" if synonyms else word for word, synonyms in words.items())
    expected = " or ".join(named)

    def choose(text: str) -> str:
        if text.lower() not in known:
            raise CellError(f"expected {expected}, got {text!r}")
        return known[text.lower()]

    return choose

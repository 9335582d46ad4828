"""JSON read strictly (RFC 8259, and I-JSON of RFC 7493): no member twice, no number that is none, nothing too deep."""

from __future__ import annotations

import json
import re
from typing import Any

from traceqr.epcis.problem import ExceptionType, refused, shown

MAX_DEPTH = 24
"""Objects and lists inside one another. The standard needs eight; the rest is for extensions."""

MAX_DIGITS = 40
"""Characters of a number."""

MAX_MAGNITUDE = 1e100

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse(body: bytes, most: int) -> Any:
    """The value that a body of at most so many bytes spells. Raises `Refused`."""
    if len(body) > most:
        raise refused(ExceptionType.CAPTURE_LIMIT, f"expected at most {most:,} bytes, got {len(body):,}")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused(ExceptionType.VALIDATION, f"expected UTF-8, got octet {error.start:,} that is none") from error
    try:
        value = _DECODER.decode(text)
    except RecursionError as error:
        raise refused(ExceptionType.VALIDATION, f"expected at most {MAX_DEPTH} levels, got many more") from error
    except ValueError as error:
        raise refused(ExceptionType.VALIDATION, f"expected JSON, got text that is none: {error}") from error
    _look_through(value, surrogates=bool(_ESCAPED_SURROGATE.search(body)))
    return value


def _look_through(value: Any, *, surrogates: bool) -> None:
    level, depth = [value], 0
    while level:
        if depth > MAX_DEPTH:
            raise refused(ExceptionType.VALIDATION, f"expected at most {MAX_DEPTH} levels, got more")
        if surrogates:
            _require_no_surrogates(level)
        level = [inner for each in level if isinstance(each, (dict, list)) for inner in _inside(each)]
        depth += 1


def _inside(each: dict[str, Any] | list[Any]) -> list[Any]:
    return each if isinstance(each, list) else list(each.values())


def _require_no_surrogates(level: list[Any]) -> None:
    for each in level:
        texts = each if isinstance(each, dict) else [each]
        if any(isinstance(text, str) and _SURROGATE.search(text) for text in texts):
            raise refused(ExceptionType.VALIDATION, "expected text of Unicode characters, got half of a surrogate pair")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"expected each member once, got {shown(_first_twice(pairs))} twice")
    return found


def _first_twice(pairs: list[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    return next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"expected a number of at most {MAX_DIGITS} characters, got {len(text)}")
    return int(text)


def _decimal(text: str) -> float:
    number = float(text) if len(text) <= MAX_DIGITS else MAX_MAGNITUDE
    if not -MAX_MAGNITUDE < number < MAX_MAGNITUDE:
        raise ValueError(f"expected a number of {MAX_DIGITS} characters below {MAX_MAGNITUDE}, got {shown(text)}")
    return number


def _no_constant(text: str) -> Any:
    raise ValueError(f"expected a number, got {text}")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_whole, parse_float=_decimal, parse_constant=_no_constant
)

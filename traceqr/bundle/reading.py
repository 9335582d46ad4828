"""Reading values of JSON, each of its kind. What is not as expected raises `Malformed`, which says where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from traceqr import canonical
from traceqr.canonical import NotCanonical
from traceqr.errors import TraceqrError
from traceqr.instant import InvalidDate, from_iso, parse_date, to_iso

T = TypeVar("T")
K = TypeVar("K", int, str, tuple[int, str], tuple[int, int, str])

MOST = 2**53 - 1
"""The greatest integer that canonical JSON can say."""

DIGEST = re.compile("[0-9a-f]{64}")
GTIN = re.compile("[0-9]{14}")
REGION = re.compile("[0-9]{6}")
USCC = re.compile("[0-9A-Z]{18}")

_INSTANT = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z")


class Malformed(TraceqrError):
    """A value of JSON that is not of the kind that the format says."""


def decode(octets: bytes) -> Any:
    """The value that octets say, which must be canonical JSON."""
    try:
        return canonical.decode(octets)
    except NotCanonical as error:
        raise Malformed(str(error)) from error


def encode(value: Any) -> bytes:
    """As canonical JSON, UTF-8."""
    try:
        return canonical.encode(value)
    except NotCanonical as error:
        raise Malformed(str(error)) from error


def record(value: Any, where: str, *names: str) -> Mapping[str, Any]:
    """An object with exactly these members."""
    if not isinstance(value, dict) or value.keys() != set(names):
        raise Malformed(f"{where}: expected an object with the members {', '.join(names)}, got {_short(value)}")
    return value


def text(value: Any, where: str, pattern: re.Pattern[str] | None = None) -> str:
    """A string; of a pattern where one is given."""
    if not isinstance(value, str) or (pattern is not None and not pattern.fullmatch(value)):
        raise Malformed(f"{where}: expected a string{_like(pattern)}, got {_short(value)}")
    return value


def _like(pattern: re.Pattern[str] | None) -> str:
    return f" like {pattern.pattern}" if pattern else ""


def choice(value: Any, where: str, among: Sequence[str]) -> str:
    """One of some strings."""
    if not isinstance(value, str) or value not in among:
        raise Malformed(f"{where}: expected one of {', '.join(among)}, got {_short(value)}")
    return value


def integer(value: Any, where: str, least: int, most: int = MOST) -> int:
    """An integer within bounds, both included. true and false are none."""
    if type(value) is not int or not least <= value <= most:
        raise Malformed(f"{where}: expected an integer from {least} to {most}, got {_short(value)}")
    return value


def instant(value: Any, where: str) -> int:
    """An instant, in milliseconds."""
    spelled = text(value, where, _INSTANT)
    try:
        at_ms = from_iso(spelled)
    except InvalidDate as error:
        raise Malformed(f"{where}: {error}") from error
    if to_iso(at_ms) != spelled:  # hour 24 and the like
        raise Malformed(f"{where}: expected an instant, got {spelled!r}")
    return at_ms


def day(value: Any, where: str) -> str:
    """A calendar date, as it is spelled."""
    try:
        parse_date(text(value, where))
    except InvalidDate as error:
        raise Malformed(f"{where}: {error}") from error
    return str(value)


def optional(value: Any, where: str, read: Callable[[Any, str], T]) -> T | None:
    """null, or a value."""
    return None if value is None else read(value, where)


def listed(value: Any, where: str, read: Callable[[Any, str], T], most: int | None = None) -> tuple[T, ...]:
    """The values of a list, at most so many."""
    if not isinstance(value, list) or (most is not None and len(value) > most):
        raise Malformed(f"{where}: expected a list{f' of at most {most}' if most else ''}, got {_short(value)}")
    return tuple([read(each, f"{where}[{place}]") for place, each in enumerate(value)])


def ascending(values: Sequence[T], where: str, key: Callable[[T], K]) -> None:
    """Raise `Malformed` unless each is behind the one before it. Strings go by their code points."""
    for before, after in pairwise(values):
        if not key(before) < key(after):
            raise Malformed(f"{where}: expected {key(after)!r} before {key(before)!r}, and each once")


def _short(value: Any) -> str:
    spelled = repr(value)
    return spelled if len(spelled) <= 80 else f"{spelled[:80]}..."

"""Of what shape a JSON value is to be. A shape is a function that looks at a value and tells its faults, all of them at
once: nothing is coerced, and no member is let in that is not named.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from traceqr.errors import TraceqrError
from traceqr.instant import from_iso, parse_date, to_iso
from traceqr.legible import unshown

_SHOWN = 60
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_YEARS = re.compile("(?:19[789]|2[0-9]{2})[0-9]-")
"""1970 to 2999: what lies at the ends of the calendar has no place in every time zone."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one member; `where` is a path such as `record/labels/0/how`, empty for the whole."""

    where: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.where or 'the whole'}: expected {self.expected}, got {self.got}"


Shape = Callable[[Any, str], Iterator[Fault]]
"""From a value and the path that leads to it to all that is wrong with it."""


def members(shapes: Mapping[str, Shape]) -> Shape:
    """An object with exactly these members."""

    def look(value: Any, where: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(where, "an object", shown(value))
            return
        for name in sorted(shapes.keys() - value.keys()):
            yield Fault(_under(where, name), "the member", "none")
        for name, each in value.items():
            if name in shapes:
                yield from shapes[name](each, _under(where, name))
            else:
                yield Fault(where, "no other member", shown(name))

    return look


def listed(shape: Shape, most: int, least: int = 0) -> Shape:
    """A list of so many items of one shape."""

    def look(value: Any, where: str) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield Fault(where, "a list", shown(value))
        elif not least <= len(value) <= most:
            yield Fault(where, f"{least:,} to {most:,} items", f"{len(value):,}")
        else:
            for place, each in enumerate(value):
                yield from shape(each, _under(where, place))

    return look


def text(most: int, least: int = 0, *, lines: bool = False) -> Shape:
    """Words for people, of one line unless told otherwise."""

    def look(value: Any, where: str) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault(where, "text", shown(value))
        elif not least <= len(value) <= most or (least and not value.strip()):
            yield Fault(where, f"{least:,} to {most:,} characters", f"{len(value):,}")
        elif found := unshown(value):
            yield Fault(where, "characters that can be shown", shown(found))
        elif "\n" in value and not lines:
            yield Fault(where, "one line", "several")

    return look


def anything(_value: Any, _where: str) -> Iterator[Fault]:
    """Whatever it is: somebody else looks at it."""
    return iter(())


def raw(most: int, least: int = 0) -> Shape:
    """Text as a device read it, whatever is in it."""

    def look(value: Any, where: str) -> Iterator[Fault]:
        if not isinstance(value, str) or not least <= len(value) <= most:
            yield Fault(where, f"text of {least:,} to {most:,} characters", shown(value))

    return look


def pattern(spelled: str, expected: str) -> Shape:
    """Text that a regular expression matches as a whole."""
    compiled = re.compile(spelled)

    def look(value: Any, where: str) -> Iterator[Fault]:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            yield Fault(where, expected, shown(value))

    return look


def one_of(*values: str) -> Shape:
    """One of some words."""

    def look(value: Any, where: str) -> Iterator[Fault]:
        if not isinstance(value, str) or value not in values:
            yield Fault(where, f"one of {', '.join(values)}", shown(value))

    return look


def whole(low: int, high: int) -> Shape:
    """A whole number."""

    def look(value: Any, where: str) -> Iterator[Fault]:
        if type(value) is not int or not low <= value <= high:
            yield Fault(where, f"a whole number from {low:,} to {high:,}", shown(value))

    return look


def number(low: float, high: float) -> Shape:
    """A number, which need not be whole."""

    def look(value: Any, where: str) -> Iterator[Fault]:
        if type(value) not in (int, float) or not (low <= value <= high and math.isfinite(value)):
            yield Fault(where, f"a number from {low:,} to {high:,}", shown(value))

    return look


def instant(value: Any, where: str) -> Iterator[Fault]:
    """An instant in UTC with three decimals, of the years 1970 to 2999."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value) or not _parses(_same_instant, value):
        yield Fault(where, "an instant such as 2026-09-01T08:00:00.000Z", shown(value))
    elif not _YEARS.match(value):
        yield Fault(where, "an instant of the years 1970 to 2999", shown(value))


def day(value: Any, where: str) -> Iterator[Fault]:
    """A date of the years 1970 to 2999."""
    if not isinstance(value, str) or not _parses(parse_date, value):
        yield Fault(where, "a date such as 2026-09-01", shown(value))
    elif not _YEARS.match(value):
        yield Fault(where, "a date of the years 1970 to 2999", shown(value))


def nullable(shape: Shape) -> Shape:
    """Null, or a value of a shape."""

    def look(value: Any, where: str) -> Iterator[Fault]:
        if value is not None:
            yield from shape(value, where)

    return look


def shown(value: Any) -> str:
    """As it came, shortened, in ASCII: so that nothing that came is more than text."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return json.dumps(value)[:_SHOWN]


def _same_instant(text: str) -> None:
    if to_iso(from_iso(text)) != text:
        raise TraceqrError(f"expected an instant in its one spelling, got {text!r}")


def _parses(parse: Callable[[str], object], value: str) -> bool:
    try:
        parse(value)
    except TraceqrError:
        return False
    return True


def _under(where: str, name: str | int) -> str:
    return f"{where}/{name}" if where else str(name)

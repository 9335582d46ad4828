"""What MATCH_ parameters look for: identifiers, and patterns of them (EPC Tag Data Standard, section 8)."""

from __future__ import annotations

import re

from traceqr.epcis.encoding import InvalidSpelling
from traceqr.epcis.spelling import read_thing
from traceqr.epcis.things import is_class
from traceqr.epcis.wanted import Pattern
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing, ThingKind

_OPEN = re.compile(
    r"urn:epc:(?:idpat:(?P<scheme>sgtin|sscc|grai|giai)|class:(?P<lots>lgtin)):(?P<prefix>[0-9]{6,12}|\*)\.(?P<rest>.*\*)"
)
_VISIBLE = 8
"""Digits of a company prefix that the line of a logistic unit tells; the others are the first that it counts."""


def single(uri: str) -> Pattern:
    """Of single things: one, or all that a pattern or a product has."""
    found = _OPEN.fullmatch(uri)
    if found and found["scheme"]:
        return _pattern(found["scheme"], found["prefix"], found["rest"], uri)
    thing, _ = read_thing(uri)
    if thing.kind is ThingKind.PRODUCT:
        return Pattern(prefixes=(f"21/{thing.key}/",))
    if is_class(Run.of(thing)):
        raise InvalidSpelling(f"expected a single thing or a pattern of them, got {uri!r}, which names a class")
    return Pattern(runs=(Run.of(thing),))


def of_class(uri: str) -> Pattern:
    """Of classes: one, or all lots that a pattern has."""
    found = _OPEN.fullmatch(uri)
    if found and found["lots"]:
        return Pattern(prefixes=_items("10", found["prefix"], found["rest"], uri))
    return Pattern(runs=(Run.of(read_thing(uri)[0]),))


def _pattern(scheme: str, prefix: str, rest: str, uri: str) -> Pattern:
    if scheme == "sgtin":
        return Pattern(prefixes=_items("21", prefix, rest, uri))
    if prefix == "*":
        _require_stars(rest, uri)
        return Pattern(prefixes=(f"{_KEYS[scheme]}/",))
    if scheme == "grai":
        return _assets(prefix, rest, uri)
    _require_stars(rest, uri)
    return _units(prefix) if scheme == "sscc" else Pattern(prefixes=("8004/",), starts=(f"8004/{prefix}",))


def _items(key: str, prefix: str, rest: str, uri: str) -> tuple[str, ...]:
    """What the lines of items, or lots, begin with. The indicator stands before the company prefix."""
    if prefix == "*":
        _require_stars(rest, uri)
        return (f"{key}/",)
    item, _, star = rest.rpartition(".")
    if item == "*" and star == "*":
        return tuple(f"{key}/{indicator}{prefix}" for indicator in range(10))
    thing, _ = read_thing(f"urn:epc:idpat:sgtin:{prefix}.{rest}")
    return (f"{key}/{thing.key}/",)


def _assets(prefix: str, rest: str, uri: str) -> Pattern:
    if rest == "*.*":
        return Pattern(prefixes=(f"8003/0{prefix}",))
    thing, _ = read_thing(uri)
    return Pattern(prefixes=(f"8003/{thing.key}",))


def _units(prefix: str) -> Pattern:
    if len(prefix) < _VISIBLE:
        return Pattern(prefixes=tuple(f"00/{extension}{prefix}" for extension in range(10)))
    lowest, highest = (prefix[_VISIBLE:].ljust(8, digit) for digit in "09")
    lines = (f"00/{extension}{prefix[:_VISIBLE]}########" for extension in range(10))
    return Pattern(runs=tuple(Run(line, int(lowest), int(highest)) for line in lines))


def _require_stars(rest: str, uri: str) -> None:
    if set(rest) - {"*", "."}:
        raise InvalidSpelling(f"expected nothing but * after a *, and after a company prefix of units, got {uri!r}")


_KEYS = {"sscc": "00", "grai": "8003", "giai": "8004"}


def begins(pattern: Pattern, run: Run, first: Thing, last: Thing) -> bool:
    """Whether a run is among what a pattern looks for. `first` and `last` are the things at its ends."""
    if any(wanted.cut(run) for wanted in pattern.runs):
        return True
    on_lines = run.line.startswith(pattern.prefixes) if pattern.prefixes else False
    return on_lines and (
        not pattern.starts or first.text.startswith(pattern.starts) or last.text.startswith(pattern.starts)
    )

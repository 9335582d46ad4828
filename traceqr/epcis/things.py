"""Lists of identifiers into runs: what an event names, in as few values as the order allows."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from traceqr.epcis.encoding import InvalidSpelling
from traceqr.epcis.faults import Faults
from traceqr.epcis.spelling import read_thing
from traceqr.tracing.event import Item, Part
from traceqr.tracing.run import Run, merged
from traceqr.tracing.thing import Thing, ThingKind

_DIGITS = 8
"""At the end of a serial, that a line counts."""

_CLASS_URIS = ("uri/urn:epc:class:", "uri/urn:epc:idpat:")
_SINGLE_URI = "uri/urn:epc:id:"
_GRAI = len("8003/") + 14

_Place = tuple[str, str, int]
"""Spelling, line, and place on the line."""


def single(uris: list[str], part: Part, where: str, faults: Faults) -> list[Item]:
    """The runs that a list of single things makes: in its order, unless they are fewer when it is sorted."""
    places = list(_places(uris, where, faults))
    _require_unique(places, uris, where, faults)
    inorder = _runs(places)
    ordered = _runs(sorted(places)) if len(inorder) > 1 else inorder
    return [Item(part, run, spelling) for spelling, run in (ordered if len(ordered) < len(inorder) else inorder)]


def parent(uri: str, where: str, faults: Faults) -> list[Item]:
    """The thing that holds the others."""
    thing, spelling = faults.asked(where, _single, uri, _NOTHING)
    return [Item(Part.PARENT, Run.of(thing), spelling)]


def classes(elements: list[dict[str, Any]], part: Part, where: str, faults: Faults) -> list[Item]:
    """Classes and their quantities."""
    found = []
    for place, element in enumerate(elements):
        thing, spelling = faults.asked(f"{where}/{place}/epcClass", _class, element["epcClass"], _NOTHING)
        quantity, unit = element.get("quantity"), element.get("uom", "")
        if quantity is not None and not unit and quantity != int(quantity):
            faults.add(f"{where}/{place}/quantity", f"expected a whole number where uom is not told, got {quantity}")
        found.append(Item(part, Run.of(thing), spelling, None if quantity is None else spelled(quantity), unit))
    return found


def ranges(value: list[dict[str, str]], parts: tuple[Part, ...], where: str, faults: Faults) -> list[Item]:
    """The runs of our extension `epcRanges`, which has the right shape."""
    found = []
    for place, each in enumerate(value):
        here = f"{where}/{place}"
        if each["part"] not in parts:
            faults.add(f"{here}/part", f"expected one of {', '.join(parts)} in this event, got {each['part']}")
            continue
        first = faults.asked(f"{here}/first", _single, each["first"], _NOTHING)
        last = faults.asked(f"{here}/last", _single, each["last"], first)
        run = Run(first[0].line, first[0].number, last[0].number)
        if last[0].line != run.line or last[1] != first[1] or run.last < run.first:
            faults.add(
                f"{here}/last", f"expected {each['first']!r} or one after it in its spelling, got {each['last']!r}"
            )
        found.append(Item(Part(each["part"]), run, first[1]))
    return found


def require_once(items: list[Item], faults: Faults) -> None:
    """Note where a single thing has one part twice, as by a list and a range."""
    for part in Part:
        runs = [item.run for item in items if item.part is part and _is_single(item)]
        if len(runs) > 1 and sum(map(len, merged(runs))) < sum(map(len, runs)):
            faults.add("", f"expected each thing once as {part.value}, got one twice")


def _is_single(item: Item) -> bool:
    return item.quantity is None and not is_class(item.run) and item.run.line != _NOTHING[0].line


def is_class(run: Run) -> bool:
    """Whether a run is one class."""
    kind = ThingKind(run.line.partition("/")[0])
    return (
        kind.is_class or (kind is ThingKind.RETURNABLE and len(run.line) == _GRAI) or run.line.startswith(_CLASS_URIS)
    )


def spelled(quantity: float) -> str:
    """A quantity in digits, without an exponent."""
    return str(quantity) if isinstance(quantity, int) else f"{Decimal(repr(quantity)):f}"


def _places(uris: list[str], where: str, faults: Faults) -> Iterable[_Place]:
    stem, line, spelling = "", "", ""
    for place, uri in enumerate(uris):
        if stem and uri[:-_DIGITS] == stem and uri[-_DIGITS:].isdigit():
            yield spelling, line, int(uri[-_DIGITS:])  # as the one before, but for what its line counts
            continue
        thing, spelling = faults.asked(f"{where}/{place}", _single, uri, _NOTHING)
        line = thing.line
        stem = uri[:-_DIGITS] if _counted_at_end(thing, spelling) else ""
        yield spelling, line, thing.number


def _counted_at_end(thing: Thing, spelling: str) -> bool:
    """Whether the digits that the line counts are those at the end of the URI, and no check digit."""
    whole = thing.line.endswith("#" * _DIGITS)
    if thing.kind is ThingKind.UNIT:
        return spelling in ("urn:6", "urn:7", "urn:8")  # eight digits of its own at the end
    return whole


def _require_unique(places: list[_Place], uris: list[str], where: str, faults: Faults) -> None:
    if len({place[1:] for place in places}) == len(places):
        return
    seen: set[tuple[str, int]] = set()
    for number, place in enumerate(places):
        if place[1:] in seen and place[1] != _NOTHING[0].line:
            faults.add(f"{where}/{number}", f"expected each thing once, got {uris[number]!r} twice")
        seen.add(place[1:])


def _runs(places: list[_Place]) -> list[tuple[str, Run]]:
    found: list[tuple[str, str, int, int]] = []
    for spelling, line, number in places:
        if found and found[-1][3] + 1 == number and found[-1][:2] == (spelling, line):
            found[-1] = (spelling, line, found[-1][2], number)
        else:
            found.append((spelling, line, number, number))
    return [(spelling, Run(line, first, last)) for spelling, line, first, last in found]


def _single(uri: str) -> tuple[Thing, str]:
    thing, spelling = read_thing(uri)
    if is_class(Run.of(thing)):
        raise InvalidSpelling(f"expected a single thing, got {uri!r}, which names a class")
    return thing, spelling


def _class(uri: str) -> tuple[Thing, str]:
    thing, spelling = read_thing(uri)
    known = thing.kind is not ThingKind.URI or thing.text.startswith(_SINGLE_URI)
    if known and not is_class(Run.of(thing)):
        raise InvalidSpelling(f"expected a class, such as a lot, got {uri!r}, which names a single thing")
    return thing, spelling


_NOTHING = (Thing(ThingKind.URI, "uri/urn:nothing"), "")
"""Stands where there is none that can be read."""

"""Lists of identifiers into runs: what an event names, in as few values as the order allows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from traceqr.epcis.encoding import InvalidSpelling
from traceqr.epcis.faults import Faults
from traceqr.epcis.spelling import COUNTED, is_counted_at_end, read_thing
from traceqr.tracing.event import Item, Part
from traceqr.tracing.run import Run, merged
from traceqr.tracing.thing import Thing, ThingKind

_CLASS_URIS = ("uri/urn:epc:class:", "uri/urn:epc:idpat:")
_SINGLE_URI = "uri/urn:epc:id:"
_GRAI = len("8003/") + 14

_Run = tuple[str, str, int, int]
"""Spelling, line, and the first and the last place on the line."""


def single(uris: list[str], part: Part, where: str, faults: Faults) -> list[Item]:
    """The runs that a list of single things makes: in its order, unless they are fewer when it is sorted."""
    runs = _runs(uris, where, faults)
    if len(runs) > 1:
        ordered = _joined(sorted(runs))
        if not _are_apart(runs):
            _tell_twice(uris, where, faults)
        elif len(ordered) < len(runs):
            runs = ordered
    return [Item(part, Run(line, first, last), spelling) for spelling, line, first, last in runs]


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


def _runs(uris: list[str], where: str, faults: Faults) -> list[_Run]:
    """Runs in the order of the list. What differs from the one before in what its line counts is not read anew."""
    found: list[_Run] = []
    stem, spelling, line, first, last = "", "", "", 0, -2
    for place, uri in enumerate(uris):
        if stem and uri[:-COUNTED] == stem and uri[-COUNTED:].isdigit():
            number = int(uri[-COUNTED:])
            if number == last + 1:
                last = number
                continue
            found.append((spelling, line, first, last))
        else:
            if line:
                found.append((spelling, line, first, last))
            thing, spelling = faults.asked(f"{where}/{place}", _single, uri, _NOTHING)
            line, number = thing.line, thing.number
            stem = uri[:-COUNTED] if is_counted_at_end(thing, uri) else ""
        first = last = number
    return _joined([*found, (spelling, line, first, last)]) if line else []


def _joined(runs: list[_Run]) -> list[_Run]:
    """Those that go on where the one before ends, as one."""
    found: list[_Run] = []
    for run in runs:
        if found and found[-1][:2] == run[:2] and found[-1][3] + 1 == run[2]:
            found[-1] = (*found[-1][:3], run[3])
        else:
            found.append(run)
    return found


def _are_apart(runs: list[_Run]) -> bool:
    """Whether no thing is in two of them, however it is spelled."""
    readable = [Run(line, first, last) for _, line, first, last in runs if line != _NOTHING[0].line]
    return sum(map(len, merged(readable))) == sum(map(len, readable))


def _tell_twice(uris: list[str], where: str, faults: Faults) -> None:
    seen: set[str] = set()
    unheard = Faults("")  # what cannot be read was told before
    for place, uri in enumerate(uris):
        text = unheard.asked("", _single, uri, _NOTHING)[0].text
        if text in seen and text != _NOTHING[0].text:
            faults.add(f"{where}/{place}", f"expected each thing once, got {uri!r} twice")
        seen.add(text)


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

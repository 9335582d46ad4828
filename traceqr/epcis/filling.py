"""The members of an event as its document has them, filled in from what else is known where it came in none.

Events that arise by themselves, or from a table, need bring no content: their members say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from traceqr.epcis import members
from traceqr.epcis.ranged import classes
from traceqr.epcis.spelling import write_place, write_thing
from traceqr.instant import to_iso
from traceqr.tracing.event import Event, Item, Part
from traceqr.tracing.thing import on_line

_CLASS_LISTS = {part: name for name, part in members.CLASSES.items()}
_MENTIONS = {
    "transaction": ("bizTransactionList", "bizTransaction"),
    "source": ("sourceList", "source"),
    "destination": ("destinationList", "destination"),
}


def filled(event: Event) -> dict[str, Any]:
    """The content of an event; what it lacks is made from the event's own members."""
    content = dict(_made(event))
    content.update(event.content)
    return content


def _made(event: Event) -> Iterator[tuple[str, Any]]:
    yield "type", members.NAMES[event.kind]
    yield "eventTime", to_iso(event.at_ms)
    yield "eventTimeZoneOffset", "+00:00"
    if event.action:
        yield "action", event.action.value.upper()
    yield from ((name, each) for name, each in _words(event) if each)
    yield from ((name, {"id": write_place(place, "")}) for name, place in _places(event) if place)
    yield from _lists(event)


def _words(event: Event) -> tuple[tuple[str, str], ...]:
    return ("bizStep", event.step), ("disposition", event.disposition), ("transformationID", event.transformation)


def _places(event: Event) -> tuple[tuple[str, str], ...]:
    return ("readPoint", event.read_point), ("bizLocation", event.location)


def _lists(event: Event) -> Iterator[tuple[str, Any]]:
    for kind, (name, member) in _MENTIONS.items():
        told = [mention for mention in event.mentions if mention.kind == kind]
        if told and name not in event.content:
            typed = [{"type": each.type} if each.type else {} for each in told]
            values = [{member: write_place(each.value, "")} for each in told]
            yield name, [{**kind, **value} for kind, value in zip(typed, values, strict=True)]
    if not any(name in event.content for name in members.CLASSES):
        yield from _quantities(classes(event))


def _quantities(items: list[Item]) -> Iterator[tuple[str, Any]]:
    for part in Part:
        told = [_quantity(item) for item in items if item.part is part]
        if told:
            yield _CLASS_LISTS[part], told


def _quantity(item: Item) -> dict[str, Any]:
    uri = write_thing(on_line(item.run.line, item.run.first), item.spelling)
    element: dict[str, Any] = {"epcClass": uri}
    if item.quantity is not None:
        element["quantity"] = float(item.quantity) if "." in item.quantity else int(item.quantity)
    return {**element, "uom": item.unit} if item.unit else element

"""Whether an event is what a query asks for. Pure: what an index does not answer, this does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from traceqr.epcis import members, vocabulary
from traceqr.epcis.context import Declared, Namespaces, in_braces
from traceqr.epcis.encoding import InvalidSpelling
from traceqr.epcis.filling import filled
from traceqr.epcis.given import instant_of
from traceqr.epcis.patterns import begins
from traceqr.epcis.ranged import classes, singles
from traceqr.epcis.wanted import EventQuery, FieldTest, Match, MentionTest, Operator, QuantityTest, Within
from traceqr.instant import InvalidDate
from traceqr.tracing.event import Event, Item
from traceqr.tracing.thing import on_line


def matches(query: EventQuery, event: Event, recorded_ms: int | None = None) -> bool:
    """Whether an event is what is asked for. Where bounds of recording are asked for, `recorded_ms` must be told."""
    return (
        _told(query, event)
        and _timely(query, event, recorded_ms)
        and _placed(query, event)
        and _declared(query, event)
        and all(_has_things(each, event) for each in query.matches)
        and all(_has_quantity(each, event) for each in query.quantities)
        and all(_has_mention(each, event) for each in query.mentions)
        and _has_fields(query, event)
    )


def _among(value: Any, wanted: frozenset[Any]) -> bool:
    return not wanted or value in wanted


def _told(query: EventQuery, event: Event) -> bool:
    return (
        _among(event.kind, query.kinds)
        and _among(event.action, query.actions)
        and _among(event.step, query.steps)
        and _among(event.disposition, query.dispositions)
        and _among(event.id, query.event_ids)
        and _among(event.transformation, query.transformations)
        and _persistent(query.set_dispositions, event, "set")
        and _persistent(query.unset_dispositions, event, "unset")
    )


def _persistent(wanted: frozenset[str], event: Event, name: str) -> bool:
    told = event.content.get("persistentDisposition", {}).get(name, ())
    return not wanted or any(vocabulary.DISPOSITIONS.read(each) in wanted for each in told)


def _timely(query: EventQuery, event: Event, recorded_ms: int | None) -> bool:
    if not _within(event.at_ms, query.since_ms, query.until_ms):
        return False
    if query.recorded_since_ms is None and query.recorded_until_ms is None:
        return True
    return recorded_ms is not None and _within(recorded_ms, query.recorded_since_ms, query.recorded_until_ms)


def _within(at_ms: int, since_ms: int | None, until_ms: int | None) -> bool:
    return (since_ms is None or at_ms >= since_ms) and (until_ms is None or at_ms < until_ms)


def _placed(query: EventQuery, event: Event) -> bool:
    return (
        _among(event.read_point, query.read_points)
        and _lies_in(event.read_point, query.read_points_within)
        and _among(event.location, query.locations)
        and _lies_in(event.location, query.locations_within)
    )


def _lies_in(place: str, wanted: frozenset[str]) -> bool:
    return not wanted or place in wanted or any(place.startswith(f"{each}/") for each in wanted)


def _declared(query: EventQuery, event: Event) -> bool:
    asked = query.in_error or query.reasons or query.corrective
    if not asked and query.declared_since_ms is None and query.declared_until_ms is None:
        return True
    declaration = event.declaration
    return (
        declaration is not None
        and _within(declaration.at_ms, query.declared_since_ms, query.declared_until_ms)
        and _among(declaration.reason, query.reasons)
        and (not query.corrective or not query.corrective.isdisjoint(declaration.corrective))
    )


def _has_things(wanted: Match, event: Event) -> bool:
    among = classes(event) if wanted.classes else singles(event)
    return any(_is_wanted(item, wanted) for item in among if item.part in wanted.parts)


def _is_wanted(item: Item, wanted: Match) -> bool:
    run = item.run
    first, last = on_line(run.line, run.first), on_line(run.line, run.last)
    return any(begins(pattern, run, first, last) for pattern in wanted.patterns)


def _has_quantity(test: QuantityTest, event: Event) -> bool:
    told = (item for item in event.items if item.quantity is not None and test.unit in (None, item.unit))
    return any(_compares(test.operator, float(item.quantity or 0), test.values) for item in told)


def _has_mention(test: MentionTest, event: Event) -> bool:
    return any(
        mention.kind == test.kind and mention.type == test.type and mention.value in test.values
        for mention in event.mentions
    )


def _has_fields(query: EventQuery, event: Event) -> bool:
    if not query.fields:
        return True
    event = replace(event, content=filled(event))
    names = Declared(event.content.get("@context"), "").names
    return all(_has_field(test, event, names) for test in query.fields)


def _has_field(test: FieldTest, event: Event, names: Namespaces) -> bool:
    if not test.name:
        return bool(event.content.get("sensorElementList"))
    if not test.name.startswith("{"):
        return any(_sensed(test, each) for each in _sensor_members(test, event))
    found = (value for each in _whole(test.within, event) for value in _named(test, each, names))
    if test.operator is Operator.EXISTS:
        return any(True for _ in found)
    return any(_fits(test.operator, each, test.values) for each in found)


def _sensor_members(test: FieldTest, event: Event) -> Iterator[dict[str, Any]]:
    for element in event.content.get("sensorElementList", ()):
        if test.within is Within.SENSOR:
            yield element.get("sensorMetadata", {})
        yield from element["sensorReport"]


def _sensed(test: FieldTest, told: dict[str, Any]) -> bool:
    if test.name not in told or (test.unit and told.get("uom") != test.unit):
        return False
    value = told[test.name]
    if test.name == "type":
        value = vocabulary.MEASUREMENTS.read(value)
    return _fits(test.operator, value, test.values)


def _whole(within: Within, event: Event) -> Iterator[dict[str, Any]]:
    """The objects in which a member is looked for."""
    content = event.content
    if within is Within.EVENT:
        yield {name: value for name, value in content.items() if name not in members.STANDARD}
    elif within in (Within.SENSOR, Within.METADATA, Within.REPORT):
        for element in content.get("sensorElementList", ()):
            yield from _of_sensor(within, element)
    else:
        yield content.get(within.value, {})


def _of_sensor(within: Within, element: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if within is Within.REPORT:
        yield from element["sensorReport"]
    else:
        yield element if within is Within.SENSOR else element.get("sensorMetadata", {})


def _named(test: FieldTest, value: dict[str, Any], names: Namespaces) -> Iterator[Any]:
    """The values of all members of the name that is asked for: at the top, or at any depth below it."""
    if not test.inner:
        yield from (each for name, each in value.items() if in_braces(name, names) == test.name)
        return
    for each in value.values():
        yield from _below(test.name, each, names)


def _below(wanted: str, value: Any, names: Namespaces) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (each for name, each in value.items() if in_braces(name, names) == wanted)
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _below(wanted, each, names)


def _fits(operator: Operator, value: Any, wanted: tuple[Any, ...]) -> bool:
    if isinstance(value, list):
        return any(_fits(operator, each, wanted) for each in value)
    if operator is Operator.EQ:
        return any(_same(value, each) for each in wanted)
    if isinstance(wanted[0], str):
        at_ms = _instant(value)
        return at_ms is not None and _compares(operator, at_ms, (instant_of(wanted[0]),))
    number = _number(value)
    return number is not None and _compares(operator, number, wanted)


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(value, bool) or isinstance(wanted, bool):
        return _text(value) == _text(wanted)
    number, other = _number(value), _number(wanted)
    return _text(value) == _text(wanted) or (number is not None and number == other)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: Any) -> float | None:
    try:
        return float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None
    except ValueError:
        return None


def _instant(value: Any) -> int | None:
    try:
        return instant_of(value) if isinstance(value, str) else None
    except (InvalidDate, InvalidSpelling):
        return None


def _compares(operator: Operator, value: float, wanted: tuple[float, ...]) -> bool:
    return value in wanted if operator is Operator.EQ else _ORDERS[operator](value, wanted[0])


_ORDERS: dict[Operator, Callable[[float, float], bool]] = {
    Operator.GT: lambda value, bound: value > bound,
    Operator.GE: lambda value, bound: value >= bound,
    Operator.LT: lambda value, bound: value < bound,
    Operator.LE: lambda value, bound: value <= bound,
}

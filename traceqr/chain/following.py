"""Following things through events: what happened to one, and what it is in.

Everything is found out when it is asked for, from events in the order in which they happened. Events of strangers and
those that were declared to be errors are told and count for nothing. Whatever has no bound in the world has one here;
an answer that met it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from traceqr.chain import arising
from traceqr.chain.deriving import Made, origins
from traceqr.chain.trusting import Trust
from traceqr.registry import trace_events, trace_items
from traceqr.registry.database import Reader
from traceqr.registry.trace_events import Told
from traceqr.tracing.event import Action, EventKind, Part
from traceqr.tracing.run import Run, merged, without
from traceqr.tracing.thing import Thing, on_line

MAX_DEPTH = 24
"""Containers in containers, and transformations one after the other, that are followed."""

MAX_EVENTS = 5_000
"""Events of one history."""

MAX_RUNS = 50_000
"""Runs of things that are followed at once."""

FOREVER_MS = 2**62

_PACKING = (EventKind.AGGREGATION, EventKind.ASSOCIATION)


@dataclass(frozen=True, slots=True)
class Stay:
    """That a thing was in another, from an instant up to, not including, another one."""

    inside: Thing
    from_ms: int
    to_ms: int
    packed_by: int
    """The number of the event that says so."""
    contradicted_by: int | None = None
    """The number of the event that says that the thing is elsewhere, where it ends by that, and nobody said that it was
    taken out.
    """


@dataclass(frozen=True, slots=True)
class Happened:
    """An event in the history of a thing: to it, or to what it was in (`through`, the outermost last)."""

    event: Told
    thing: Thing
    part: Part
    through: tuple[Thing, ...] = ()


@dataclass(slots=True)
class History:
    """What happened to a thing, the earliest first; what it was made of; and whether that is all."""

    thing: Thing
    events: list[Happened] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    complete: bool = True


def history(reader: Reader, thing: Thing, trust: Trust | None = None) -> History:
    """All that is known of one thing or class."""
    found = History(thing)
    _follow_up(reader, found, thing, (), 0, FOREVER_MS)
    found.events = _each_once(found.events)
    found.made, whole = origins(reader, [Run.of(thing)], trust)
    found.complete = found.complete and whole
    return found


def in_time(told: Told) -> tuple[int, int, int]:
    """By what events are put in order: when they happened; of one instant, as they came."""
    return told.at_ms, told.recorded_ms, abs(told.number)


def _each_once(events: Iterable[Happened]) -> list[Happened]:
    """In their order; one that packed a thing into another is told of the thing, and not of the other again."""
    nearest: dict[int, Happened] = {}
    for happened in sorted(events, key=lambda each: len(each.through)):
        nearest.setdefault(happened.event.number, happened)
    return sorted(nearest.values(), key=lambda each: in_time(each.event))


def touches(reader: Reader, runs: Sequence[Run]) -> Iterator[tuple[Told, Part, Run]]:
    """The events that touch runs, with those that arose from acts, and what of the runs they touch; in no order."""
    found = trace_items.touching(reader, runs)
    told = trace_events.by_numbers(reader, {touch.event for touch in found})
    by_line: dict[str, list[Run]] = {}
    for run in runs:
        by_line.setdefault(run.line, []).append(run)
    for touch in found:
        for run in by_line[touch.run.line]:
            if (both := run.cut(touch.run)) is not None:
                yield told[touch.event], touch.part, both
    for arisen in arising.of_lines(reader, by_line):
        for each in arisen.runs:
            for run in by_line[each.line]:
                if (both := run.cut(each)) is not None:
                    yield arisen.told, Part.OBJECT, both


def _follow_up(
    reader: Reader, found: History, thing: Thing, through: tuple[Thing, ...], from_ms: int, to_ms: int
) -> None:
    """Add what happened to a thing in a time, and to what it was in meanwhile."""
    if len(through) > MAX_DEPTH or len(found.events) > MAX_EVENTS:
        found.complete = False
        return
    mine = sorted(touches(reader, [Run.of(thing)]), key=lambda each: in_time(each[0]))
    for told, part, _ in mine:
        if from_ms <= told.at_ms < to_ms:
            found.events.append(Happened(told, thing, part, through))
    for stay in stays_of(reader, mine):
        start, end = max(stay.from_ms, from_ms), min(stay.to_ms, to_ms)
        if start < end and stay.inside not in (*through, thing, found.thing):
            if not through:
                found.stays.append(stay)
            _follow_up(reader, found, stay.inside, (*through, stay.inside), start, end)


def stays_of(reader: Reader, mine: Sequence[tuple[Told, Part, Run]]) -> list[Stay]:
    """What one thing was in, and when, by the events that touch it, in their order."""
    packing = [told for told, part, _ in mine if part is Part.CHILD and told.kind in _PACKING and told.counts]
    parents = {
        number: items[0].run
        for number, items in trace_items.of_events(reader, {told.number for told in packing}, [Part.PARENT]).items()
    }
    stays: list[Stay] = []
    opened: tuple[Thing, Told] | None = None
    for told in packing:
        inside = _only(parents.get(told.number))
        if opened and (told.action is Action.DELETE or inside != opened[0]):
            contradicted_by = None if told.action is Action.DELETE else told.number
            stays.append(_stay(reader, *opened, told.at_ms, contradicted_by))
            opened = None
        if told.action is not Action.DELETE and inside is not None and opened is None:
            opened = (inside, told)
    if opened:
        stays.append(_stay(reader, *opened, FOREVER_MS))
    return stays


def _stay(reader: Reader, inside: Thing, packed: Told, to_ms: int, contradicted_by: int | None = None) -> Stay:
    """A stay that ends at the latest when all is taken out of what it is in."""
    emptied = _emptied_ms(reader, inside, packed.at_ms)
    if emptied <= to_ms:
        return Stay(inside, packed.at_ms, emptied, packed.number)
    return Stay(inside, packed.at_ms, to_ms, packed.number, contradicted_by)


def _emptied_ms(reader: Reader, inside: Thing, after_ms: int) -> int:
    """When something is said to be emptied: an event that takes out of it and names nothing that is taken."""
    mine = trace_items.touching(reader, [Run.of(inside)], [Part.PARENT])
    told = trace_events.by_numbers(reader, {touch.event for touch in mine})
    emptying = [
        event
        for event in told.values()
        if event.kind in _PACKING and event.action is Action.DELETE and event.counts and event.at_ms > after_ms
    ]
    children = trace_items.of_events(reader, {event.number for event in emptying}, [Part.CHILD])
    return min((event.at_ms for event in emptying if event.number not in children), default=FOREVER_MS)


def _only(run: Run | None) -> Thing | None:
    return on_line(run.line, run.first) if run else None


def contents(reader: Reader, thing: Thing, at_ms: int = FOREVER_MS) -> list[Run]:
    """What is in something at an instant, by the events that packed and unpacked it: one level."""
    mine = trace_items.touching(reader, [Run.of(thing)], [Part.PARENT])
    told = trace_events.by_numbers(reader, {touch.event for touch in mine})
    children = trace_items.of_events(reader, told, [Part.CHILD])
    inside: list[Run] = []
    for event in sorted(told.values(), key=in_time):
        if event.kind not in _PACKING or not event.counts or event.at_ms > at_ms:
            continue
        named = [item.run for item in children.get(event.number, ())]
        if event.action is Action.DELETE:
            inside = without(inside, named) if named else []
        else:
            inside = merged([*inside, *named])
    return inside

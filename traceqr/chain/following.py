"""Following things through events: what happened to one, what it is in, what it was made of, and what was made of it.

Everything is found out when it is asked for, from events in the order in which they happened. Events of strangers and
those that were declared to be errors are told and count for nothing. Whatever has no bound in the world has one here;
an answer that met it says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from traceqr.chain import arising
from traceqr.registry import batches, trace_events, trace_items, trace_moves
from traceqr.registry.database import Reader
from traceqr.registry.trace_events import Told
from traceqr.tracing.event import Action, EventKind, Item, Part
from traceqr.tracing.run import Run, merged, without
from traceqr.tracing.thing import Thing, ThingKind, batch_of_line, label_line, on_line

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
    contradicted: bool = False
    """Whether it ends because the thing is said to be elsewhere, and nobody said that it was taken out."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event in the history of a thing: to it, or to what it was in (`through`, the outermost last)."""

    event: Told
    thing: Thing
    part: Part
    through: tuple[Thing, ...] = ()


@dataclass(frozen=True, slots=True)
class Packed:
    """That things (`item`) were in something: the event that says so, and in what (`carrier`)."""

    event: Told
    carrier: Run
    item: Item


@dataclass(frozen=True, slots=True)
class Made:
    """What things were made of: the event of the transformation, its inputs, and what was in these, at any time: the
    outermost first.
    """

    event: Told
    inputs: tuple[Item, ...]
    depth: int
    packed: tuple[Packed, ...] = ()


@dataclass(slots=True)
class History:
    """What happened to a thing, the earliest first; what it was made of; and whether that is all."""

    thing: Thing
    events: list[Happened] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    complete: bool = True


@dataclass(slots=True)
class Reach:
    """Where things have gone: all that was made of them, level by level, and whether that is all."""

    runs: list[Run] = field(default_factory=list)
    events: dict[int, int] = field(default_factory=dict)
    """The numbers of the transformations that led there, and how deep each is, from 1."""
    complete: bool = True


def history(reader: Reader, thing: Thing) -> History:
    """All that is known of one thing or class."""
    found = History(thing)
    _follow_up(reader, found, thing, (), 0, FOREVER_MS)
    found.events = _each_once(found.events)
    found.made, whole = origins(reader, [Run.of(thing)])
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
            is_elsewhere = told.action is not Action.DELETE
            stays.append(_stay(reader, *opened, told.at_ms, contradicted=is_elsewhere))
            opened = None
        if told.action is not Action.DELETE and inside is not None and opened is None:
            opened = (inside, told)
    if opened:
        stays.append(_stay(reader, *opened, FOREVER_MS))
    return stays


def _stay(reader: Reader, inside: Thing, packed: Told, to_ms: int, *, contradicted: bool = False) -> Stay:
    """A stay that ends at the latest when all is taken out of what it is in."""
    emptied = _emptied_ms(reader, inside, packed.at_ms)
    if emptied <= to_ms:
        return Stay(inside, packed.at_ms, emptied, packed.number)
    return Stay(inside, packed.at_ms, to_ms, packed.number, contradicted)


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


def origins(reader: Reader, runs: Sequence[Run]) -> tuple[list[Made], bool]:
    """What things were made of, the last transformation first, and whether that is all. Labels of a batch with a lot
    are made of what the lot was made of; who takes a case for an input takes what is in it.
    """
    made: list[Made] = []
    seen: list[Run] = []
    asked = merged([*runs, *lots_of_labels(reader, runs)])
    for depth in range(1, MAX_DEPTH + 1):
        events = _transformations(reader, asked, Part.OUTPUT)
        fresh = [told for told in events if all(told.number != each.event.number for each in made)]
        inputs = trace_items.of_events(reader, [told.number for told in fresh], [Part.INPUT])
        came = [item.run for items in inputs.values() for item in items]
        packed, within = _unpacked(reader, [run for run in came if not on_line(run.line, run.first).kind.is_class])
        made += [_made(told, inputs.get(told.number, ()), depth, packed) for told in fresh]
        seen += asked
        came += within
        asked = without([*came, *lots_of_labels(reader, came)], seen)
        if not asked:
            return made, True
        if len(made) > MAX_EVENTS or len(asked) > MAX_RUNS:
            return made, False
    return made, False


def _made(told: Told, inputs: Sequence[Item], depth: int, packed: Sequence[Packed]) -> Made:
    """With what was in these inputs of all that was in any."""
    known = [item.run for item in inputs]
    mine = []
    for one in packed:
        if any(one.carrier.cut(run) for run in known):
            mine.append(one)
            known.append(one.item.run)
    return Made(told, tuple(inputs), depth, tuple(mine))


def reach(reader: Reader, seeds: Sequence[Run], first_by: Collection[str] | None = None) -> Reach:
    """All that was made of things, however often it was transformed. Labels of batches that carry a lot that is reached
    are reached; the seeds are in the answer. Of the things themselves only what enterprises of `first_by` say to have
    made is followed, where that is given.
    """
    found = Reach()
    asked = merged([*seeds, *labels_of_lots(reader, seeds)])
    for depth in range(1, MAX_DEPTH + 1):
        found.runs = merged([*found.runs, *asked])
        events = _transformations(reader, [*asked, *carriers_of(reader, asked)], Part.INPUT)
        if first_by is not None and depth == 1:
            events = [told for told in events if told.enterprise_id in first_by]
        fresh = [told.number for told in events if told.number not in found.events]
        found.events |= dict.fromkeys(fresh, depth)
        outputs = trace_items.of_events(reader, fresh, [Part.OUTPUT])
        came = [item.run for items in outputs.values() for item in items]
        asked = without([*came, *labels_of_lots(reader, came)], found.runs)
        if not asked:
            return found
        if len(found.runs) > MAX_RUNS:
            break
    found.runs = merged([*found.runs, *asked])
    found.complete = False
    return found


def _transformations(reader: Reader, runs: Sequence[Run], part: Part) -> list[Told]:
    """The transformations that runs have a part in, with all events that belong to them."""
    numbers = {touch.event for touch in trace_items.touching(reader, runs, [part])}
    told = {number: each for number, each in trace_events.by_numbers(reader, numbers).items() if each.counts}
    more = trace_events.sharing(reader, told.values()) - set(told)
    told |= {number: each for number, each in trace_events.by_numbers(reader, more).items() if each.counts}
    return sorted(told.values(), key=lambda each: (-each.at_ms, each.number))


def carriers_of(reader: Reader, runs: Sequence[Run]) -> list[Run]:
    """What runs were packed into, at any time, however deep: who takes a case for an input takes what is in it."""
    carriers: list[Run] = []
    asked = list(runs)
    for _ in range(MAX_DEPTH):
        asked = without(trace_moves.carriers(reader, asked), [*carriers, *runs])
        if not asked:
            break
        carriers = merged([*carriers, *asked])
    return carriers


def labels_of_lots(reader: Reader, runs: Iterable[Run]) -> list[Run]:
    """The labels of the batches that carry lots."""
    by_gtin: dict[str, list[str]] = {}
    for run in runs:
        if run.line.startswith(f"{ThingKind.LOT}/"):
            thing = on_line(run.line, 0)
            by_gtin.setdefault(thing.gtin or "", []).append(thing.qualifier)
    return [
        Run(label_line(gtin, number), 0, count - 1)
        for gtin, lots in by_gtin.items()
        for number, count in batches.of_lots(reader, gtin, sorted(set(lots)))
    ]


def lots_of_labels(reader: Reader, runs: Iterable[Run]) -> list[Run]:
    """The lots that the batches of labels carry."""
    numbers = {number for run in runs if (number := batch_of_line(run.line)) is not None}
    return merged(
        Run.of(Thing.lot(batch.gtin, batch.lot))
        for batch in batches.by_numbers(reader, numbers).values()
        if batch.lot and batch.lot == batch.lot.strip()
    )


def sources(reader: Reader, runs: Sequence[Run]) -> tuple[list[Run], bool]:
    """All that `reach` would lead from to these runs, with themselves: what they were made of, what was in that, and
    the lots of labels. And whether that is all, but for what is further away than `reach` goes.
    """
    found: list[Run] = []
    asked = merged([*runs, *lots_of_labels(reader, runs)])
    for _ in range(MAX_DEPTH + 2):
        found = merged([*found, *asked])
        within = inside(reader, asked, found)
        found = merged([*found, *within])
        events = _transformations(reader, [*asked, *within], Part.OUTPUT)
        inputs = trace_items.of_events(reader, [told.number for told in events], [Part.INPUT])
        came = [item.run for items in inputs.values() for item in items]
        asked = without([*came, *lots_of_labels(reader, [*within, *came])], found)
        if not asked or len(found) > MAX_RUNS:
            break
    return found, len(found) <= MAX_RUNS


def inside(reader: Reader, runs: Sequence[Run], known: Sequence[Run] = ()) -> list[Run]:
    """What was packed into runs, at any time, however deep."""
    return _unpacked(reader, runs, known)[1]


def _unpacked(reader: Reader, runs: Sequence[Run], known: Sequence[Run] = ()) -> tuple[list[Packed], list[Run]]:
    """By which events that was, the outermost first, and what it was without what is known."""
    packed: list[Packed] = []
    within: list[Run] = []
    asked = list(runs)
    for _ in range(MAX_DEPTH):
        numbers = {touch.event for touch in trace_items.touching(reader, asked, [Part.PARENT])}
        told = {number: each for number, each in trace_events.by_numbers(reader, numbers).items() if each.counts}
        items = trace_items.of_events(reader, told, [Part.PARENT, Part.CHILD])
        packed += [one for number, each in items.items() for one in _packed(told[number], each)]
        children = (item.run for each in items.values() for item in each if item.part is Part.CHILD)
        asked = without(children, [*within, *known])
        if not asked:
            break
        within = merged([*within, *asked])
    return packed, within


def _packed(told: Told, items: Sequence[Item]) -> list[Packed]:
    carriers = [item.run for item in items if item.part is Part.PARENT]
    return [Packed(told, carrier, item) for carrier in carriers for item in items if item.part is Part.CHILD]


def leads_on(reader: Reader, carriers: Sequence[Run]) -> bool:
    """Whether something was made of carriers, or of what they were packed into: then it was made of what is in them."""
    if not trace_items.are_carriers_taken(reader):
        return False
    asked = merged([*carriers, *carriers_of(reader, carriers)])
    return bool(trace_items.touching(reader, asked, [Part.INPUT]))


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

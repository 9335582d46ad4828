"""Telling: the way of a thing in a few lines for everybody, from public events alone, with what is missing said. Pure.

| is told | where |
| --- | --- |
| what happened to the thing | the event is public and counts |
| what happened to what it was in | and so does each event that packed one thing into the next |
| what it was made of, and what happened to that before | and so does each transformation on the way there |

What was in a case that was used is told where the events that packed it are for everybody too.
So nothing follows here from an event that is not for everybody. What happened to materials after they were used is not
of this thing any more. Strangers and declared errors are left out.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from traceqr.chain.deriving import Made
from traceqr.chain.following import FOREVER_MS, Happened, History
from traceqr.registry.trace_events import Told
from traceqr.tracing.event import Action, Audience, EventKind, Item, Part, Standing
from traceqr.tracing.run import Run, merged
from traceqr.tracing.thing import Thing, ThingKind, on_line

MAX_LINES = 100
"""Lines of one story; what is more is said to be more."""

MAX_NAMED = 12
"""Sorts of things that one line names."""

LATE_MS = 7 * 24 * 3_600_000
"""An event that was stated so long after it happened was stated late."""

MADE, ACTIVATED, VOIDED, USED = "made", "activated", "voided", "used"
"""What lines tell that is no step of the CBV."""

_PACKING = (EventKind.AGGREGATION, EventKind.ASSOCIATION)
_LEAVING = frozenset({"shipping", "departing"})
_ON_THE_WAY = frozenset({"packing", "unpacking", "loading", "transporting", "staging_outbound", "departing", ACTIVATED})


class Gap(enum.StrEnum):
    """What a story lacks."""

    ORIGIN = "origin"
    """What the thing was made of."""
    BETWEEN = "between"
    """Where it was after it left one place and before it left the next."""
    ARRIVAL = "arrival"
    """Where it arrived after it left."""
    CONTRADICTED = "contradicted"
    """How it came out of what it was in: it is said to be elsewhere."""


@dataclass(frozen=True, slots=True)
class Named:
    """Things of one sort that a line names: of a product, so many single ones, or a quantity of a class."""

    kind: ThingKind
    gtin: str | None
    lot: str = ""
    count: int = 0
    quantity: str | None = None
    unit: str = ""
    text: str = ""
    """The thing's own spelling, where the line names one alone."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a story: something that happened, or (`gap`) something that is missing there."""

    at_ms: int
    what: str = ""
    """A step as events spell it, or one of `MADE`, `ACTIVATED`, `VOIDED`, `USED`."""
    gap: Gap | None = None
    place: str = ""
    """As events spell places; empty where none was told."""
    by: str = ""
    """The enterprise that states it."""
    standing: Standing = Standing.OWNER
    recorded_ms: int = 0
    event_id: str = ""
    disposition: str = ""
    subject: Named | None = None
    """What it happened to, where that is a material or the lot, and not the thing itself."""
    things: tuple[Named, ...] = ()
    """What was used, or what was packed."""
    through: tuple[Thing, ...] = ()
    """What the thing was in then, the outermost last."""
    kind: EventKind | None = field(default=None, compare=False)
    action: Action = field(default=Action.NONE, compare=False)
    step: str = field(default="", compare=False)
    """As the event has it; of events that arose by themselves too."""

    @property
    def is_late(self) -> bool:
        """Whether it was stated long after it happened."""
        return self.recorded_ms - self.at_ms > LATE_MS


@dataclass(frozen=True, slots=True)
class Story:
    """The lines about a thing in the order in which things happened, and whether that is all that is public."""

    thing: Thing
    lines: tuple[Line, ...]
    complete: bool = True


@dataclass(slots=True)
class Facts:
    """What a story is made from. `items` are those of the history's events; `lots` are the lots that a label is of."""

    history: History
    items: Mapping[int, Sequence[Item]]
    lots: Sequence[Run] = ()
    upstream: Sequence[tuple[Told, Part, Run]] = field(default_factory=tuple)
    """The events that touch `materials` and `lots`."""


def is_public(told: Told) -> bool:
    """Whether everybody is told of an event, and something follows from it."""
    return told.audience is Audience.PUBLIC and told.counts


def happenings(history: History, items: Mapping[int, Sequence[Item]]) -> list[Happened]:
    """What is told of what happened to the thing, and to what it was in by what everybody may know."""
    known = {history.thing}
    kept: list[Happened] = []
    for each in sorted(history.events, key=lambda one: len(one.through)):
        if not is_public(each.event) or not known.issuperset(each.through):
            continue
        kept.append(each)
        if each.part is Part.CHILD and each.event.kind in _PACKING:
            known |= {on_line(run.line, run.first) for run in _runs(items, each.event, Part.PARENT)}
    order = {id(each): place for place, each in enumerate(history.events)}
    return sorted(kept, key=lambda one: order[id(one)])


def origins(facts: Facts) -> tuple[list[Made], dict[str, int]]:
    """The transformations that are told, and until when each line of their inputs is followed: until it was used."""
    asked: list[Run] = [Run.of(facts.history.thing), *facts.lots]
    until: dict[str, int] = {}
    told: list[Made] = []
    for made in _by_depth(facts.history.made):
        shared = {one.event.transformation for one in made if _makes(facts.items, one, asked)} - {None}
        public = [one for one in made if _makes(facts.items, one, asked) or one.event.transformation in shared]
        told += public
        for one in public:
            for item in used(one):
                until[item.run.line] = max(until.get(item.run.line, 0), one.event.at_ms)
        came = [item.run for one in public for item in used(one)]
        asked = merged([*asked, *came])
    return told, until


def used(made: Made) -> list[Item]:
    """What was used, with what everybody may know to have been in that."""
    items = list(made.inputs)
    for one in made.packed:
        if is_public(one.event) and any(one.carrier.cut(item.run) for item in items):
            items.append(one.item)
    return items


def materials(facts: Facts) -> list[Run]:
    """What the thing was made of, as far as that is told."""
    return merged(item.run for made in origins(facts)[0] for item in used(made))


def told(facts: Facts) -> Story:
    """The story."""
    history = facts.history
    made, until = origins(facts)
    happened = [line for each in happenings(history, facts.items) if (line := _own(facts, each)) is not None]
    own = _with_gaps([*_as_owned(happened), *_contradictions(facts)])
    made_of = [_made(facts, one) for one in made]
    lots = {run.line for run in facts.lots}
    before = [
        _upstream(event, run)
        for event, part, run in facts.upstream
        if _is_upstream(event, part) and event.at_ms <= (FOREVER_MS if run.line in lots else until.get(run.line, 0))
    ]
    said = sorted(_each_once(before, own), key=lambda line: line.at_ms)
    room = max(0, MAX_LINES - len(own) - len(made_of))  # what happened to materials gives way
    lines = sorted([*said[:room], *made_of, *own], key=lambda line: line.at_ms)
    if not made and history.thing.kind is ThingKind.ITEM:
        lines.insert(0, Line(lines[0].at_ms if lines else 0, gap=Gap.ORIGIN))
    is_all = history.complete and len(said) <= room and len(lines) <= MAX_LINES
    return Story(history.thing, tuple(lines[:MAX_LINES]), is_all)


def named(items: Iterable[Item]) -> tuple[Named, ...]:
    """What a line says of items: single things of a product are counted, lots and quantities stay by themselves."""
    found: dict[tuple[object, ...], Named] = {}
    for item in items:
        thing = on_line(item.run.line, item.run.first)
        if thing.kind.is_class:
            found[thing.text, item.quantity, item.unit] = _class_of(thing, item)
            continue
        key = (thing.kind, thing.gtin)
        before = found.get(key)
        count = len(item.run) + (before.count if before else 0)
        found[key] = Named(thing.kind, thing.gtin, count=count, text=thing.text if count == 1 else "")
    return tuple(found.values())[:MAX_NAMED]


def _class_of(thing: Thing, item: Item) -> Named:
    return Named(thing.kind, thing.gtin, thing.qualifier, quantity=item.quantity, unit=item.unit, text=thing.text)


def _runs(items: Mapping[int, Sequence[Item]], event: Told, part: Part) -> list[Run]:
    return [item.run for item in items.get(event.number, ()) if item.part is part]


def _by_depth(made: Sequence[Made]) -> list[list[Made]]:
    depths = sorted({one.depth for one in made})
    return [[one for one in made if one.depth == depth and is_public(one.event)] for depth in depths]


def _makes(items: Mapping[int, Sequence[Item]], made: Made, asked: Sequence[Run]) -> bool:
    """Whether a transformation made any of what is asked for; labels are made of what their lot is made of."""
    return any(run.cut(one) is not None for run in _runs(items, made.event, Part.OUTPUT) for one in asked)


def _own(facts: Facts, each: Happened) -> Line | None:
    """The line of an event of the thing; None where it tells nothing of it."""
    event = each.event
    if event.kind is EventKind.TRANSFORMATION:
        return replace(_line(event, USED), through=each.through) if each.part is Part.INPUT else None
    if event.step == "encoding" and event.number < 0:
        return None
    packed = [item for item in facts.items.get(event.number, ()) if item.part is Part.CHILD]
    if each.through and each.part is Part.PARENT and (packed or event.action is not Action.DELETE):
        return None  # something else was packed into what it was in
    what = _ARISEN.get(event.step, event.step) if event.number < 0 else event.step
    return replace(_line(event, what), through=each.through, things=named(packed) if each.part is Part.PARENT else ())


_ARISEN = {"commissioning": ACTIVATED, "decommissioning": VOIDED}


def _line(event: Told, what: str) -> Line:
    return Line(
        at_ms=event.at_ms,
        what=what,
        place=event.location or event.read_point,
        by=event.enterprise_id,
        standing=event.standing,
        recorded_ms=event.recorded_ms,
        event_id=event.event_id,
        disposition=event.disposition,
        kind=event.kind,
        action=event.action,
        step=event.step,
    )


def _made(facts: Facts, made: Made) -> Line:
    outputs = [item for item in facts.items.get(made.event.number, ()) if item.part is Part.OUTPUT]
    subject = named(outputs)[:1] if made.depth > 1 else ()
    return replace(_line(made.event, MADE), things=named(used(made)), subject=subject[0] if subject else None)


def _is_upstream(event: Told, part: Part) -> bool:
    return (
        is_public(event) and event.number > 0 and event.kind is not EventKind.TRANSFORMATION and part is not Part.PARENT
    )


def _upstream(event: Told, run: Run) -> Line:
    thing = on_line(run.line, run.first)
    subject = Named(thing.kind, thing.gtin, thing.qualifier if thing.kind is ThingKind.LOT else "", text=thing.text)
    return replace(_line(event, event.step), subject=subject)


def _as_owned(lines: Sequence[Line]) -> list[Line]:
    """Each event once: where several state the same, the owner's word, or who was the first."""
    told: dict[str, Line] = {}
    for line in sorted(lines, key=lambda one: (one.standing is not Standing.OWNER, one.recorded_ms)):
        told.setdefault(line.event_id, line)
    return [line for line in lines if told[line.event_id] is line]


def _each_once(lines: Iterable[Line], told: Iterable[Line]) -> list[Line]:
    """An event over many materials is told once, and one that is told of the thing itself not again."""
    found: dict[str, Line] = {}
    for line in lines:
        found.setdefault(line.event_id, line)
    for line in told:
        found.pop(line.event_id, None)
    return list(found.values())


def _contradictions(facts: Facts) -> list[Line]:
    """Where everybody may know that the thing is said to be elsewhere, and nobody said that it was taken out."""
    public = {each.event.number for each in happenings(facts.history, facts.items)}
    return [
        Line(stay.to_ms, gap=Gap.CONTRADICTED, through=(stay.inside,))
        for stay in facts.history.stays
        if stay.contradicted_by in public and stay.packed_by in public
    ]


def _with_gaps(own: Sequence[Line]) -> list[Line]:
    """The lines with what is missing between them: it left, and nobody said where it came to."""
    found: list[Line] = []
    left: Line | None = None
    for line in sorted(own, key=lambda one: (one.at_ms, one.gap is None)):
        if left and line.gap is None and line.what in _LEAVING and (line.place, line.by) != (left.place, left.by):
            found.append(Line(line.at_ms, gap=Gap.BETWEEN, place=left.place))
        found.append(line)
        if line.what in _LEAVING:
            left = line
        elif line.gap is None and line.what not in _ON_THE_WAY:
            left = None
    return [*found, Line(found[-1].at_ms, gap=Gap.ARRIVAL, place=left.place)] if left else found

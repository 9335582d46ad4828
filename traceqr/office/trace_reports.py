"""Reports about a thing that was traced, for regulators and partners: all that is told of it with the events that this
rests on, when and for whom it was made; and those events as a document of EPCIS 2.0.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from traceqr.chain import arising, following
from traceqr.chain.arising import Arisen
from traceqr.chain.retelling import Found, retold
from traceqr.chain.telling import Named as Sort
from traceqr.chain.telling import named
from traceqr.chain.tracking import SENDING
from traceqr.epcis import writing
from traceqr.office.tracking import Looked, Named, TraceFile, TrackingOffice, body_names, product_names
from traceqr.registry import enterprises, ledger, locations, organisations, trace_events, trace_items
from traceqr.registry.database import Reader
from traceqr.registry.trace_events import Told
from traceqr.tracing.run import Run
from traceqr.tracing.thing import ThingKind

__all__ = ("SENDING", "Lack", "ReportOffice", "Statement", "TraceReport")

MAX_EVENTS = 2_000
"""Events that a report rests on; of more it says so. So many are captured at once too."""

MAX_RUNS = 50
"""Runs of one event that a report names."""

MAX_WEIGHT = 32_000_000
"""Characters and things of a document of events."""

_CHUNK = 100
_THING_WEIGHT = 40


class Lack(enum.StrEnum):
    """What a report cannot tell, since no event that may be told does."""

    ORIGIN = "origin"
    """What the thing was made of."""
    SUPPLIER = "supplier"
    """Who supplied it, or what it was made of."""
    ARRIVAL = "arrival"
    """Where it arrived after it was sent."""
    PLACE = "place"
    """Where labels are."""
    CONTRADICTED = "contradicted"
    """How it came out of what it was in: it is said to be elsewhere."""


@dataclass(frozen=True, slots=True)
class Statement:
    """An event, and the things that it names: by sorts, and as runs."""

    event: Told
    things: tuple[Sort, ...]
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class TraceReport:
    """What is told of a thing; when, by what state of the ledger and for whom it was found out. `events` is how many
    events it rests on, `statements` are those of them that it names.
    """

    asked: str
    file: TraceFile
    made_ms: int
    position: int
    viewer: Named
    events: int
    statements: Sequence[Statement]
    lacks: Sequence[Lack]


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A document of events in chunks, and whether all are in it that a report rests on."""

    chunks: Iterator[str]
    complete: bool


@dataclass(frozen=True, slots=True)
class ReportOffice(TrackingOffice):
    """Reports, for those who may trace a thing, of what they may be told of it."""

    def report(self, text: str) -> TraceReport:
        """All that is told of a thing. Raises `ActRefused` and `Absent`, as `trace` does."""
        with self.house.database.snapshot() as reader:
            looked = self._looked(reader, text)
            events = _events(reader, looked)
            shown = sorted(events.values(), key=following.in_time)[:MAX_EVENTS]
            statements = _statements(reader, shown, _arisen(reader, looked))
            return TraceReport(
                asked=text,
                file=_named(reader, looked.file, statements),
                made_ms=self.house.clock(),
                position=ledger.next_position(reader) - 1,
                viewer=self._viewer(reader),
                events=len(events),
                statements=statements,
                lacks=list(_lacks(looked)),
            )

    def document(self, text: str) -> Exchanged:
        """The events that a report rests on. Raises as `report` does."""
        with self.house.database.snapshot() as reader:
            looked = self._looked(reader, text)
            events = list(_events(reader, looked).values())
            told, complete = _retold(reader, events[:MAX_EVENTS], _arisen(reader, looked))
        chunks = writing.document(told, self.house.clock())
        return Exchanged(chunks, complete and len(events) <= MAX_EVENTS)

    def _viewer(self, reader: Reader) -> Named:
        """The enterprise or the body for which a report is made."""
        if self.identity.enterprise is not None:
            enterprise = enterprises.by_id(reader, self.identity.enterprise)
            return Named(enterprise.name_zh, enterprise.name_en) if enterprise else Named()
        body = organisations.by_id(reader, self.identity.organisation or "")
        return Named(body.name_zh, body.name_en) if body else Named()


def _events(reader: Reader, looked: Looked) -> dict[int, Told]:
    """The events that may be told, by their numbers: those of the thing first, then those of what it was made of and of
    who supplied that, of what was made of it, and of where that is.
    """
    file, tracked = looked.file, looked.tracked
    own = [each.event for each in looked.history.events] + [made.event for made in looked.made]
    own += [each.event for made in looked.made for each in made.packed]
    found = {each.number: each for each in own}
    handed = [hand.event for hand in (*file.hands, *file.steps.up, *file.steps.down)]
    more = dict.fromkeys([*handed, *tracked.transformations, *sorted(tracked.stops)])
    numbers = [number for number in more if number > 0 and number not in found]
    fetched = trace_events.by_numbers(reader, numbers)
    found |= {number: fetched[number] for number in numbers if number in fetched}
    return {
        number: each
        for number, each in found.items()
        if each.counts and looked.telling(each.enterprise_id, each.audience)
    }


def _arisen(reader: Reader, looked: Looked) -> dict[int, Arisen]:
    return {each.told.number: each for each in arising.of_lines(reader, [looked.file.thing.line])}


def _statements(reader: Reader, events: Sequence[Told], arisen: Mapping[int, Arisen]) -> list[Statement]:
    held = trace_items.of_events(reader, [each.number for each in events if each.number > 0])
    held |= {number: each.items for number, each in arisen.items()}
    return [
        Statement(each, named(items), tuple(item.run for item in items[:MAX_RUNS]))
        for each in events
        for items in [held.get(each.number, [])]
    ]


def _named(reader: Reader, file: TraceFile, statements: Iterable[Statement]) -> TraceFile:
    """With the names of all that events name."""
    listed = list(statements)
    gtins = {sort.gtin for each in listed for sort in each.things} - set(file.products)
    bodies = {each.event.enterprise_id for each in listed} - set(file.bodies)
    keys = {each.event.location or each.event.read_point for each in listed} - set(file.places) - {""}
    return replace(
        file,
        products={**file.products, **product_names(reader, gtins, {*bodies, *file.bodies})},
        bodies={**file.bodies, **body_names(reader, bodies)},
        places={**file.places, **locations.by_keys(reader, keys)},
    )


def _retold(reader: Reader, events: Sequence[Told], arisen: Mapping[int, Arisen]) -> tuple[list[writing.Told], bool]:
    """Events in full, in the order of time, as many as are not too heavy together."""
    told: list[writing.Told] = []
    weight = 0
    for start in range(0, len(events), _CHUNK):
        found = [Found(each, arisen.get(each.number)) for each in events[start : start + _CHUNK]]
        for each in retold(reader, found):
            weight += len(str(each.event.content)) + _THING_WEIGHT * len(each.event.items)
            if weight > MAX_WEIGHT:
                return _in_time(told), False
            told.append(each)
    return _in_time(told), True


def _in_time(told: Iterable[writing.Told]) -> list[writing.Told]:
    return sorted(told, key=lambda each: (each.event.at_ms, each.recorded_ms or 0))


def _lacks(looked: Looked) -> Iterator[Lack]:
    file, history = looked.file, looked.history
    if not file.inputs and file.thing.kind is ThingKind.ITEM:
        yield Lack.ORIGIN
    if not file.steps.up:
        yield Lack.SUPPLIER
    if file.hands and file.hands[-1].step in SENDING:
        yield Lack.ARRIVAL
    if any(spot.labels and not (spot.place or spot.to) for spot in file.spots):
        yield Lack.PLACE
    if all(looked.telling(each.event.enterprise_id, each.event.audience) for each in history.events) and any(
        stay.contradicted_by for stay in history.stays
    ):
        yield Lack.CONTRADICTED

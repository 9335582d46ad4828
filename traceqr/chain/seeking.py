"""Seeking: events that an enterprise asks for, page by page, of those that it may be told of.

| it is told of | by what audience |
| --- | --- |
| its own events | all |
| those of an enterprise that has named it a partner | public, partners |
| those of a partner that it has named, about its things | public, partners |
| those of anybody about its things | public |
| those of anybody, asked for by the id of a thing or of the event | public |

Events that arise from acts on labels are among them. Pages are cut in the order of the events, of those that there were
when the first page was asked for: what comes meanwhile changes none of them.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from traceqr.chain import arising
from traceqr.chain.arising import Arisen
from traceqr.chain.retelling import Found, retold
from traceqr.epcis.matching import matches
from traceqr.epcis.problem import ExceptionType, refused
from traceqr.epcis.wanted import EventQuery, Match, OrderBy
from traceqr.epcis.writing import Told as Telling
from traceqr.registry import ledger, partners, trace_events, trace_search
from traceqr.registry.database import Reader
from traceqr.registry.trace_events import Told
from traceqr.registry.trace_search import EVER_MS, Key, Span
from traceqr.tracing.event import Audience, EventKind
from traceqr.tracing.run import Run

PAGE = 30
"""Events of a page where nothing is said."""

MAX_LOOKED = 20_000
"""Events that are looked at for one page; one that met this bound ends early, and says where the next begins."""

MAX_CANDIDATES = 20_000
"""Events that name one of the things that are asked for."""

MAX_NARROWED = 20
"""Values of a step or a place that are looked up one by one."""

MAX_WEIGHT = 8_000_000
"""Characters and things of a page: one of heavy events ends early."""

_CHUNK = 100
_THING_WEIGHT = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page begins: behind an event, among those that there were by a number and a position; `left` are told.
    `first_number` and `first_position` are those that are known already.
    """

    key: Key | None
    last_number: int
    last_position: int
    left: int | None = None
    first_number: int = 0
    first_position: int = -1
    first_ms: int = -EVER_MS
    """Nothing that comes behind these was recorded before."""


@dataclass(frozen=True, slots=True)
class Page:
    """Events in their order, and where the next page begins; None at the end."""

    events: Sequence[Telling]
    next: Mark | None


def search(reader: Reader, enterprise_id: str, query: EventQuery, mark: Mark | None = None) -> Page:
    """A page of what an enterprise asks for. Raises `Refused`, where it is too much."""
    if mark is None:
        mark = here(reader, query.count_limit)
        if query.most is not None:
            _require_few(reader, enterprise_id, query, mark)
    left = EVER_MS if mark.left is None else mark.left
    return _Search(reader, enterprise_id, query, mark).page(min(query.per_page or PAGE, left), left)


def here(reader: Reader, left: int | None = None) -> Mark:
    """The place before all that there is now."""
    return Mark(None, trace_search.last_number(reader), ledger.next_position(reader) - 1, left)


def since(reader: Reader, mark: Mark) -> Mark:
    """The place before all that has come since a mark was `here`."""
    known = trace_events.by_numbers(reader, [mark.last_number]).get(mark.last_number)
    return replace(
        here(reader),
        first_number=mark.last_number,
        first_position=mark.last_position,
        first_ms=known.recorded_ms if known else -EVER_MS,
    )


def by_id(reader: Reader, enterprise_id: str, event_id: str, number: int | None = None) -> Telling | None:
    """The event of an id, of several enterprises' the own or the one of a `number`; None where none may be told of."""
    query = EventQuery(event_ids=frozenset({event_id}), descending=False)
    found = list(_Search(reader, enterprise_id, query, here(reader)).candidates())
    own = (each for each in found if each.told.enterprise_id == enterprise_id)
    numbered = (each for each in found if each.told.number == number)
    first = next(numbered, None) if number else next(own, found[0] if found else None)
    return retold(reader, [first])[0] if first else None


def _require_few(reader: Reader, enterprise_id: str, query: EventQuery, mark: Mark) -> None:
    """Refuse a query that finds more than `maxEventCount`."""
    most = query.most or 0
    looking = _Search(reader, enterprise_id, query, mark)
    count = sum(1 for _ in islice(looking.found(), most + 1))
    if count > most:
        raise refused(ExceptionType.QUERY_TOO_LARGE, f"expected at most {most:,} events, there are more")
    if looking.stopped:
        raise _too_complex()


def _too_complex() -> Exception:
    message = f"expected a query that is answered by looking at {MAX_LOOKED:,} events, got one that needs more"
    return refused(ExceptionType.QUERY_TOO_COMPLEX, f"{message}: name things, a step, a place or times")


@dataclass
class _Asker:
    """An enterprise, and whom it has to do with."""

    reader: Reader
    id: str
    named_by: frozenset[str] = field(init=False)
    partners: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.named_by = frozenset(partners.naming(self.reader, self.id))
        self.partners = frozenset(row["partner_id"] for row in partners.of_enterprise(self.reader, self.id))

    def is_told(self, told: Told, *, concerned: bool, by_name: bool) -> bool:
        """Whether it may be told of an event that concerns its things, or that it asks for by name."""
        if told.enterprise_id == self.id:
            return True
        if told.audience is Audience.REGULATORS:
            return False
        if told.enterprise_id in self.named_by or (concerned and told.enterprise_id in self.partners):
            return True
        return told.audience is Audience.PUBLIC and (concerned or by_name)


class _Search:
    """One page under way."""

    def __init__(self, reader: Reader, enterprise_id: str, query: EventQuery, mark: Mark) -> None:
        self._reader, self._query, self._mark = reader, query, mark
        self._asker = _Asker(reader, enterprise_id)
        self._span = _span(query, mark)
        self.stopped: Key | None = None
        """Behind which event nothing was looked at, since it was too much."""

    def page(self, most: int, left: int) -> Page:
        """So many events at most."""
        events: list[Telling] = []
        last, weight = self._mark.key, 0
        for key, telling in self.found():
            if len(events) == most or (events and weight > MAX_WEIGHT):
                return Page(events, self._next(last, left - len(events)))
            events.append(telling)
            last, weight = key, weight + _weight(telling)
        return Page(events, self._next(self.stopped, left - len(events)) if self.stopped else None)

    def _next(self, key: Key | None, left: int) -> Mark | None:
        if self._mark.left is None:
            return replace(self._mark, key=key)
        return replace(self._mark, key=key, left=left) if left > 0 else None

    def found(self) -> Iterator[tuple[Key, Telling]]:
        """All events that are asked for and may be told, each with its place."""
        looked = self._looked_at()
        while some := list(islice(looked, _CHUNK)):
            for found, telling in zip(some, retold(self._reader, some), strict=True):
                if matches(self._query, telling.event, telling.recorded_ms):
                    yield self._span.key(found.told), telling

    def _looked_at(self) -> Iterator[Found]:
        """Those that may be it by what their row says."""
        last: Key | None = None
        for count, found in enumerate(self.candidates()):
            if count == MAX_LOOKED:
                self.stopped = last
                return
            last = self._span.key(found.told)
            if _may_be(self._query, found.told):
                yield found

    def candidates(self) -> Iterator[Found]:
        """What may be it, and may be told."""
        numbers = _named(self._reader, self._query)
        yield from self._streamed() if numbers is None else self._known(numbers)

    # --- by what events name

    def _known(self, numbers: set[int]) -> Iterator[Found]:
        """The events of these numbers, and those that arose about the same things, in order."""
        told = trace_events.by_numbers(self._reader, numbers).values()
        about_own = trace_search.concerned(self._reader, self._asker.id, numbers)
        by_name = _is_by_name(self._query)
        found = [
            Found(each)
            for each in told
            if self._span.first_number < each.number <= self._span.last_number
            and self._asker.is_told(each, concerned=each.number in about_own, by_name=by_name)
        ]
        found += [
            Found(each.told, each)
            for each in self._arisen_by_name()
            if self._asker.is_told(each.told, concerned=False, by_name=by_name) and self._was_there(each.told)
        ]
        yield from self._in_order(found)

    def _in_order(self, found: Iterable[Found]) -> list[Found]:
        low, high = self._span.bounds
        placed = [(self._span.key(each.told), each) for each in found]
        kept = [each for each in placed if low <= each[0][0] <= high and self._span.has(each[0])]
        return [each for _, each in sorted(kept, key=lambda pair: pair[0], reverse=self._span.descending)]

    def _arisen_by_name(self) -> list[Arisen]:
        if not _may_have_arisen(self._query):
            return []
        if self._query.event_ids:
            found = (arising.by_id(self._reader, each) for each in sorted(self._query.event_ids))
            return [each for each in found if each]
        runs = _exact(self._query)
        return arising.of_lines(self._reader, sorted({run.line for run in runs})) if runs else []

    def _was_there(self, told: Told) -> bool:
        return self._span.first_position < -told.number // arising.BATCHES <= self._span.last_position

    # --- by whom they concern

    def _streamed(self) -> Iterator[Found]:
        streams = [self._own(self._asker.id)]
        streams += [self._own(each, to_partner=True) for each in sorted(self._asker.named_by)]
        streams.append(self._of_others())
        if _may_have_arisen(self._query):
            streams += [self._arisen(each) for each in (self._asker.id, *sorted(self._asker.named_by))]
        key: Callable[[Found], Key] = lambda found: self._span.key(found.told)  # noqa: E731 - has a type so
        yield from heapq.merge(*streams, key=key, reverse=self._span.descending)

    def _own(self, enterprise_id: str, *, to_partner: bool = False) -> Iterator[Found]:
        """What an enterprise states, by the narrowest index."""
        column, wanted = _narrowest(self._query)
        narrowed = [(column, each) for each in sorted(wanted)] if column and not self._span.recorded else [None]
        streams = [self._chunks(_of_enterprise(enterprise_id, each)) for each in narrowed]
        key: Callable[[Found], Key] = lambda found: self._span.key(found.told)  # noqa: E731 - has a type so
        for found in heapq.merge(*streams, key=key, reverse=self._span.descending):
            if not (to_partner and found.told.audience is Audience.REGULATORS):
                yield found

    def _of_others(self) -> Iterator[Found]:
        for found in self._chunks(lambda reader, span: trace_search.concerning(reader, self._asker.id, span, _CHUNK)):
            is_partner = found.told.enterprise_id in self._asker.named_by
            if not is_partner and self._asker.is_told(found.told, concerned=True, by_name=False):
                yield found

    def _chunks(self, ask: Callable[[Reader, Span], list[Told]]) -> Iterator[Found]:
        span = self._span
        while told := ask(self._reader, span):
            yield from map(Found, told)
            if len(told) < _CHUNK:
                return
            span = span.behind(span.key(told[-1]))

    def _arisen(self, enterprise_id: str) -> Iterator[Found]:
        """What arose from acts on an enterprise's labels."""
        behind: int | None = None
        known: dict[int, list[Arisen]] = {}
        while True:
            acts, behind = trace_search.label_acts(self._reader, enterprise_id, self._span, behind, _CHUNK)
            fresh = sorted({row["batch"] for row in acts} - known.keys())
            known |= {batch: [] for batch in fresh}
            for each in arising.of_batches(self._reader, fresh):
                known[-each.told.number % arising.BATCHES].append(each)
            numbers = {row["position"] * arising.BATCHES + row["batch"] for row in acts}
            batches = sorted({row["batch"] for row in acts})
            here = [each for batch in batches for each in known[batch] if -each.told.number in numbers]
            yield from self._in_order(Found(each.told, each) for each in here)
            if behind is None:
                return


def _of_enterprise(enterprise_id: str, narrowed: tuple[str, str] | None) -> Callable[[Reader, Span], list[Told]]:
    return lambda reader, span: trace_search.of_enterprise(reader, enterprise_id, span, _CHUNK, narrowed)


def _span(query: EventQuery, mark: Mark) -> Span:
    recorded = query.order_by is OrderBy.RECORD_TIME
    since, until = (query.recorded_since_ms, query.recorded_until_ms) if recorded else (query.since_ms, query.until_ms)
    return Span(
        recorded=recorded,
        descending=query.descending,
        low_ms=max(-EVER_MS if since is None else since, mark.first_ms if recorded else -EVER_MS),
        high_ms=EVER_MS if until is None else until - 1,
        after=mark.key,
        first_number=mark.first_number,
        first_position=mark.first_position,
        last_number=mark.last_number,
        last_position=mark.last_position,
    )


def _named(reader: Reader, query: EventQuery) -> set[int] | None:
    """The numbers of the events that name what the query asks for; None where it names nothing."""
    if query.event_ids:
        return {row["number"] for row in trace_events.by_ids(reader, sorted(query.event_ids))}
    if query.transformations:
        found = trace_events.of_transformations(reader, query.transformations)
        return _few({number for numbers in found.values() for number in numbers})
    if runs := _exact(query):
        parts = _driving(query).parts
        return _few(trace_search.touching(reader, runs, parts, MAX_CANDIDATES))
    for test in query.mentions:
        return _few(trace_search.mentioning(reader, test.kind, test.type, test.values, MAX_CANDIDATES))
    return None


def _few(numbers: set[int]) -> set[int]:
    if len(numbers) > MAX_CANDIDATES:
        message = f"expected things that at most {MAX_CANDIDATES:,} events name, got some that more do"
        raise refused(ExceptionType.QUERY_TOO_LARGE, message)
    return numbers


def _driving(query: EventQuery) -> Match:
    exact = [each for each in query.matches if all(pattern.runs for pattern in each.patterns)]
    return min(exact, key=lambda each: (each.classes, len(each.patterns)))


def _exact(query: EventQuery) -> list[Run]:
    """The things that must be named, where a parameter names them one by one and not by a pattern."""
    if not any(all(pattern.runs for pattern in each.patterns) for each in query.matches):
        return []
    return [run for pattern in _driving(query).patterns for run in pattern.runs]


def _is_by_name(query: EventQuery) -> bool:
    """Whether single things or events are named: a pattern of many names none."""
    return bool(query.event_ids) or (bool(_exact(query)) and all(len(run) == 1 for run in _exact(query)))


def _narrowest(query: EventQuery) -> tuple[str, frozenset[str]]:
    """The column by which an enterprise's events are narrowed, and its values; both empty where none is."""
    narrowing = (
        ("read_point", query.read_points),
        ("location", query.locations),
        ("step", query.steps),
        ("disposition", query.dispositions),
    )
    return next(((name, some) for name, some in narrowing if 0 < len(some) <= MAX_NARROWED), ("", frozenset()))


def _may_have_arisen(query: EventQuery) -> bool:
    """Whether an event that arises from acts on labels could be what is asked for."""
    about_others = (
        *(query.read_points, query.read_points_within, query.locations, query.locations_within, query.mentions),
        *(query.transformations, query.quantities, query.fields, query.reasons, query.corrective, query.in_error),
        *(query.set_dispositions, query.unset_dispositions),
    )
    return (
        not any(about_others)
        and (not query.kinds or EventKind.OBJECT in query.kinds)
        and (not query.steps or not query.steps.isdisjoint(arising.STEPS))
    )


def _may_be(query: EventQuery, told: Told) -> bool:
    """What a row tells of whether an event is what is asked for."""
    return (
        (not query.kinds or told.kind in query.kinds)
        and (not query.actions or told.action in query.actions)
        and (not query.steps or told.step in query.steps)
        and (not query.dispositions or told.disposition in query.dispositions)
        and (not query.read_points or told.read_point in query.read_points)
        and (not query.locations or told.location in query.locations)
        and (not query.in_error or told.declares)
        and (query.since_ms is None or told.at_ms >= query.since_ms)
        and (query.until_ms is None or told.at_ms < query.until_ms)
        and (query.recorded_since_ms is None or told.recorded_ms >= query.recorded_since_ms)
        and (query.recorded_until_ms is None or told.recorded_ms < query.recorded_until_ms)
    )


def _weight(telling: Telling) -> int:
    event = telling.event
    return len(str(event.content)) + _THING_WEIGHT * len(event.items)

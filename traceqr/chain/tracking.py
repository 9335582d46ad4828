"""Tracking: which labels were made of a thing, and where they are now. It only reads.

Very many things are looked at together: those that went through the same events are one stretch, and a case is asked
once for all that is in it. Where something is, the latest event tells that happened to it or to what it was in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from traceqr.chain import deriving
from traceqr.chain.deriving import First
from traceqr.chain.following import FOREVER_MS, MAX_DEPTH
from traceqr.chain.trusting import Trust
from traceqr.registry import batches, trace_events, trace_items, trace_moves
from traceqr.registry.database import Reader
from traceqr.registry.trace_moves import How, Move
from traceqr.tracing.event import Audience, Part
from traceqr.tracing.run import Run, merged, without
from traceqr.tracing.thing import ThingKind, batch_of_line, label_line

MAX_STRETCHES = 250_000
"""Stretches of things that are told apart in one answer."""

SENDING = frozenset({"shipping", "departing"})
TAKING = frozenset({"receiving", "arriving", "accepting"})

Telling = Callable[[str, Audience], bool]
"""Whether somebody is told of an event of an enterprise, for an audience."""


def everything(_enterprise_id: str, _audience: Audience) -> bool:
    """For those who are told of all events."""
    return True


@dataclass(frozen=True, slots=True)
class Holding:
    """Labels of one batch that contain what was asked for."""

    batch: int
    gtin: str
    lot: str
    enterprise_id: str
    labels: int
    runs: tuple[Run, ...]


@dataclass(slots=True)
class Spot:
    """What is at one place, or under way from there to another (`to`), as far as events tell; the place is empty where
    none does. `units` are the outermost ones that things are in, `others` are lots, and things that are no labels.
    """

    place: str
    to: str
    labels: int = 0
    last_ms: int = 0
    units: list[Run] = field(default_factory=list)
    others: list[Run] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tracked:
    """What was made of a thing and where that is now; `labels` in all. `complete` is False where a bound was met."""

    holdings: tuple[Holding, ...]
    spots: tuple[Spot, ...]
    transformations: tuple[int, ...]
    """The numbers of the events in which it was used, or what was made of it."""
    stops: frozenset[int]
    """The numbers of the events that tell where things are."""
    complete: bool

    @property
    def labels(self) -> int:
        """Labels in all."""
        return sum(holding.labels for holding in self.holdings)


@dataclass(frozen=True, slots=True)
class View:
    """For whom things are tracked: of which events one is told; among whose statements the way begins, and by whose
    word it goes on, for a body by everybody's; whether what is in things, or is of a lot, is a matter of one's own.
    """

    told: Telling = everything
    among: First | None = None
    everybody: bool = False
    is_own: bool = True


def track(reader: Reader, things: Sequence[Run], view: View | None = None) -> Tracked:
    """Which labels contain things, and where they are now. What is in a unit is asked for with it."""
    view = view or View()
    held = merged([*things, *(deriving.inside(reader, things) if view.is_own else ())])
    found = deriving.reach(reader, held, Trust(reader, everybody=view.everybody), view.among)
    runs = found.runs if view.is_own else without(found.runs, deriving.labels_of_lots(reader, things))
    divided = _Things.of(reader, runs)
    spots, stops, complete = _spots(reader, divided, view.told)
    return Tracked(divided.holdings(), spots, tuple(found.events), stops, found.complete and complete)


def located(reader: Reader, labels: Sequence[Run], told: Telling = everything) -> Tracked:
    """Of labels that are known already: their batches, and where they are now."""
    divided = _Things.of(reader, labels)
    spots, stops, complete = _spots(reader, divided, told)
    return Tracked(divided.holdings(), spots, (), stops, complete)


@dataclass(frozen=True, slots=True)
class _Things:
    """Runs of labels that there are, their batches, and other things; units are not among these."""

    labels: tuple[Run, ...]
    others: tuple[Run, ...]
    batches: Mapping[str, batches.Batch]
    """By the lines of their labels."""

    @classmethod
    def of(cls, reader: Reader, runs: Sequence[Run]) -> _Things:
        issued = batches.by_numbers(reader, {number for run in runs if (number := batch_of_line(run.line))})
        by_line = {label_line(batch.gtin, batch.number): batch for batch in issued.values()}
        mine = [run for run in runs if run.line in by_line]
        cut = (run.cut(Run(run.line, 0, by_line[run.line].label_count - 1)) for run in mine)
        rest = (run for run in runs if run.line not in by_line and not run.line.startswith(f"{ThingKind.UNIT}/"))
        return cls(tuple(run for run in cut if run is not None), tuple(rest), by_line)

    def holdings(self) -> tuple[Holding, ...]:
        """The labels by their batches."""
        return tuple(
            Holding(batch.number, batch.gtin, batch.lot or "", batch.enterprise_id, sum(map(len, mine)), tuple(mine))
            for line, mine in _by_line(self.labels).items()
            if (batch := self.batches[line])
        )


# --- where things are

_Stop = tuple[int, int, int, str, int]
"""That things were somewhere: when, when that was recorded, the event, the place, and whether they were sent on."""

_Stay = tuple[tuple[str, int], int, int]
"""That things were in a unit: which, from when and up to when."""


@dataclass(slots=True)
class _Stretch:
    """Things from `first` to `last` of a line that went through the same events: where they stopped, in order, or (of
    what was asked for itself) where they stopped last, and the outermost unit that they are in.
    """

    line: str
    first: int
    last: int
    stops: list[_Stop]
    outermost: tuple[str, int] | None


class _Line:
    """The stretches of one line, found by a place on it."""

    def __init__(self, stretches: Sequence[_Stretch]) -> None:
        self._stretches = stretches
        self._firsts = [stretch.first for stretch in stretches]

    def at(self, number: int) -> _Stretch | None:
        place = bisect_right(self._firsts, number) - 1
        found = self._stretches[place] if place >= 0 else None
        return found if found is not None and number <= found.last else None


class _Going:
    """Goes from runs to what they are in, and back with where that was."""

    def __init__(self, reader: Reader, told: Telling) -> None:
        self._reader, self._told = reader, told
        self._lines: dict[str, list[_Line]] = {}
        self._seen: list[Run] = []
        self._emptied: dict[tuple[str, int], list[int]] = {}
        self._telling: dict[tuple[str, str], bool] = {}
        self.complete = True

    def stretches(self, runs: Sequence[Run], depth: int = 0) -> list[_Stretch]:
        """The stretches of runs, in order. What they are in is looked at first, and once."""
        moves = trace_moves.moves(self._reader, runs)
        self._seen = merged([*self._seen, *runs])
        self._note_emptied(moves)
        parents = {move.parent for each in moves.values() for move in each if move.parent is not None}
        above = without(_neighbours(parents), self._seen)
        if above and depth < MAX_DEPTH:
            self.stretches(above, depth + 1)
        elif above:
            self.complete = False
        found: list[_Stretch] = []
        for line, asked in _by_line(runs).items():
            mine = self._divided(line, asked, moves.get(line, []), last_alone=not depth)
            self._lines.setdefault(line, []).append(_Line(mine))
            found += mine
        return found

    def _divided(self, line: str, runs: Sequence[Run], moves: Sequence[Move], *, last_alone: bool) -> list[_Stretch]:
        """The runs of a line, cut where what happened to them changes."""
        edges = sorted(
            {run.first for run in runs}
            | {run.last + 1 for run in runs}
            | {move.first for move in moves}
            | {move.last + 1 for move in moves}
        )
        places = {edge: place for place, edge in enumerate(edges)}
        if len(edges) > MAX_STRETCHES:
            self.complete = False
            return []
        happened: list[list[Move]] = [[] for _ in edges]
        for move in sorted(moves):
            for place in range(places[move.first], places[move.last + 1]):
                happened[place].append(move)
        found, asked = [], iter(runs)
        run = next(asked)
        for place, (low, after) in enumerate(pairwise(edges)):
            while run.last < low:
                run = next(asked)
            if run.first <= low:
                stops, outermost = self._followed(happened[place], last_alone=last_alone)
                found.append(_Stretch(line, low, after - 1, stops, outermost))
        return found

    def _followed(self, moves: Sequence[Move], *, last_alone: bool) -> tuple[list[_Stop], tuple[str, int] | None]:
        """Where things stopped by the events that touch them, which come in order."""
        stops: list[_Stop] = [
            (move.at_ms, move.recorded_ms, move.event, move.place, move.sent)
            for move in moves
            if (move.place or move.sent) and self._is_told(move)
        ]
        outermost = None
        for unit, from_ms, to_ms in self._stays(moves):
            held = self._at(unit)
            if held is not None:
                stops += _within(held.stops, from_ms, to_ms)
            if to_ms == FOREVER_MS:
                outermost = (held and held.outermost) or unit
        if last_alone:
            return [max(stops)] if stops else [], outermost
        return sorted(stops), outermost

    def _stays(self, moves: Sequence[Move]) -> Iterator[_Stay]:
        """What things were in, from when and up to when: as `following.stays_of` finds it."""
        inside: tuple[str, int] | None = None
        since_ms = 0
        for move in moves:
            if move.how not in (How.PUT_IN, How.TAKEN_OUT):
                continue
            if inside is not None and (move.how == How.TAKEN_OUT or move.parent != inside):
                yield inside, since_ms, min(move.at_ms, self._emptied_ms(inside, since_ms))
                inside = None
            if move.how == How.PUT_IN and inside is None:
                inside, since_ms = move.parent, move.at_ms
        if inside is not None:
            yield inside, since_ms, self._emptied_ms(inside, since_ms)

    def _at(self, unit: tuple[str, int]) -> _Stretch | None:
        for line in self._lines.get(unit[0], ()):
            if (found := line.at(unit[1])) is not None:
                return found
        return None

    def _is_told(self, move: Move) -> bool:
        key = move.enterprise_id, move.audience
        if key not in self._telling:
            self._telling[key] = self._told(move.enterprise_id, Audience(move.audience))
        return self._telling[key]

    def _emptied_ms(self, unit: tuple[str, int], after_ms: int) -> int:
        emptied = self._emptied.get(unit)
        return min((at_ms for at_ms in emptied if at_ms > after_ms), default=FOREVER_MS) if emptied else FOREVER_MS

    def _note_emptied(self, moves: Mapping[str, Sequence[Move]]) -> None:
        """Events that take out of something and name nothing that is taken: they empty it."""
        emptying = [(line, move) for line, each in moves.items() for move in each if move.how == How.EMPTIED]
        children = trace_items.of_events(self._reader, {move.event for _, move in emptying}, [Part.CHILD])
        for line, move in emptying:
            if move.event not in children:
                for number in range(move.first, move.last + 1):
                    self._emptied.setdefault((line, number), []).append(move.at_ms)


def _neighbours(units: Iterable[tuple[str, int]]) -> Iterator[Run]:
    """Units as runs: there may be very many, one after the other."""
    line, first, last = "", 0, -1
    for unit, number in sorted(units):
        if unit == line and number == last + 1:
            last = number
            continue
        if line:
            yield Run(line, first, last)
        line, first, last = unit, number, number
    if line:
        yield Run(line, first, last)


def _within(stops: list[_Stop], from_ms: int, to_ms: int) -> list[_Stop]:
    if to_ms == FOREVER_MS and stops and from_ms <= stops[0][0]:
        return stops
    return [stop for stop in stops if from_ms <= stop[0] < to_ms]


def _by_line(runs: Iterable[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for run in merged(runs):
        found.setdefault(run.line, []).append(run)
    return found


def _spots(reader: Reader, things: _Things, told: Telling) -> tuple[tuple[Spot, ...], frozenset[int], bool]:
    """Where labels and other things are, and the events that tell; units are told as what things are in."""
    going = _Going(reader, told)
    stretches = going.stretches([*things.labels, *things.others])
    aims = _aims(reader, {stretch.stops[-1][2] for stretch in stretches if stretch.stops and stretch.stops[-1][4]})
    labelled = {run.line for run in things.labels}
    spots: dict[tuple[str, str], Spot] = {}
    units: dict[tuple[str, str], set[tuple[str, int]]] = {}
    for stretch in stretches:
        is_label, stop = stretch.line in labelled, stretch.stops[-1] if stretch.stops else None
        if stop is None and not is_label:
            continue
        key = (stop[3], aims.get(stop[2], "")) if stop else ("", "")
        spot = spots.get(key)
        if spot is None:
            spot, units[key] = spots.setdefault(key, Spot(*key)), set()
        spot.last_ms = max(spot.last_ms, stop[0] if stop else 0)
        if is_label:
            spot.labels += stretch.last - stretch.first + 1
        else:
            spot.others.append(Run(stretch.line, stretch.first, stretch.last))
        if stretch.outermost:
            units[key].add(stretch.outermost)
    for key, spot in spots.items():
        spot.units = list(_neighbours(units[key]))
        spot.others = merged(spot.others)
    stops = frozenset(stretch.stops[-1][2] for stretch in stretches if stretch.stops)
    return tuple(sorted(spots.values(), key=lambda spot: (-spot.labels, spot.place, spot.to))), stops, going.complete


def _aims(reader: Reader, events: Iterable[int]) -> dict[int, str]:
    """Where things were sent to, by the events that sent them: a location rather than somebody."""
    found = {}
    for number, mentions in trace_events.mentions_of(reader, events).items():
        named = {mention.type: mention.value for mention in mentions if mention.kind == "destination"}
        found[number] = named.get("location") or next(iter(named.values()), "")
    return found

"""Tracking: which labels were made of a thing, where they are now, and through whose hands things went. It only reads.

Very many things are looked at together: those that went through the same events are one stretch, and a case is asked
once for all that is in it. Where something is, the latest event tells that happened to it or to what it was in.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter

from traceqr import following
from traceqr.following import FOREVER_MS, MAX_DEPTH
from traceqr.registry import batches, trace_events, trace_items, trace_moves
from traceqr.registry.database import Reader
from traceqr.registry.trace_moves import Move
from traceqr.tracing.event import Audience, Part
from traceqr.tracing.run import Run, merged, without
from traceqr.tracing.thing import Thing, ThingKind, batch_of_line, label_line, on_line

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
    transformations: int
    complete: bool

    @property
    def labels(self) -> int:
        """Labels in all."""
        return sum(holding.labels for holding in self.holdings)


@dataclass(frozen=True, slots=True)
class Hand:
    """That a thing, or what it was in, was sent or taken in: from whom, to whom (ids of enterprises, or what the event
    named), and where.
    """

    event: int
    event_id: str
    at_ms: int
    step: str
    stated_by: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    place: str


def track(reader: Reader, things: Sequence[Run], told: Telling = everything) -> Tracked:
    """Which labels contain things, and where they are now. What is in a unit is asked for with it."""
    found = following.reach(reader, merged([*things, *following.inside(reader, things)]))
    issued = batches.by_numbers(reader, {number for run in found.runs if (number := batch_of_line(run.line))})
    spots, complete = _spots(reader, found.runs, issued, told)
    return Tracked(_holdings(found.runs, issued), spots, len(found.events), found.complete and complete)


def _holdings(runs: Iterable[Run], issued: Mapping[int, batches.Batch]) -> tuple[Holding, ...]:
    by_batch: dict[int, list[Run]] = {}
    for run in runs:
        if (cut := _labels(run, issued)) is not None:
            by_batch.setdefault(batch_of_line(run.line) or 0, []).append(cut)
    return tuple(
        Holding(number, batch.gtin, batch.lot or "", batch.enterprise_id, sum(map(len, mine)), tuple(mine))
        for number, mine in sorted(by_batch.items())
        if (batch := issued[number])
    )


def _labels(run: Run, issued: Mapping[int, batches.Batch]) -> Run | None:
    """The labels of a run that there are."""
    batch = issued.get(batch_of_line(run.line) or 0)
    if batch is None or label_line(batch.gtin, batch.number) != run.line:
        return None
    return run.cut(Run(run.line, 0, batch.label_count - 1))


# --- where things are


@dataclass(frozen=True, slots=True)
class _Stop:
    """That a thing was somewhere, or left there."""

    at_ms: int
    recorded_ms: int
    event: int
    place: str
    sent: bool


@dataclass(slots=True)
class _Stretch:
    """Things that went through the same events."""

    run: Run
    stops: list[_Stop]
    outermost: tuple[str, int] | None


_in_order = attrgetter("at_ms", "recorded_ms", "event")


class _Line:
    """The stretches of one line, found by a place on it."""

    def __init__(self, stretches: list[_Stretch]) -> None:
        self.stretches = stretches
        self._firsts = [stretch.run.first for stretch in stretches]

    def at(self, number: int) -> _Stretch | None:
        place = bisect_right(self._firsts, number) - 1
        if place < 0 or self.stretches[place].run.last < number:
            return None
        return self.stretches[place]


class _Following:
    """The stretches of runs and, before them, of what they are in."""

    def __init__(self, reader: Reader, told: Telling) -> None:
        self._reader, self._told = reader, told
        self.lines: dict[str, list[_Line]] = {}
        self._seen: list[Run] = []
        self._emptied: dict[tuple[str, int], list[int]] = {}
        self.complete = True

    def stretches(self, runs: Sequence[Run], depth: int = 0) -> list[_Stretch]:
        moves = trace_moves.moves(self._reader, runs)
        self._seen = merged([*self._seen, *runs])
        self._note_emptied(moves)
        parents = merged(Run(line, first, first) for line, first in {move.parent for move in moves if move.parent})
        above = without(parents, self._seen)
        if above and depth < MAX_DEPTH:
            self.stretches(above, depth + 1)
        elif above:
            self.complete = False
        found = []
        by_line: dict[str, list[Move]] = {}
        for move in moves:
            by_line.setdefault(move.run.line, []).append(move)
        for line, asked in _by_line(runs).items():
            mine = self._divided(asked, by_line.get(line, []))
            self.lines.setdefault(line, []).append(_Line(mine))
            found += mine
        if len(found) > MAX_STRETCHES:
            self.complete = False
        return found

    def _divided(self, runs: Sequence[Run], moves: Sequence[Move]) -> list[_Stretch]:
        """The runs of a line, cut where what happened to them changes."""
        all_runs = (*runs, *(move.run for move in moves))
        edges = sorted({edge for run in all_runs for edge in (run.first, run.last + 1)})
        happened: list[list[Move]] = [[] for _ in edges]
        for move in moves:
            for place in range(bisect_left(edges, move.run.first), bisect_left(edges, move.run.last + 1)):
                happened[place].append(move)
        starts = [run.first for run in runs]
        return [
            self._stretch(Run(runs[0].line, low, high - 1), sorted(happened[place], key=_in_order))
            for place, (low, high) in enumerate(pairwise(edges))
            if low <= runs[bisect_right(starts, low) - 1].last
        ]

    def _stretch(self, run: Run, moves: Sequence[Move]) -> _Stretch:
        stops = [
            _Stop(move.at_ms, move.recorded_ms, move.event, move.place, move.step in SENDING)
            for move in moves
            if (move.place or move.step in SENDING) and self._told(move.enterprise_id, Audience(move.audience))
        ]
        outermost = None
        for parent, from_ms, to_ms in self._stays(moves):
            held = self._at(parent)
            if held is not None:
                stops += [stop for stop in held.stops if from_ms <= stop.at_ms < to_ms]
            if to_ms == FOREVER_MS:
                outermost = (held and held.outermost) or parent
        return _Stretch(run, sorted(stops, key=_in_order), outermost)

    def _stays(self, moves: Sequence[Move]) -> list[tuple[tuple[str, int], int, int]]:
        """What things were in, from when and up to when: as `following.stays_of` finds it."""
        stays = []
        opened: tuple[tuple[str, int], int] | None = None
        for move in moves:
            if move.part != Part.CHILD:
                continue
            taken_out = move.action == "delete"
            if opened and (taken_out or move.parent != opened[0]):
                stays.append((*opened, min(move.at_ms, self._emptied_ms(*opened))))
                opened = None
            if not taken_out and move.parent is not None and opened is None:
                opened = (move.parent, move.at_ms)
        if opened:
            stays.append((*opened, self._emptied_ms(*opened)))
        return stays

    def _at(self, unit: tuple[str, int]) -> _Stretch | None:
        for line in self.lines.get(unit[0], ()):
            if (found := line.at(unit[1])) is not None:
                return found
        return None

    def _emptied_ms(self, unit: tuple[str, int], after_ms: int) -> int:
        return min((at_ms for at_ms in self._emptied.get(unit, ()) if at_ms > after_ms), default=FOREVER_MS)

    def _note_emptied(self, moves: Sequence[Move]) -> None:
        """Events that take out of something and name nothing that is taken: they empty it."""
        emptying = [move for move in moves if move.part == Part.PARENT and move.action == "delete"]
        if not emptying:
            return
        children = trace_items.of_events(self._reader, {move.event for move in emptying}, [Part.CHILD])
        for move in emptying:
            if move.event not in children:
                for number in range(move.run.first, move.run.last + 1):
                    self._emptied.setdefault((move.run.line, number), []).append(move.at_ms)


def _by_line(runs: Iterable[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for run in merged(runs):
        found.setdefault(run.line, []).append(run)
    return found


def _spots(
    reader: Reader, runs: Sequence[Run], issued: Mapping[int, batches.Batch], told: Telling
) -> tuple[tuple[Spot, ...], bool]:
    going = _Following(reader, told)
    stretches = going.stretches(runs)
    sent = {stretch.stops[-1].event for stretch in stretches if stretch.stops and stretch.stops[-1].sent}
    aims = {
        number: next((each.value for each in mentions if each.kind == "destination" and each.type == "location"), "")
        or next((each.value for each in mentions if each.kind == "destination"), "")
        for number, mentions in trace_events.mentions_of(reader, sent).items()
    }
    spots: dict[tuple[str, str], Spot] = {}
    units: dict[tuple[str, str], set[tuple[str, int]]] = {}
    for stretch in stretches:
        labels = _labels(stretch.run, issued)
        stop = stretch.stops[-1] if stretch.stops else None
        if labels is None and (stop is None or stretch.run.line.startswith(f"{ThingKind.UNIT}/")):
            continue
        key = (stop.place, aims.get(stop.event, "") if stop.sent else "") if stop else ("", "")
        spot = spots.setdefault(key, Spot(*key))
        if stop:
            spot.last_ms = max(spot.last_ms, stop.at_ms)
        if labels is None:
            spot.others.append(stretch.run)
        else:
            spot.labels += len(labels)
        if stretch.outermost:
            units.setdefault(key, set()).add(stretch.outermost)
    for key, spot in spots.items():
        spot.units = merged(Run(line, number, number) for line, number in units.get(key, ()))
        spot.others = merged(spot.others)
    return tuple(sorted(spots.values(), key=lambda spot: (-spot.labels, spot.place, spot.to))), going.complete


# --- through whose hands things went


def hands(reader: Reader, thing: Thing, told: Telling = everything) -> tuple[list[Hand], bool]:
    """Who sent a thing on and who took it in, in order, with what it was in. What strangers state is not among it."""
    history = following.history(reader, thing)
    events = {
        happened.event.number: happened.event
        for happened in history.events
        if happened.event.counts and told(happened.event.enterprise_id, happened.event.audience)
    }
    mentions = trace_events.mentions_of(reader, [number for number in events if number > 0])
    found = []
    for number, event in events.items():
        named = mentions.get(number, ())
        sources = tuple(each.value for each in named if each.kind == "source")
        destinations = tuple(each.value for each in named if each.kind == "destination")
        if event.step in SENDING | TAKING or sources or destinations:
            sent, taken = event.step in SENDING, event.step in TAKING
            hand = Hand(
                event=number,
                event_id=event.event_id,
                at_ms=event.at_ms,
                step=event.step,
                stated_by=event.enterprise_id,
                sources=sources or ((event.enterprise_id,) if sent else ()),
                destinations=destinations or ((event.enterprise_id,) if taken else ()),
                place=event.location or event.read_point,
            )
            found.append(hand)
    return found, history.complete


def lots_among(runs: Iterable[Run]) -> list[Thing]:
    """The lots among runs."""
    return [on_line(run.line, 0) for run in runs if run.line.startswith(f"{ThingKind.LOT}/")]

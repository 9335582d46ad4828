"""Supplying: who sent a thing on and who took it in; and one step back and one step on of that, as food law asks firms
to know them (Regulation (EC) 178/2002, article 18): who supplied this, and to whom it went. It only reads.

Steps are those of an enterprise, the centre. What came to it, of the thing itself and of what that was made of right
before, is the step back; what left it is the step on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from traceqr.chain import deriving, following
from traceqr.chain.following import Happened, History
from traceqr.chain.recounting import whole_place
from traceqr.chain.tracking import SENDING, TAKING, Telling, everything
from traceqr.registry import claims, locations, trace_events, trace_items, trace_moves
from traceqr.registry.database import Reader
from traceqr.registry.locations import Location
from traceqr.registry.trace_events import Told
from traceqr.tracing.event import Item, Mention
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing, ThingKind, on_line

MAX_MATERIALS = 50
"""Things that something was made of right before, whose suppliers are looked for."""

MAX_RUNS = 2_000
"""Runs of labels of a lot, and of units that they were packed into, whose way is looked for."""

PARTY = "417/"
"""What the key of a party with a GLN begins with."""


@dataclass(frozen=True, slots=True)
class Hand:
    """That things were sent or taken in: from whom, to whom (ids of enterprises, or what the event named), where that
    was, and where they were sent to. `thing` is the one that was asked for, what it was made of, or the first of its
    labels or of the units that these are in; `through` is the outermost unit that it was in. `references` are the
    documents of the trade that the event names: type and identifier.
    """

    event: int
    event_id: str
    at_ms: int
    step: str
    stated_by: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    place: str
    to: str
    thing: Thing
    quantity: str
    unit: str
    through: Thing | None
    references: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OneStep:
    """One step back and one step on, each in the order of time, and whether that is all."""

    up: tuple[Hand, ...] = ()
    down: tuple[Hand, ...] = ()
    complete: bool = True


def hands(reader: Reader, history: History, told: Telling = everything) -> tuple[list[Hand], bool]:
    """Who sent a thing on and who took it in, in order, with what it was in; of a lot also its labels, with what they
    were in. And whether that is all. What strangers state is not among it.
    """
    found = {each.event.number: _Way.of(each, history.thing) for each in history.events}
    ways, complete = _of_labels(reader, history.thing)
    for way in ways:
        found.setdefault(way.event.number, way)
    mine = [way for way in found.values() if way.event.counts and told(way.event.enterprise_id, way.event.audience)]
    numbers = [way.event.number for way in mine if way.event.number > 0]
    mentions = trace_events.mentions_of(reader, numbers)
    items = trace_items.of_events(reader, numbers)
    parties = _Parties.of(reader, mentions.values())
    handed = (
        _hand(way, mentions.get(way.event.number, ()), items.get(way.event.number, ()), parties)
        for way in sorted(mine, key=lambda way: following.in_time(way.event))
    )
    return [hand for hand in handed if hand is not None], complete and history.complete


@dataclass(frozen=True, slots=True)
class Centre:
    """The enterprise whose steps are asked for; None for a thing that is nobody's. `begins` says that the thing is its
    own, and began with it.
    """

    enterprise_id: str | None
    begins: bool = False


def one_step(
    reader: Reader, own: Sequence[Hand], materials: Iterable[Thing], centre: Centre, told: Telling = everything
) -> OneStep:
    """The step back and the step on, by the hands that a thing went through (`own`), and those of the things that it
    was made of right before.
    """
    if centre.enterprise_id is None:
        sent = tuple(hand for hand in own if hand.step in SENDING)
        return OneStep(tuple(hand for hand in own if hand not in sent), sent)
    asked = list(dict.fromkeys(materials))
    complete = len(asked) <= MAX_MATERIALS
    up = [hand for hand in own if _came(hand, centre.enterprise_id)]
    for thing in asked[:MAX_MATERIALS]:
        found, whole = hands(reader, following.history(reader, thing), told)
        complete = complete and whole
        up += [hand for hand in found if _came(hand, centre.enterprise_id)]
    down = tuple(_left(own, centre.enterprise_id, is_there=centre.begins))
    return OneStep(tuple(sorted(up, key=lambda hand: hand.at_ms)), down, complete)


def _came(hand: Hand, centre: str) -> bool:
    return centre in hand.destinations and centre not in hand.sources


def _left(own: Sequence[Hand], centre: str, *, is_there: bool) -> Iterator[Hand]:
    """What the centre sent on, and what others say to have had from it. Who does not say from whom he took it in had it
    from the centre where it was there until then.
    """
    for hand in own:
        to_another = bool(hand.destinations) and centre not in hand.destinations
        if centre not in hand.destinations and (centre in hand.sources or (is_there and not hand.sources)):
            yield hand
        if hand.step in TAKING and (to_another or centre in hand.destinations):
            is_there = not to_another


@dataclass(frozen=True, slots=True)
class _Way:
    """An event that a thing went through, and how much of it: of a class, what the event says (None)."""

    event: Told
    thing: Thing
    through: Thing | None = None
    count: int | None = None

    @classmethod
    def of(cls, happened: Happened, thing: Thing) -> _Way:
        """What happened to one thing, or to what it was in."""
        through = happened.through[-1] if happened.through else None
        return cls(happened.event, thing, through, None if thing.kind.is_class else 1)


def _of_labels(reader: Reader, thing: Thing) -> tuple[list[_Way], bool]:
    """What happened to the labels of a lot, and to the units that they were packed into, from when they were."""
    labels = deriving.labels_of_lots(reader, [Run.of(thing)]) if thing.kind is ThingKind.LOT else []
    if not labels:
        return [], True
    units = [run for run in deriving.carriers_of(reader, labels) if run.line.startswith(f"{ThingKind.UNIT}/")]
    since: dict[str, int] = {}
    for run, at_ms in trace_moves.packed_since(reader, units[:MAX_RUNS]).items():
        since[run.line] = min(at_ms, since.get(run.line, at_ms))
    found = {**_handed(reader, units[:MAX_RUNS], since), **_handed(reader, labels[:MAX_RUNS], {})}
    return list(found.values()), max(len(labels), len(units)) <= MAX_RUNS


def _handed(reader: Reader, runs: Sequence[Run], since: Mapping[str, int]) -> dict[int, _Way]:
    """The events that handed runs on, of each from an instant on, by their numbers; with how many things they name."""
    touched = sorted(trace_moves.handed(reader, runs))
    events = trace_events.by_numbers(reader, {number for number, _ in touched})
    found: dict[int, _Way] = {}
    for number, run in touched:
        if events[number].at_ms < since.get(run.line, 0):
            continue
        before = found.get(number)
        first = before.thing if before else on_line(run.line, run.first)
        found[number] = _Way(events[number], first, count=len(run) + (before.count or 0 if before else 0))
    return found


@dataclass(frozen=True, slots=True)
class _Parties:
    """Whose the places and parties are that events name as sources and destinations."""

    places: Mapping[str, Location]
    claimed: Mapping[str, str]

    @classmethod
    def of(cls, reader: Reader, mentions: Iterable[Sequence[Mention]]) -> _Parties:
        named = {each.value for some in mentions for each in some if each.kind != "transaction"}
        by_gln = {}
        for value in sorted(each for each in named if each.startswith(PARTY)):
            claim = claims.prefix_of(reader, value.removeprefix(PARTY)[:12])
            if claim is not None:
                by_gln[value] = claim.enterprise_id
        return cls(locations.by_keys(reader, named | {whole_place(key) for key in named}), by_gln)

    def named(self, mentions: Iterable[Mention], kind: str) -> tuple[str, ...]:
        """Who is named as source or destination: the parties, else whose the place is, else the place."""
        mine = [each for each in mentions if each.kind == kind]
        parties = [each for each in mine if each.type != "location"] or mine
        return tuple(dict.fromkeys(self._who(each) for each in parties))

    def _who(self, mention: Mention) -> str:
        place = self.places.get(mention.value) or self.places.get(whole_place(mention.value))
        return place.enterprise_id if place else self.claimed.get(mention.value, mention.value)


def _hand(way: _Way, mentions: Sequence[Mention], items: Sequence[Item], parties: _Parties) -> Hand | None:
    event = way.event
    sources, destinations = parties.named(mentions, "source"), parties.named(mentions, "destination")
    sent, taken = event.step in SENDING, event.step in TAKING
    if not (sent or taken or sources or destinations):
        return None
    quantity, unit = (str(way.count), "") if way.count else _quantity(items, way.thing)
    return Hand(
        event=event.number,
        event_id=event.event_id,
        at_ms=event.at_ms,
        step=event.step,
        stated_by=event.enterprise_id,
        sources=sources or ((event.enterprise_id,) if sent else ()),
        destinations=destinations or ((event.enterprise_id,) if taken else ()),
        place=event.location or event.read_point,
        to=next((each.value for each in mentions if (each.kind, each.type) == ("destination", "location")), ""),
        thing=way.thing,
        quantity=quantity,
        unit=unit,
        through=way.through,
        references=tuple((each.type, each.value) for each in mentions if each.kind == "transaction"),
    )


def _quantity(items: Sequence[Item], thing: Thing) -> tuple[str, str]:
    """How much of a class an event names."""
    found = (item for item in items if item.quantity and item.run.cut(Run.of(thing)) is not None)
    return next(((item.quantity or "", item.unit) for item in found), ("", ""))

"""Deriving: what things were made of, and what was made of them, level by level.

Everything is found out when it is asked for. Where one enterprise's statement leads to another's, one has to go by the
other's word (`trusting.py`). Whatever has no bound in the world has one here; an answer that met it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from traceqr.chain.trusting import ANYBODY, Trust
from traceqr.registry import batches, trace_events, trace_items, trace_moves
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader
from traceqr.registry.trace_events import Told
from traceqr.registry.trace_items import is_carrier
from traceqr.tracing.event import Item, Part
from traceqr.tracing.run import Run, merged, without
from traceqr.tracing.thing import Thing, ThingKind, batch_of_line, label_line, on_line

MAX_DEPTH = 24
"""Transformations one after the other, and containers in containers, that are followed."""

MAX_EVENTS = 5_000
"""Transformations that things were made by, at most."""

MAX_RUNS = 50_000
"""Runs of things that are followed at once."""


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
class Reach:
    """Where things have gone: all that was made of them, level by level, and whether that is all."""

    runs: list[Run] = field(default_factory=list)
    events: dict[int, int] = field(default_factory=dict)
    """The numbers of the transformations that led there, and how deep each is, from 1."""
    complete: bool = True


Spoken = dict[str, list[Run]]
"""Runs by the enterprise whose word led there; by `ANYBODY` where nobody's did."""

Link = Callable[[Run, str, str], bool]
"""Whether one goes on in a thing from what an enterprise states of it to what another does: `Trust.meet` on the way to
what is made, `Trust.led` on the way back.
"""


@dataclass(frozen=True, slots=True)
class First:
    """Whose word counts of what was made of things themselves: that of `tellers`; and of what others than `owner` tell,
    where that is given, only what is the owner's.
    """

    tellers: Collection[str]
    owner: str | None = None


def origins(reader: Reader, runs: Sequence[Run], trust: Trust | None = None) -> tuple[list[Made], bool]:
    """What things were made of, the last transformation first, and whether that is all. Labels of a batch with a lot
    are made of what the lot was made of; who takes a case for an input takes what is in it, and who says that he made
    one has made what is in it.
    """
    finding = _Origins(reader, trust or Trust(reader))
    asked = finding.fresh(finding.trust.by_issuer(runs))
    for depth in range(1, MAX_DEPTH + 1):
        asked = finding.before(asked, depth)
        if not asked:
            return finding.made, True
        if len(finding.made) > MAX_EVENTS or sum(map(len, asked.values())) > MAX_RUNS:
            break
    return finding.made, False


class _Origins:
    """Goes from things to what they were made of."""

    def __init__(self, reader: Reader, trust: Trust) -> None:
        self._reader, self.trust = reader, trust
        self.made: list[Made] = []
        self._numbers: set[int] = set()
        self._known: Spoken = {}
        self._are_carriers_made = trace_items.are_carriers_made(reader)

    @property
    def known(self) -> list[Run]:
        """All that was found."""
        return _all(self._known)

    @property
    def is_much(self) -> bool:
        """Whether that is more than is followed."""
        return sum(map(len, self._known.values())) > MAX_RUNS

    def fresh(self, came: Spoken) -> Spoken:
        """What is not known yet, with the lots of labels."""
        with_lots = {by: [*runs, *_lots_of(self.trust.issued(runs))] for by, runs in came.items()}
        return _fresh(with_lots, self._known)

    def before(self, asked: Spoken, depth: int) -> Spoken:
        """What things were made of that enterprises used, by the enterprises that made them."""
        level: dict[str, list[Told]] = {}
        for user, mine in self._with_carriers(asked).items():
            for told in _transformations(self._reader, mine, Part.OUTPUT, partial(self._is_heard, user)):
                if told.number not in self._numbers:
                    self._numbers.add(told.number)
                    level.setdefault(told.enterprise_id, []).append(told)
        came: Spoken = {}
        found = [made for by, events in level.items() for made in self._made(by, events, depth, came)]
        self.made += sorted(found, key=lambda each: (-each.event.at_ms, each.event.number))
        return self.fresh(came)

    def _with_carriers(self, asked: Spoken) -> Spoken:
        if not self._are_carriers_made:
            return asked
        found = {by: list(runs) for by, runs in asked.items()}
        for by, runs in _with_carriers(self._reader, asked, self.trust.led).items():
            _add(found, {by: list(filter(is_carrier, runs))})
        return found

    def _is_heard(self, user: str, told: Told, run: Run) -> bool:
        return self.trust.led(run, user, told.enterprise_id)

    def _made(self, by: str, events: Sequence[Told], depth: int, came: Spoken) -> list[Made]:
        """The transformations of one enterprise; what went into them is added to what `came`."""
        inputs = trace_items.of_events(self._reader, [told.number for told in events], [Part.INPUT])
        used = [item.run for items in inputs.values() for item in items]
        single = [run for run in used if not on_line(run.line, run.first).kind.is_class]
        packed, within = _unpacked(self._reader, {by: single}, self.trust.led)
        _add(came, {by: used})
        _add(came, within)
        return [_made(told, inputs.get(told.number, ()), depth, packed) for told in events]


def _made(told: Told, inputs: Sequence[Item], depth: int, packed: Sequence[Packed]) -> Made:
    """With what was in these inputs of all that was in any."""
    known = [item.run for item in inputs]
    mine = []
    for one in packed:
        if any(one.carrier.cut(run) for run in known):
            mine.append(one)
            known.append(one.item.run)
    return Made(told, tuple(inputs), depth, tuple(mine))


def reach(reader: Reader, seeds: Sequence[Run], trust: Trust | None = None, first: First | None = None) -> Reach:
    """All that was made of things, however often it was transformed. Labels of batches that carry a lot that is reached
    are reached, and what is in a case that was made of it; the seeds are in the answer.
    """
    finding = _Reaching(reader, trust or Trust(reader))
    asked = finding.begin(seeds)
    for depth in range(1, MAX_DEPTH + 1):
        asked = finding.after(asked, depth, first if depth == 1 else None)
        if not asked:
            return finding.found
    finding.found.complete = False
    return finding.found


class _Reaching:
    """Goes from things to what was made of them."""

    def __init__(self, reader: Reader, trust: Trust) -> None:
        self._reader, self._trust = reader, trust
        self._known: Spoken = {}
        self.found = Reach()

    def begin(self, seeds: Sequence[Run]) -> Spoken:
        """The things that are asked for."""
        return self._fresh({ANYBODY: [*seeds, *labels_of_lots(self._reader, seeds)]})

    def after(self, asked: Spoken, depth: int, first: First | None) -> Spoken:
        """What was made of things, by the enterprises that made it."""
        came: Spoken = {}
        for maker, mine in _with_carriers(self._reader, asked, self._trust.meet).items():
            told = _transformations(self._reader, mine, Part.INPUT, partial(self._is_heard, maker))
            fresh = {
                each.number: each
                for each in told
                if each.number not in self.found.events and (first is None or each.enterprise_id in first.tellers)
            }
            self.found.events |= dict.fromkeys(fresh, depth)
            for number, items in trace_items.of_events(self._reader, fresh, [Part.OUTPUT]).items():
                by = fresh[number].enterprise_id
                runs = (item.run for item in items if self._is_first(first, by, item.run))
                came.setdefault(by, []).extend(runs)
        made = {by: [run for run in runs if is_carrier(run)] for by, runs in came.items()}
        _add(came, _unpacked(self._reader, made, self._trust.meet)[1])
        return self._fresh({by: self._made(by, runs) for by, runs in came.items()})

    def _made(self, by: str, runs: Sequence[Run]) -> list[Run]:
        return self._trust.made([*runs, *labels_of_lots(self._reader, runs)], by)

    def _fresh(self, came: Spoken) -> Spoken:
        """What is not known yet. Where an enterprise says to have made more than is followed, its way ends there and no
        other does: else one could have a recall stop short of others' goods by stating much.
        """
        fresh = _fresh(came, self._known)
        self.found.runs = merged([*self.found.runs, *_all(fresh)])
        followed = {by: runs for by, runs in fresh.items() if len(self._known[by]) <= MAX_RUNS}
        self.found.complete &= len(followed) == len(fresh)
        return followed

    def _is_heard(self, maker: str, told: Told, run: Run) -> bool:
        return self._trust.meet(run, maker, told.enterprise_id)

    def _is_first(self, first: First | None, by: str, run: Run) -> bool:
        return first is None or first.owner in (None, by) or self._trust.owner(run) == first.owner


def _all(spoken: Spoken) -> list[Run]:
    return merged(run for runs in spoken.values() for run in runs)


def _add(known: Spoken, more: Mapping[str, Sequence[Run]]) -> None:
    for by, runs in more.items():
        known[by] = merged([*known.get(by, ()), *runs])


def _fresh(came: Spoken, known: Spoken) -> Spoken:
    """What is not known yet; it is known from now on."""
    fresh = {by: left for by, runs in came.items() if (left := without(runs, known.get(by, ())))}
    _add(known, fresh)
    return fresh


def _transformations(
    reader: Reader, runs: Sequence[Run], part: Part, is_heard: Callable[[Told, Run], bool]
) -> list[Told]:
    """The transformations that runs have a part in, with all events that belong to them: those that are heard of what
    they name of the runs.
    """
    touched = trace_items.touching(reader, runs, [part])
    events = trace_events.by_numbers(reader, {touch.event for touch in touched})
    told = {
        touch.event: event
        for touch in touched
        if (event := events[touch.event]).counts and is_heard(event, touch.run)
    }
    more = trace_events.sharing(reader, told.values()) - set(told)
    told |= {number: each for number, each in trace_events.by_numbers(reader, more).items() if each.counts}
    return sorted(told.values(), key=lambda each: (-each.at_ms, each.number))


def carriers_of(reader: Reader, runs: Sequence[Run]) -> list[Run]:
    """What runs were packed into, at any time, however deep, whoever says so."""
    trust = Trust(reader, everybody=True)
    return without(_all(_with_carriers(reader, {ANYBODY: list(runs)}, trust.meet)), runs)


def _with_carriers(reader: Reader, runs: Spoken, goes_on: Link) -> Spoken:
    """Runs with what they were packed into, by who says so."""
    found: Spoken = {}
    asked = _fresh(runs, found)
    for _ in range(MAX_DEPTH):
        came: Spoken = {}
        for by, mine in asked.items():
            for (packer, line), units in trace_moves.carriers(reader, mine).items():
                if goes_on(Run(line, 0, 0), by, packer):
                    came.setdefault(packer, []).extend(units)
        asked = _fresh(came, found)
        if not asked:
            break
    return found


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
    return _lots_of(batches.by_numbers(reader, numbers).values())


def _lots_of(issued: Iterable[Batch]) -> list[Run]:
    return merged(
        Run.of(Thing.lot(batch.gtin, batch.lot)) for batch in issued if batch.lot and batch.lot == batch.lot.strip()
    )


def sources(reader: Reader, touched: Spoken, trust: Trust) -> tuple[list[Run], bool]:
    """All that `reach` would lead from to what enterprises used, with that itself: what it was made of, what was in
    that, and the lots of labels. And whether that is all, but for what is further away than `reach` goes.
    """
    finding = _Origins(reader, trust)
    asked = finding.fresh(touched)
    _add(asked, finding.fresh(_unpacked(reader, asked, trust.led)[1]))
    for depth in range(1, MAX_DEPTH + 2):
        asked = finding.before(asked, depth)
        if not asked or finding.is_much:
            break
    return finding.known, not finding.is_much


def inside(reader: Reader, runs: Sequence[Run]) -> list[Run]:
    """What was packed into runs, at any time, however deep, whoever says so."""
    trust = Trust(reader, everybody=True)
    return _all(_unpacked(reader, {ANYBODY: list(runs)}, trust.meet)[1])


def _unpacked(reader: Reader, runs: Spoken, goes_on: Link) -> tuple[list[Packed], Spoken]:
    """By which events things were packed into runs, the outermost first, and what that was, by who says so."""
    packed: list[Packed] = []
    within: Spoken = {}
    asked = runs
    for _ in range(MAX_DEPTH):
        came: Spoken = {}
        for by, mine in asked.items():
            touched = trace_items.touching(reader, mine, [Part.PARENT])
            events = trace_events.by_numbers(reader, {touch.event for touch in touched})
            told = {
                touch.event: event
                for touch in touched
                if (event := events[touch.event]).counts and goes_on(touch.run, by, event.enterprise_id)
            }
            items = trace_items.of_events(reader, told, [Part.PARENT, Part.CHILD])
            packed += [one for number, each in items.items() for one in _packed(told[number], each)]
            for number, each in items.items():
                children = [item.run for item in each if item.part is Part.CHILD]
                came.setdefault(told[number].enterprise_id, []).extend(children)
        asked = _fresh(came, within)
        if not asked:
            break
    return packed, within


def _packed(told: Told, items: Sequence[Item]) -> list[Packed]:
    carriers = [item.run for item in items if item.part is Part.PARENT]
    return [Packed(told, carrier, item) for carrier in carriers for item in items if item.part is Part.CHILD]


def leads_on(reader: Reader, carriers: Sequence[Run]) -> bool:
    """Whether something was made of carriers, or of what they were packed into: then it was made of what is in them. Or
    whether they were made of something themselves: then what is in them was.
    """
    parts = [Part.INPUT] if trace_items.are_carriers_taken(reader) else []
    parts += [Part.OUTPUT] if trace_items.are_carriers_made(reader) else []
    if not parts:
        return False
    asked = merged([*carriers, *carriers_of(reader, carriers)])
    return bool(trace_items.touching(reader, asked, parts))

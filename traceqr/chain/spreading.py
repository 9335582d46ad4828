"""Spreading: a recall lies over all that was made of its things, through any number of transformations.

The labels that it reaches are kept as ranges and counted by the spans, in the transaction of the act that changes them:
the recall itself, events that are captured or declared to be errors, batches that are issued, partners that are named
or dropped. So a verdict asks nothing more than before. Which recalls an act concerns is found by going up from what the
act touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter, itemgetter

from traceqr.chain import deriving
from traceqr.chain.deriving import First, Reach, Spoken
from traceqr.chain.trusting import ANYBODY, Trust
from traceqr.registry import batches, ledger, partners, recall_reach, recalls, spans, trace_events, trace_items
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader, Transaction
from traceqr.registry.notices import Notice
from traceqr.registry.spans import Span
from traceqr.registry.trace_events import Told
from traceqr.tracing.event import EventKind, Item, Part, Standing
from traceqr.tracing.run import Run, merged, without
from traceqr.tracing.thing import InvalidThing, Thing, batch_of_line, label_line, on_line, places

SPREADING = frozenset({EventKind.TRANSFORMATION, EventKind.AGGREGATION, EventKind.ASSOCIATION})
"""Events by which recalls reach further: something is made, or put into what something is made of."""


def lay(tx: Transaction, notice: Notice) -> None:
    """Let a recall that was just opened reach what was made of its things, or one that is open what is made by now. The
    act that does so has its entry on the ledger already.
    """
    runs, whole = reached(tx, notice)
    before = recall_reach.of_notice(tx, notice.id)
    if runs != before:
        _count(tx, without(before, runs), -1)
        _count(tx, without(runs, before), +1)
        recall_reach.replace(tx, notice.id, runs)
        more = {batch_of_line(run.line) or 0 for run in without(runs, before)}
        recall_reach.affect(tx, notice.id, more, ledger.next_position(tx) - 1)
    if whole != recall_reach.counted(tx, notice.id).whole:
        recalls.set_reach_whole(tx, notice.id, whole)


def lift(tx: Transaction, notice: Notice) -> None:
    """Take a recall off the labels that it reached. Which they were stays written."""
    _count(tx, recall_reach.of_notice(tx, notice.id), -1)


def after_events(tx: Transaction, numbers: Sequence[int]) -> None:
    """Find anew what open recalls reach, after events were captured or declared to be errors."""
    if numbers and recall_reach.is_any_open(tx):
        _spread(tx, _touched(tx, numbers))


def after_issue(tx: Transaction, batch: Batch) -> None:
    """Let open recalls reach a batch that is issued, where its lot or its labels were made before it was."""
    lot = _lot(batch.gtin, batch.lot)
    things = [Run(label_line(batch.gtin, batch.number), 0, batch.label_count - 1), *lot]
    if trace_items.line_numbers(tx, [run.line for run in things]) and recall_reach.is_any_open(tx):
        _spread(tx, {batch.enterprise_id: things})


def after_naming(tx: Transaction) -> None:
    """Find anew what open recalls reach, after an enterprise named a partner, or dropped one: by whose word it goes has
    changed.
    """
    for is_ordered, notice in _by_ordering(tx):
        if not is_ordered:
            lay(tx, notice)


def is_traced(reader: Reader, gtin: str, lot: str) -> bool:
    """Whether events have named a lot."""
    return bool(trace_items.line_numbers(reader, [run.line for run in _lot(gtin, lot)]))


def things_of(reader: Reader, notice: Notice) -> list[Run]:
    """What a recall is about itself, as events would name it."""
    if notice.batch is not None and notice.first is not None and notice.last is not None:
        return [Run(label_line(notice.gtin, notice.batch), notice.first, notice.last)]
    if notice.lot is None:
        return [Run(line, 0, places(line) - 1) for line in trace_items.lines_of_product(reader, notice.gtin)]
    labels = [
        Run(label_line(notice.gtin, number), 0, count - 1)
        for number, count in batches.of_lots(reader, notice.gtin, [notice.lot])
    ]
    return [*_lot(notice.gtin, notice.lot), *labels]


def over(reader: Reader, things: Sequence[Run]) -> list[Notice]:
    """The open recalls that lie over any of these things, over what is in them, over labels of lots, or over what any
    of that was made of.
    """
    notices = recall_reach.open_recalls(reader)
    if not notices:
        return []
    mine = merged([*things, *deriving.labels_of_lots(reader, things), *deriving.inside(reader, things)])
    by_line = _by_line(deriving.sources(reader, {ANYBODY: mine}, Trust(reader, everybody=True))[0])
    return [notice for notice in notices if _lies_over(reader, notice, mine, by_line)]


def _lies_over(reader: Reader, notice: Notice, mine: Sequence[Run], by_line: dict[str, list[Run]]) -> bool:
    is_of_product = (notice.batch, notice.lot, notice.material) == (None, None, None)
    if is_of_product and any(on_line(run.line, run.first).gtin == notice.gtin for run in mine):
        return True
    if not _concerns(reader, notice, by_line):
        return False
    found = _reach(reader, notice, _ordering(reader, notice))
    return any(run.cut(one) for run in found.runs for one in mine)


@dataclass(frozen=True, slots=True)
class _Ordering:
    """Who recalls: an enterprise by itself, or somebody who orders it to."""

    enterprise_id: str
    is_ordered: bool


def reached(reader: Reader, notice: Notice) -> tuple[list[Run], bool]:
    """The labels that a recall reaches besides those that it is laid over, and whether these are all."""
    return _reached(reader, notice, _ordering(reader, notice))


def foreseen(reader: Reader, notice: Notice, recalling: str | None) -> tuple[list[Run], bool]:
    """The same of a recall that is not opened, by an enterprise itself; None where somebody orders it."""
    return _reached(reader, notice, _Ordering(recalling or "", recalling is None))


def _ordering(reader: Reader, notice: Notice) -> _Ordering:
    told = recalls.by_id(reader, notice.id)  # None of a notice that is no recall
    return _Ordering(told["enterprise_id"], told["ordered_by"] is not None) if told else _Ordering("", is_ordered=True)


def _reached(reader: Reader, notice: Notice, by: _Ordering) -> tuple[list[Run], bool]:
    found = _reach(reader, notice, by)
    runs = [run for run in found.runs if batch_of_line(run.line) is not None]
    issued = batches.by_numbers(reader, {batch_of_line(run.line) or 0 for run in runs})
    labels = [cut for run in runs if (cut := _issued(run, issued)) is not None]
    if notice.batch is not None:
        return without(labels, things_of(reader, notice)), found.complete
    return [run for run in labels if not _is_under(notice, issued[batch_of_line(run.line) or 0])], found.complete


def _reach(reader: Reader, notice: Notice, by: _Ordering) -> Reach:
    """What was made of the things of a recall. Where an enterprise recalls a material by itself, by its own word first,
    and by that of those who make things for it of what is its own; where somebody ordered it, by everybody's.
    """
    things, trust = things_of(reader, notice), Trust(reader, everybody=by.is_ordered)
    if notice.material is None or by.is_ordered:
        return deriving.reach(reader, things, trust)
    makers = {row["partner_id"] for row in partners.of_enterprise(reader, by.enterprise_id) if row["makes"]}
    return deriving.reach(reader, things, trust, First({by.enterprise_id, *makers}, by.enterprise_id))


def _issued(run: Run, issued: dict[int, Batch]) -> Run | None:
    """The labels of a run that there are: others may have been told of before their batch was issued."""
    batch = issued.get(batch_of_line(run.line) or 0)
    if batch is None or label_line(batch.gtin, batch.number) != run.line:
        return None
    return run.cut(Run(run.line, 0, batch.label_count - 1))


def _is_under(notice: Notice, batch: Batch) -> bool:
    """Whether a recall over a product or a lot covers a batch by itself."""
    return notice.material is None and batch.gtin == notice.gtin and notice.lot in (None, batch.lot)


def _touched(reader: Reader, numbers: Sequence[int]) -> Spoken:
    """What events took for an input, or put into something that was taken for one; by who states them."""
    told = {
        number: each
        for number, each in trace_events.by_numbers(reader, numbers).items()
        if each.kind in SPREADING and each.standing is not Standing.STRANGER
    }
    making = {number: each for number, each in told.items() if each.kind is EventKind.TRANSFORMATION}
    shared = trace_events.by_numbers(reader, trace_events.sharing(reader, making.values()))
    touched = _runs(making | shared, trace_items.of_events(reader, {*making, *shared}, [Part.INPUT]))
    packing = [number for number in told if number not in making]
    parents = _runs(told, trace_items.of_events(reader, packing, [Part.PARENT]))
    if parents and deriving.leads_on(reader, [run for runs in parents.values() for run in runs]):
        for by, runs in _runs(told, trace_items.of_events(reader, packing, [Part.CHILD])).items():
            touched.setdefault(by, []).extend(runs)
    return touched


def _runs(told: Mapping[int, Told], items: Mapping[int, Sequence[Item]]) -> Spoken:
    """The runs of events by who states these."""
    found: Spoken = {}
    for number, each in items.items():
        found.setdefault(told[number].enterprise_id, []).extend(item.run for item in each)
    return found


def _spread(tx: Transaction, touched: Spoken) -> None:
    """Find anew what those recalls reach that are about what things came from: by the word by which each goes."""
    if not touched:
        return
    for is_ordered, notices in groupby(_by_ordering(tx), key=itemgetter(0)):
        up, whole = deriving.sources(tx, touched, Trust(tx, everybody=is_ordered))
        by_line = _by_line(up)
        for _, notice in notices:
            if not whole or _concerns(tx, notice, by_line):
                lay(tx, notice)


def _by_ordering(reader: Reader) -> list[tuple[bool, Notice]]:
    """The open recalls, those first that nobody ordered."""
    own = recall_reach.unordered(reader)
    listed = [(notice.id not in own, notice) for notice in recall_reach.open_recalls(reader)]
    return sorted(listed, key=itemgetter(0))


def _by_line(runs: Iterable[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(run.line, []).append(run)
    return found


def _concerns(reader: Reader, notice: Notice, by_line: dict[str, list[Run]]) -> bool:
    if not any(f"/{notice.gtin}" in line for line in by_line):
        return False
    things = things_of(reader, notice)
    return any(run.cut(thing) for thing in things for run in by_line.get(thing.line, ()))


def _count(tx: Transaction, runs: Iterable[Run], step: int) -> None:
    """Count a recall more or less over labels."""
    for line, mine in groupby(runs, key=attrgetter("line")):
        ranges = [(run.first, run.last) for run in mine]
        spans.change_each(tx, batch_of_line(line) or 0, ranges, _counted(step))


def _counted(step: int) -> Callable[[Span], Span]:
    return lambda span: replace(span, recalls=span.recalls + step)


def _lot(gtin: str, lot: str | None) -> list[Run]:
    """A lot as a thing; none for one that GS1 has no spelling for."""
    try:
        return [Run.of(Thing.lot(gtin, lot))] if lot else []
    except InvalidThing:
        return []

"""Traceability, both backends, both sides of each ratio in one run.

- A mock recall: a material over five levels of transformations in 1,000,000 labels of 100 batches, in cases of 24, on
  pallets of 40 cases, which were shipped to shops; which labels and which places contain it, and the recall itself.
- Capturing events in documents of 500 against inserting the same rows directly. `--captured 100000` for all of them.
- The history of one label among many events against a look-up by primary key for each of its hops. `--among 10000000`.
- Bytes of an event over 10,000 labels against one over a single label.

With `--only recall` (capture, history, storage) one of them.
"""

from __future__ import annotations

import argparse
import itertools
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measure import interleaved, table
from stdnum import ean
from stock import Stock, stocked

from traceqr import issuing, recalling
from traceqr.chain import capturing, deriving, following, tracking
from traceqr.demo.catalogue import ITEMS
from traceqr.label.host import Origin
from traceqr.recalling import Announcement, Lot
from traceqr.registry import products, recall_reach, trace_events
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader, Row
from traceqr.tracing.event import Action, Event, EventKind, Item, Mention, Part
from traceqr.tracing.run import Run, size_of
from traceqr.tracing.thing import Thing, label_line

BATCHES = 100
LABELS = 10_000
IN_CASE = 24
ON_PALLET = 40
SHOPS = 40
DOCUMENT = 500
PORT = 8000
APART = 512
"""How far each copy of a document lies from the last one: more than it has cases, and whole blocks of each level of its
runs.
"""
MATERIAL = "06905555"
SPELLING = "https://id.gs1.org"


@dataclass
class Chain:
    """States events of the enterprise that makes the first product, one second after the other."""

    stock: Stock
    enterprise: str
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    at_ms: int = 1_780_000_000_000

    @classmethod
    def of(cls, stock: Stock) -> Chain:
        with stock.database.snapshot() as reader:
            product = products.by_gtin(reader, ITEMS[0].gtin.digits)
        assert product is not None
        return cls(stock, product.enterprise_id)

    def event(
        self, kind: EventKind, action: Action, items: Sequence[tuple[Part, Run]], step: str, **more: Any
    ) -> Event:
        number = next(self.numbers)
        self.at_ms += 1_000
        return Event(
            id=f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
            kind=kind,
            action=action,
            at_ms=self.at_ms,
            items=tuple(Item(part, run, SPELLING) for part, run in items),
            step=step,
            content={"type": kind.name.title() + "Event", "eventTimeZoneOffset": "+08:00", "note": "n" * 160},
            **more,
        )

    def state(self, events: Iterator[Event]) -> int:
        count = 0
        while some := list(itertools.islice(events, DOCUMENT)):
            capturing.capture(self.stock.desk, self.enterprise, some)
            count += len(some)
        return count

    def batch(self, count: int = LABELS, lot: str | None = None) -> Batch:
        origin = Origin.parse(f"HTTP://127.0.0.1:{PORT}")
        return issuing.issue(self.stock.desk, issuing.Order(ITEMS[0].gtin, count, origin, lot=lot, active=True))


def unit(number: int, digit: int) -> Run:
    """A case or a pallet."""
    stem = f"{digit}6905555{number:09d}"
    return Run.of(Thing.unit(stem + str(ean.calc_check_digit(stem))))


def units(first: int, last: int, digit: int) -> Run:
    one = unit(first, digit)
    return Run(one.line, one.first, one.first + last - first)


def lot(product: int, name: str) -> Run:
    stem = f"{MATERIAL}{product:05d}"
    return Run.of(Thing.lot(stem + str(ean.calc_check_digit(stem)), name))


def shop(number: int) -> str:
    stem = f"6905555{number:05d}"
    return f"414/{stem}{ean.calc_check_digit(stem)}"


# --- a mock recall


def supply(chain: Chain) -> Iterator[Event]:
    """All that happened: five levels of making, cases, pallets, shops."""
    made = lambda outputs, inputs: chain.event(  # noqa: E731
        EventKind.TRANSFORMATION,
        Action.NONE,
        [*((Part.INPUT, run) for run in inputs), *((Part.OUTPUT, run) for run in outputs)],
        "commissioning",
        location=shop(90_000),
    )
    yield made([lot(2, "L2")], [lot(1, "L1")])
    yield made([lot(3, "L3")], [lot(2, "L2")])
    yield made([lot(4, f"L4-{place}") for place in range(10)], [lot(3, "L3")])
    cases = pallets = 0
    for number in range(BATCHES):
        batch = chain.batch()
        line = label_line(batch.gtin, batch.number)
        yield made([lot(5, f"L5-{number}")], [lot(4, f"L4-{number % 10}")])
        yield made([Run(line, 0, LABELS - 1)], [lot(5, f"L5-{number}")])
        first = cases
        for start in range(0, LABELS, IN_CASE):
            inside = Run(line, start, min(start + IN_CASE, LABELS) - 1)
            yield _packed(chain, unit(cases, 1), inside)
            cases += 1
        for start in range(first, cases, ON_PALLET):
            pallet = unit(pallets, 3)
            yield _packed(chain, pallet, units(start, min(start + ON_PALLET, cases) - 1, 1))
            target = shop(pallets % SHOPS)
            to = (Mention("destination", "location", target),)
            yield chain.event(
                EventKind.OBJECT,
                Action.OBSERVE,
                [(Part.OBJECT, pallet)],
                "shipping",
                read_point=shop(90_000),
                mentions=to,
            )
            if pallets % 10:
                yield chain.event(
                    EventKind.OBJECT, Action.OBSERVE, [(Part.OBJECT, pallet)], "receiving", location=target
                )
            pallets += 1


def _packed(chain: Chain, parent: Run, children: Run) -> Event:
    items = [(Part.PARENT, parent), (Part.CHILD, children)]
    return chain.event(EventKind.AGGREGATION, Action.ADD, items, "packing", location=shop(90_000))


def recall(backend: str, _: argparse.Namespace) -> None:
    with stocked(backend, PORT) as stock:
        chain = Chain.of(stock)
        events = chain.state(supply(chain))
        found: list[tracking.Tracked] = []
        processor: list[float] = []

        def look() -> None:
            busy = time.process_time()
            with stock.database.snapshot() as reader:
                found.append(tracking.track(reader, [lot(1, "L1")]))
            processor.append(time.process_time() - busy)

        def reach_only() -> None:
            with stock.database.snapshot() as reader:
                assert deriving.reach(reader, [lot(1, "L1")]).complete

        look()
        track_s, reach_s = interleaved(5, look, reach_only)
        answer = found[-1]
        assert answer.complete
        assert answer.labels == BATCHES * LABELS, answer.labels
        assert sum(spot.labels for spot in answer.spots) == answer.labels
        pallets = sum(len(run) for spot in answer.spots for run in spot.units)
        seconds, covered, lifted = _recalled(chain)
        table(
            f"A mock recall over {answer.labels:,} labels of {BATCHES} batches, five levels deep, {backend}",
            [
                ("events captured", f"{events:,}"),
                ("places that contain it, and pallets there", f"{len(answer.spots)}, {pallets:,}"),
                ("which labels and which places", f"{track_s:.2f} s (goal under 2 s)"),
                ("of that, this process busy", f"{statistics.median(processor):.2f} s"),
                ("which labels alone", f"{reach_s:.2f} s"),
                ("recall it: labels covered by the act", f"{covered:,} in {seconds:.2f} s; lifted in {lifted:.2f} s"),
            ],
        )


def _recalled(chain: Chain) -> tuple[float, int, float]:
    """Recall a lot of a product that went into the first level; how long, and how many labels it covers."""
    first = chain.batch(10, "RAW")
    raw = Run.of(Thing.lot(first.gtin, "RAW"))
    event = chain.event(
        EventKind.TRANSFORMATION, Action.NONE, [(Part.INPUT, raw), (Part.OUTPUT, lot(1, "L1"))], "commissioning"
    )
    chain.state(iter([event]))
    words = {"hazard_zh_hans": "异物", "advice_zh_hans": "请退回", "contact_zh_hans": "400-000-0000"}
    started = time.perf_counter()
    notice = recalling.recall(chain.stock.desk, Lot(ITEMS[0].gtin, "RAW"), Announcement(words, 1))
    seconds = time.perf_counter() - started
    with chain.stock.database.snapshot() as reader:
        covered = recall_reach.counted(reader, notice.id)
    started = time.perf_counter()
    recalling.lift(chain.stock.desk, notice.id, "mock")
    return seconds, covered.labels, time.perf_counter() - started


# --- capturing


def everyday(chain: Chain, batch: Batch) -> Iterator[Event]:
    """Events as a warehouse states them: cases are packed, and seen."""
    line = label_line(batch.gtin, batch.number)
    for number in itertools.count():
        if number % 2:
            yield chain.event(
                EventKind.OBJECT, Action.OBSERVE, [(Part.OBJECT, unit(number, 1))], "shipping", read_point=shop(1)
            )
        else:
            start = number * IN_CASE % (batch.label_count - IN_CASE)
            yield _packed(chain, unit(number + 1, 1), Run(line, start, start + IN_CASE - 1))


def capture(backend: str, chosen: argparse.Namespace) -> None:
    with stocked(backend, PORT) as stock:
        chain = Chain.of(stock)
        events = everyday(chain, chain.batch(10_000_000))
        captured, inserted = [], []
        for _ in range(chosen.captured // DOCUMENT):
            some = list(itertools.islice(events, DOCUMENT))
            started = time.perf_counter()
            capturing.capture(stock.desk, chain.enterprise, some)
            captured.append(time.perf_counter() - started)
            inserted.append(_direct(stock))
        rates = [DOCUMENT / statistics.median(times) for times in (captured, inserted)]
        table(
            f"Capturing {len(captured) * DOCUMENT:,} events in documents of {DOCUMENT}, {backend}",
            [
                ("captured", f"{rates[0]:,.0f} events a second"),
                ("the same rows inserted directly", f"{rates[1]:,.0f} events a second"),
                ("ratio", f"{rates[0] / rates[1]:.2f} (goal at least 0.3)"),
            ],
        )


def _direct(stock: Stock) -> float:
    """Insert the rows of the last document again, as other events."""
    with stock.database.snapshot() as reader:
        last = trace_events.next_number(reader) - 1
        events = reader.rows("SELECT * FROM trace_event WHERE number > :number", {"number": last - DOCUMENT})
        items = reader.rows("SELECT * FROM trace_item WHERE event_number > :number", {"number": last - DOCUMENT})
    for row in events:
        row |= {"number": row["number"] + DOCUMENT, "event_id": row["event_id"] + "x"}
    for row in items:
        row["event_number"] += DOCUMENT
    started = time.perf_counter()
    with stock.database.transaction() as tx:
        for name, rows in (("trace_event", events), ("trace_item", items)):
            tx.insert_many(name, tuple(rows[0]), [tuple(row.values()) for row in rows])
    return time.perf_counter() - started


# --- the history of a label


def history(backend: str, chosen: argparse.Namespace) -> None:
    with stocked(backend, PORT) as stock:
        chain = Chain.of(stock)
        batch = chain.batch(10_000_000)
        chain.state(itertools.islice(everyday(chain, batch), DOCUMENT))
        _multiply(stock, chosen.among)
        label = Thing.label(batch.gtin, batch.number, 9_999_990)
        line, case, pallet = label_line(batch.gtin, batch.number), unit(800_000_000, 1), unit(1, 4)
        raw, leaves = lot(7, "LEAVES"), lot(8, "TREE")
        seen = lambda run, step: chain.event(  # noqa: E731
            EventKind.OBJECT, Action.OBSERVE, [(Part.OBJECT, run)], step, location=shop(2)
        )
        own = [
            chain.event(EventKind.TRANSFORMATION, Action.NONE, [(Part.INPUT, leaves), (Part.OUTPUT, raw)], ""),
            chain.event(
                EventKind.TRANSFORMATION,
                Action.NONE,
                [(Part.INPUT, raw), (Part.OUTPUT, Run(line, 9_999_900, 9_999_999))],
                "commissioning",
            ),
            seen(Run(line, 9_999_900, 9_999_999), "inspecting"),
            _packed(chain, case, Run(line, 9_999_984, 9_999_999)),
            _packed(chain, pallet, case),
            *(seen(pallet, step) for step in ("shipping", "receiving", "storing", "shipping", "receiving")),
            chain.event(EventKind.AGGREGATION, Action.DELETE, [(Part.PARENT, pallet), (Part.CHILD, case)], "unpacking"),
            seen(case, "stocking"),
        ]
        chain.state(iter(own))
        hops: list[int] = []

        def whole() -> None:
            with stock.database.snapshot() as reader:
                found = following.history(reader, label)
                hops[:] = [*(each.event.number for each in found.events), *(made.event.number for made in found.made)]

        def by_key() -> None:
            with stock.database.snapshot() as reader:
                for number in hops:
                    _by_key(reader, number)

        whole()
        assert len(set(hops)) >= len(own), hops
        one, other = interleaved(200, whole, by_key)
        table(
            f"The history of one label among {chosen.among:,} events, {backend}",
            [
                ("its hops", f"{len(hops)}"),
                ("history", f"{one * 1e3:.2f} ms"),
                ("a look-up by primary key for each hop", f"{other * 1e3:.2f} ms"),
                ("ratio", f"{one / other:.1f} (goal under 5)"),
            ],
        )


def _by_key(reader: Reader, number: int) -> Row | None:
    """An event and its things by the keys of their tables."""
    reader.rows(
        "SELECT i.part, i.first, i.last, i.spelling, l.text FROM trace_item i JOIN trace_line l ON l.number = i.line"
        " WHERE i.event_number = :number",
        {"number": number},
    )
    return reader.row("SELECT * FROM trace_event WHERE number = :number", {"number": max(number, 1)})


def _multiply(stock: Stock, count: int) -> None:
    """The rows of a document again and again, each time of other labels and other cases: by statements, since ten
    million events one after the other take an hour.
    """
    with stock.database.snapshot() as reader:
        first = trace_events.next_number(reader) - DOCUMENT
        (event,) = reader.rows("SELECT * FROM trace_event WHERE number = :first", {"first": first})
    same = ", ".join(f"e.{name}" for name in event if name not in ("number", "event_id"))
    copies = count // DOCUMENT
    for start in range(1, copies, AT_ONCE):
        listed = (
            f"WITH RECURSIVE copy (number) AS (SELECT CAST({start} AS BIGINT) UNION ALL"
            f" SELECT number + 1 FROM copy WHERE number + 1 < {min(start + AT_ONCE, copies)})"
        )
        with stock.database.transaction() as tx:
            tx.execute(
                f"{listed} INSERT INTO trace_event (number, event_id, {same.replace('e.', '')})"
                f" SELECT e.number + c.number * {DOCUMENT}, e.event_id || '-' || CAST(c.number AS TEXT), {same}"
                f" FROM copy c CROSS JOIN trace_event e WHERE e.number BETWEEN {first} AND {first + DOCUMENT - 1}"
            )
            tx.execute(_MOVED.format(listed=listed, first=first, last=first + DOCUMENT - 1))


AT_ONCE = 1_000
ROUND = 16_384
"""Copies until the labels of the batch begin anew."""

_MOVED = f"""{{listed}}, moved AS (
    SELECT c.number, i.*,
        {APART} * CASE i.part WHEN 'child' THEN c.number - c.number / {ROUND} * {ROUND} ELSE c.number END AS way,
        CASE i.level WHEN 0 THEN {size_of(0)} WHEN 1 THEN {size_of(1)} ELSE {size_of(2)} END AS size
    FROM copy c CROSS JOIN trace_item i WHERE i.event_number BETWEEN {{first}} AND {{last}}
)
INSERT INTO trace_item (line, level, block, event_number, ordinal, part, first, last, spelling, quantity, unit)
SELECT line, level, block + way / size, event_number + number * {DOCUMENT}, ordinal, part, first + way, last + way,
    spelling, quantity, unit FROM moved"""
"""Each copy goes on by whole blocks, and so lies in as many as the first one does. No run is longer than a case."""


# --- storage


def storage(backend: str, _: argparse.Namespace) -> None:
    sizes = {width: _bytes_of_an_event(backend, width) for width in (1, 10_000)}
    table(
        f"Bytes of an event on the disk, {backend}",
        [
            ("over one label", f"{sizes[1]:,.0f}"),
            ("over 10,000 labels", f"{sizes[10_000]:,.0f}"),
            ("ratio", f"{sizes[10_000] / sizes[1]:.2f} (goal at most 2)"),
        ],
    )


def _bytes_of_an_event(backend: str, width: int, count: int = 20 * DOCUMENT) -> float:
    with stocked(backend, PORT) as stock:
        chain = Chain.of(stock)
        batch = chain.batch(90_000_000)
        line = label_line(batch.gtin, batch.number)
        runs = (Run(line, at := n * 7_919 % 80_000_000, at + width - 1) for n in range(count))
        seen = (chain.event(EventKind.OBJECT, Action.OBSERVE, [(Part.OBJECT, run)], "inspecting") for run in runs)
        before = _bytes(stock, backend)
        chain.state(seen)
        return (_bytes(stock, backend) - before) / count


def _bytes(stock: Stock, backend: str) -> int:
    if backend == "sqlite":
        path = Path(stock.url.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(path)) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return path.stat().st_size
    with stock.database.snapshot() as reader:
        row = reader.row("SELECT pg_database_size(current_database()) AS size")
    assert row is not None
    return int(row["size"])


PARTS: dict[str, Callable[[str, argparse.Namespace], None]] = {
    "recall": recall,
    "capture": capture,
    "history": history,
    "storage": storage,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--backend", choices=["sqlite", "postgres"], action="append")
    parser.add_argument("--only", choices=list(PARTS), action="append")
    parser.add_argument("--captured", type=int, default=20_000)
    parser.add_argument("--among", type=int, default=200_000)
    chosen = parser.parse_args()
    for backend in chosen.backend or ["sqlite", "postgres"]:
        for name in chosen.only or PARTS:
            PARTS[name](backend, chosen)


if __name__ == "__main__":
    main()

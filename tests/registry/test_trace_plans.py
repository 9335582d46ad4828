"""What is asked about things of events finds its rows by an index, where a few lines hold nearly all events there are.

So it is with a firm that numbers its pallets one after the other: of ranges that stand in another table, no statistics
of PostgreSQL tell how few rows lie in each.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest
from support.chain import Chain, labels, sscc
from support.plans import Heard, plan, read_through
from support.world import ENGINES, World, gtin, new_world

from traceqr.chain import deriving, following, recounting, supplying, tracking
from traceqr.chain.trusting import Trust
from traceqr.registry import trace_moves, trace_search
from traceqr.registry.batches import Batch
from traceqr.registry.database import Maintenance
from traceqr.tracing.event import Part
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing

COPIES = 5_000
LARGE = {"trace_event", "trace_item", "trace_mention", "trace_concern"}
LEAVES = Thing.lot(str(gtin(1, "6905555")), "L1")
APART = 512
"""How far each copy lies from the last one: whole blocks of the levels of its runs."""


@pytest.fixture(scope="module", params=ENGINES)
def traced(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Batch]]:
    """A batch whose labels were packed, and seen, thousands of times."""
    with new_world(request.param, tmp_path_factory.mktemp("plans")) as world:
        batch = world.furnish().issue(APART * (COPIES + 1))
        chain = Chain(world)
        chain.seen(LEAVES, step="receiving")
        chain.made([labels(batch, 0, 99)], [LEAVES])
        for number in range(4):
            chain.packed(sscc(number), labels(batch, 24 * number, 24 * number + 23))
            chain.seen(sscc(number), step="shipping", read_point="414/6901234000009")
        with world.database.maintenance() as tx:
            _multiply(tx)
            if not world.on_a_file:
                tx.run_script("ANALYZE;")
        yield world, batch


def _multiply(tx: Maintenance) -> None:
    events, items = tx.rows("SELECT * FROM trace_event"), tx.rows("SELECT * FROM trace_item")
    copies = range(1, COPIES)
    more = (
        {**row, "number": row["number"] + at * len(events), "event_id": f"{row['event_id']}-{at}"}
        for at, row in itertools.product(copies, events)
    )
    moved = (
        {
            **row,
            "event_number": row["event_number"] + at * len(events),
            "block": row["block"] + at * APART // 16 ** (row["level"] + 1),
            "first": row["first"] + at * APART,
            "last": row["last"] + at * APART,
        }
        for at, row in itertools.product(copies, items)
        if row["part"] not in ("input", "output") and row["last"] > 0
    )
    for name, columns, rows in (("trace_event", events[0], more), ("trace_item", items[0], moved)):
        tx.insert_many(name, tuple(columns), (tuple(row.values()) for row in rows))


def test_things_are_found_by_an_index(traced: tuple[World, Batch], monkeypatch: pytest.MonkeyPatch) -> None:
    world, batch = traced
    label, many = Thing.label(batch.gtin, batch.number, 30), [labels(batch, 0, 99), Run.of(sscc(2))]
    heard = Heard()
    heard.listen(monkeypatch)
    with world.database.snapshot() as reader:
        found = following.history(reader, label)
        assert {each.event.step for each in found.events} >= {"packing", "shipping"}
        assert [made.event.step for made in found.made] == ["commissioning"]
        assert recounting.recount(reader, label).lines
        assert supplying.hands(reader, found)[0]
        assert labels(batch, 0, 99) in deriving.reach(reader, [Run.of(LEAVES)]).runs
        assert Run.of(LEAVES) in deriving.sources(reader, {"": many}, Trust(reader))[0]
        assert tracking.track(reader, [Run.of(LEAVES)]).labels == 100
        assert following.contents(reader, sscc(2)) == [labels(batch, 48, 71)]
        assert trace_moves.stating(reader, many[0])
        assert trace_search.touching(reader, many, [Part.CHILD], 100)
    monkeypatch.undo()
    asked = {sql: params for sql, params in heard.statements.items() if "trace_" in sql}
    assert len(asked) >= 10
    for sql, params in asked.items():
        text = plan(world, sql, params, by_index=sql not in heard.at_will)
        assert read_through(sql, text, LARGE) == [], f"{sql}\n{text}"
        scans = re.findall(r"Index (?:Only )?Scan using \w+ on (\w+).*\n\s+(\w+ \w+)", text)
        assert {how for table, how in scans if table in LARGE} <= {"Index Cond"}, f"{sql}\n{text}"


def test_postgresql_reads_all_where_nobody_asked_for_an_index(traced: tuple[World, Batch]) -> None:
    """The check above finds what it is there for. SQLite goes by an index anyway."""
    world, batch = traced
    heard = Heard()
    with pytest.MonkeyPatch.context() as patch:
        heard.listen(patch)
        with world.database.snapshot() as reader:
            trace_search.touching(reader, [labels(batch, 0, 99)], [Part.CHILD], 100)
    (sql,) = (sql for sql in heard.statements if "WITH wanted" in sql)
    assert bool(read_through(sql, plan(world, sql, heard.statements[sql]), LARGE)) is not world.on_a_file

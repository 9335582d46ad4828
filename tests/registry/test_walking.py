"""What can be asked of any table: on whichever backend, every row once, in chunks of a bounded size."""

from __future__ import annotations

import pytest
from support.estate import settle
from support.world import World

from traceqr.registry import walking
from traceqr.registry.tables import Table, table, tables


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_every_row_once_whatever_the_size_of_a_chunk(
    world: World, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(world)
    monkeypatch.setattr(walking, "_FEWEST_ROWS", 1)
    monkeypatch.setattr(walking, "CHUNK_ROWS", 2)
    with world.database.snapshot() as reader:
        chunks = list(walking.walk(reader, table))
        assert sum(map(len, chunks)) == walking.count(reader, table)
    assert max(map(len, chunks)) <= 2
    found = sorted((tuple(row.values()) for rows in chunks for row in rows), key=repr)
    assert found == world.dump()[table.name]


def test_large_rows_come_in_small_chunks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "CHUNK_BYTES", 1_000_000)
    with world.database.transaction() as tx:
        rows = [(f"{number:064x}", "image/webp", "A" * 50_000) for number in range(100)]
        tx.insert_many("picture", ("digest", "media_type", "content"), rows)
    with world.database.snapshot() as reader:
        sizes = [len(chunk) for chunk in walking.walk(reader, table("picture"))]
    assert sum(sizes) == 100
    assert max(sizes) <= 20


def test_rows_of_keys(world: World) -> None:
    settle(world)
    with world.database.snapshot() as reader:
        one = walking.rows_of_keys(reader, table("span"), [(1, 0), (2, 5), (2, 6), (77, 0)])
        none = walking.rows_of_keys(reader, table("span"), [])
    assert sorted(one) == [(1, 0), (2, 5)]
    assert (one[2, 5]["batch"], one[2, 5]["first"], one[2, 5]["last"]) == (2, 5, 7)
    assert none == {}

"""However the rows of scans lie, and however groups are cut into statements, the same is recorded and told."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from support.world import START_MS, World

from traceqr.registry import scans
from traceqr.registry.database import Spread
from traceqr.registry.scan_book import RELOAD_MS
from traceqr.registry.scans import Confirmation, Event, Scan

GROUP = 96


def happened(seed: int, count: int) -> list[Event]:
    """Scans and confirmations of few labels by few devices, so that they meet; some of things that never were."""
    chance, events = random.Random(seed), list[Event]()
    for number in range(count):
        at_ms = START_MS + number * chance.choice((0, 1, RELOAD_MS // 40))
        batch, index, device = chance.randint(1, 3), chance.randint(0, 25), chance.choice("abc")
        made = [event for event in events if isinstance(event, Scan)]
        if made and chance.random() < 0.4:
            told = chance.choice(made)
            events.append(Confirmation(told.batch, told.label_index, told.device, told.at_ms))
        elif chance.random() < 0.1:
            events.append(Confirmation(batch, index, device, at_ms))
        else:
            counts = chance.random() < 0.6
            events.append(Scan(batch, index, device, at_ms, "page", "chrome", "en", counts))
    return events


def recorded(world: World, events: Sequence[Event], spread: Spread) -> tuple[list[Any], dict[str, list[Any]]]:
    """What is told of each event, and what the tables hold in the end."""
    told = []
    with world.database.maintenance() as tx:
        tx.execute("DELETE FROM scan")
        tx.execute("DELETE FROM sighting")
        tx.execute("DELETE FROM visitor")
    for start in range(0, len(events), GROUP):
        with world.database.recording() as tx:
            told += scans.record(tx, events[start : start + GROUP], spread=spread)
    return told, world.dump()


@pytest.mark.parametrize("seed", range(5))
def test_all_spreads_agree(world: World, seed: int) -> None:
    events = happened(seed, 5 * GROUP)
    locked = {(e.batch, e.label_index) for e in events[:GROUP] if isinstance(e, Confirmation) or e.counts}
    assert len(locked) > 24, "more than one statement's worth"
    file, parts, machines = (recorded(world, events, spread) for spread in Spread)
    assert file == parts == machines
    assert any(history.other_devices for history in file[0])

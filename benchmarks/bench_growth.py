"""The cost of a scan as the registry grows: at 10 thousand and 1 million recorded scans, and bytes a scan.

The registry is filled with rows as scans leave them, then real scans are recorded on top of it, a group at a time as a
worker does: groups of 8 over all batches, and full groups of one batch, as a launch brings them. All sizes in one run.
With `--most 20000000` also at 20 million: on PostgreSQL that takes 20 minutes and 8 GB.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import table
from stock import COUNT, Stock, stocked

from traceqr.registry import scans
from traceqr.registry.scans import Scan
from traceqr.verifying import MAX_GROUP

SIZES = (10_000, 1_000_000, 20_000_000)
USUALLY = SIZES[1]
CHUNK = 100_000
PORT = 8000


@dataclass(frozen=True)
class Groups:
    """What is recorded on top: so many groups of so many scans each, each of one batch or over all of them."""

    name: str
    scans: int
    of_one_batch: bool
    count: int


USUAL = Groups("groups of 8", 8, of_one_batch=False, count=400)
FULL = Groups(f"{MAX_GROUP} of one batch", MAX_GROUP, of_one_batch=True, count=50)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--backend", choices=["sqlite", "postgres"], action="append")
    parser.add_argument("--most", type=int, choices=SIZES, default=USUALLY)
    chosen = parser.parse_args()
    for backend in chosen.backend or ["sqlite", "postgres"]:
        _grow(backend, [size for size in SIZES if size <= chosen.most])


def _grow(backend: str, sizes: list[int]) -> None:
    costs: dict[Groups, list[float]] = {USUAL: [], FULL: []}
    rows, before, extra = [], 0, 0
    with stocked(backend, PORT) as stock:
        empty = _bytes(stock, backend)
        for size in sizes:
            _fill(stock, before, size)
            before = size
            for groups, known in costs.items():
                known.append(_cost(stock, groups, size))
                rows.append((f"{size:,} scans, {groups.name}", f"{known[-1] * 1e6:,.0f} us a scan"))
                extra += groups.scans * groups.count
            held = (_bytes(stock, backend) - empty) / (size + extra)
            rows.append((f"{size:,} scans", f"{held:,.0f} bytes a scan"))
    rows += [
        (f"largest against smallest, {groups.name}", f"{known[-1] / known[0]:.2f} (goal at most 1.5)")
        for groups, known in costs.items()
    ]
    table(f"Recording as the registry grows, {backend}: durable, a group a commit", rows)


def _fill(stock: Stock, first: int, last: int) -> None:
    """Labels in random places of the batches, two of three seen once, one of three twice: three scans on two labels."""
    for start in range(first, last, CHUNK):
        numbers = range(start, min(start + CHUNK, last))
        with stock.database.transaction() as tx:
            tx.insert_many("scan", _SCAN, (_row(stock, number) for number in numbers))
            tx.insert_many("sighting", _SIGHTING, _sightings(stock, numbers))


_SCAN = ("batch", "label_index", "device", "at_ms", "channel", "agent", "language", "confirmed")
_SIGHTING = ("batch", "label_index", "first_seen_ms", "last_seen_ms", "times_seen", "devices")
_BEGAN_MS = 1_780_000_000_000


def _label(stock: Stock, number: int) -> tuple[int, int]:
    """Each number another label, spread as if at random: the rows of one minute lie all over the table."""
    places = len(stock.batches) * _PLACES
    spread = number * _PRIME % places
    return stock.batches[spread % len(stock.batches)], spread // len(stock.batches)


_PLACES = 9_000_000
_PRIME = 982_451_653


def _row(stock: Stock, number: int) -> tuple[Any, ...]:
    device = hashlib.blake2b(number.to_bytes(8, "big"), digest_size=32).hexdigest()
    labelled = number - 1 if number % 3 == 2 else number
    return (*_label(stock, labelled), device, _BEGAN_MS + number, "page", "wechat", "zh-Hans", 1)


def _sightings(stock: Stock, numbers: range) -> Iterator[tuple[int, ...]]:
    seen: dict[tuple[int, int], list[int]] = {}
    for number in numbers:
        labelled = number - 1 if number % 3 == 2 else number
        if labelled >= numbers.start:
            seen.setdefault(_label(stock, labelled), []).append(_BEGAN_MS + number)
    for label, times in seen.items():
        yield (*label, min(times), max(times), len(times), len(times))


def _cost(stock: Stock, groups: Groups, size: int) -> float:
    """Median seconds a scan, over groups of scans of labels in random places."""
    choice = random.Random(f"{groups.name} {size}")
    taken = []
    for _ in range(groups.count):
        batches = [choice.choice(stock.batches)] if groups.of_one_batch else stock.batches
        group = [_scan(batches, choice) for _ in range(groups.scans)]
        started = time.perf_counter()
        with stock.database.recording() as tx:
            scans.record(tx, group, spread=stock.database.spread)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) / groups.scans


def _scan(batches: list[int], choice: random.Random) -> Scan:
    batch, index = choice.choice(batches), choice.randrange(_PLACES, COUNT)
    device = choice.randbytes(32).hex()
    return Scan(batch, index, device, _BEGAN_MS + choice.randrange(10**9), "page", "wechat", "zh-Hans", True)


def _bytes(stock: Stock, backend: str) -> int:
    if backend == "sqlite":
        return Path(stock.url.removeprefix("sqlite:///")).stat().st_size
    with stock.database.snapshot() as reader:
        row = reader.row("SELECT pg_database_size(current_database()) AS size")
    assert row is not None
    return int(row["size"])


if __name__ == "__main__":
    main()

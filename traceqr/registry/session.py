"""A transaction or a snapshot on a connection to PostgreSQL, with few journeys to the server.

What nobody waits for is owed: BEGIN goes with the first statement, and writes whose answers are not needed go with the
COMMIT, each time in one pipeline. Invariant: nothing is owed any more when a statement's answer is given, so that
answers see all that was written before.
"""

from __future__ import annotations

import re
import select
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import lru_cache
from itertools import chain, islice
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow

from traceqr import native
from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.registry.database import NOT_STORABLE, REFUSED_BEFORE, Params, RegistryConflict, Row, Statement

LOCK_PATIENCE_MS = 10_000
"""How long an act waits for the one before it, and a scan for a row: acts take milliseconds, large imports seconds."""

ANSWER_PATIENCE_S = 12.0
"""How long a scan waits for an answer of the server, longer than for a row."""

_COPY_FROM = 64
"""Rows from which COPY is quicker than INSERT."""

_NAME = re.compile(r"'(?:[^']|'')*'|(?<![:\w]):([a-z_][a-z0-9_]*)")

_BY_INDEX = "SELECT " + ", ".join(
    f"set_config('{name}', '{value}', true)"
    for name, value in {
        **dict.fromkeys(("enable_seqscan", "enable_hashjoin", "enable_mergejoin"), "off"),
        "max_parallel_workers_per_gather": "0",
    }.items()
)
"""Of ranges that stand in another table PostgreSQL believes that a ninth of all rows lies in each (`selfuncs.h`), so it
would read a whole table for a handful of rows.
"""

T = TypeVar("T")


class PromptConnection(psycopg.Connection[DictRow]):
    """A connection that looks at its socket before it waits for it. psycopg asks for leave before it sends and before
    it receives; through gevent each asking is a turn of the loop, though most times the socket is ready.
    """

    patience_s: float | None = None
    """How long to wait for each answer, where that is bounded: a server may hang, and its sockets stay open."""

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **options: Any) -> T:
        """See `psycopg.Connection.wait`. When patience has run out the connection is closed, since nobody knows what it
        has done, and `psycopg.OperationalError` raised.
        """
        if self.patience_s is not None:
            gen = _bounded(gen, self.patience_s)
        if native.is_patched("select"):
            gen = _prompt(gen, self.pgconn.socket)
        try:
            return super().wait(gen, *args, **options)
        except _NoAnswer:
            self.close()
            raise


_EVENTS = {1: select.POLLIN, 2: select.POLLOUT, 3: select.POLLIN | select.POLLOUT}
"""By psycopg's `Wait`: 1 to read, 2 to write, 3 for either."""


class _NoAnswer(psycopg.OperationalError):
    """Patience has run out."""


def _bounded(gen: Generator[Any, Any, T], patience_s: float) -> Generator[Any, Any, T]:
    """The same, for so long. psycopg comes back each time that some tenths of a second have passed without an event."""
    deadline = time.monotonic() + patience_s
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() > deadline:
                raise _NoAnswer(f"expected an answer of the server within {patience_s:g} s, got none")
            wanted = gen.send(ready)
    except StopIteration as ended:
        done: T = ended.value
        return done


def _prompt(gen: Generator[Any, Any, T], fileno: int) -> Generator[Any, Any, T]:
    """The same, yielding only where there is something to wait for."""
    poll = native.poll()
    ready = None
    try:
        wanted = next(gen)
        while True:
            # Nothing ready after a wait is an interval that has passed: that is handed on, and waited again.
            if ready != 0:
                poll.register(fileno, _EVENTS[wanted])
                ready = sum(bit for bit in (1, 2) if _ready(poll) & _EVENTS[bit])
            if not ready:
                ready = yield wanted
            wanted = gen.send(ready)
    except StopIteration as ended:
        done: T = ended.value
        return done


def _ready(poll: select.poll) -> int:
    events = poll.poll(0)
    return events[0][1] if events else 0


class PostgresSession:
    """A transaction or a snapshot: `Maintenance` and `Reader` of the seam. `how` is the statement that begins it, and
    `patience_s` how long each answer is waited for, where that is bounded.
    """

    def __init__(self, connection: PromptConnection, how: str, patience_s: float | None) -> None:
        self.raw = connection
        self.raw.patience_s = patience_s
        self._owed: list[Statement] = [(how, {})]
        self._is_by_index = False
        self._spoilt = False

    def rows(self, sql: str, params: Params | None = None) -> list[Row]:
        """See `Reader.rows`."""
        return self._asked(sql, params).fetchall()

    def row(self, sql: str, params: Params | None = None) -> Row | None:
        """See `Reader.row`."""
        return self._asked(sql, params).fetchone()

    def rows_each(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """See `Reader.rows_each`. In a pipeline: the answers are waited for once."""
        asked = [statement for statement in statements if statement[0]]
        if not asked:
            return [[] for _ in statements]
        cursors = iter(self._sent(asked))
        return [_fetched(next(cursors)) if sql else [] for sql, _ in statements]

    def by_index(self) -> None:
        """See `Reader.by_index`. It goes with the next statement, and ends with the transaction."""
        if not self._is_by_index:
            self._is_by_index = True
            self._owed.append((_BY_INDEX, {}))

    def execute(self, sql: str, params: Params | None = None) -> int:
        """See `Transaction.execute`."""
        return self._asked(sql, params).rowcount

    def execute_each(self, statements: Sequence[Statement]) -> None:
        """See `Transaction.execute_each`."""
        self._owed += statements

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """See `Transaction.insert_many`. Table and columns come from our own code, never from outside."""
        waiting = iter(rows)
        few = list(islice(waiting, _COPY_FROM))
        names = ", ".join(columns)
        self.settle()
        with translated():
            if len(few) == _COPY_FROM:
                return self._copy(f"COPY {table} ({names}) FROM STDIN", chain(few, waiting))
            if not few:
                return 0
            one = "(" + ", ".join(["%s"] * len(columns)) + ")"
            statement = f"INSERT INTO {table} ({names}) VALUES " + ", ".join([one] * len(few))
            return self.raw.execute(statement, [value for row in few for value in row]).rowcount

    def _copy(self, statement: str, rows: Iterable[Sequence[Any]]) -> int:
        with self.raw.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
            return cursor.rowcount

    def run_script(self, script: str) -> None:
        """See `Maintenance.run_script`."""
        self.settle()
        with translated():
            self.raw.execute(script)

    def settle(self) -> None:
        """Have done what is owed, such as the beginning."""
        if self._owed:
            self._sent([])

    def commit(self) -> None:
        """Commit durably. Raises `RegistryUnavailable` also where the answer was lost, and says so."""
        if self.raw.info.transaction_status == TransactionStatus.INERROR:  # the server would roll back without a word
            raise RegistryConflict(REFUSED_BEFORE)
        try:
            # A write that is refused ends the pipeline: the COMMIT behind it is not run.
            self._sent([("COMMIT", {})])
        except RegistryUnavailable as error:
            if not self.raw.closed:
                raise
            raise RegistryUnavailable(
                f"{error}; the connection was lost during the commit: look whether it was done before doing it again"
            ) from error

    def rollback(self) -> None:
        """Roll back what is open: nothing after a commit, nor on a connection that is lost.

        A connection whose pipeline broke off is given up, which rolls back too: psycopg takes statements for prepared
        there which the server has skipped, and never finds out.
        """
        if self._spoilt:
            self.raw.close()
        elif self.raw.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            with suppress(psycopg.Error):
                self.raw.execute("ROLLBACK")

    def _asked(self, sql: str, params: Params | None) -> psycopg.Cursor[DictRow]:
        if self._owed:
            return self._sent([(sql, params or {})])[0]
        with translated():
            return self.raw.execute(placed(sql), params or {})

    def _sent(self, statements: Sequence[Statement]) -> list[psycopg.Cursor[DictRow]]:
        """The answers to statements, which follow what is owed in one pipeline."""
        owed, self._owed = self._owed, []
        asked = (*owed, *statements)
        with translated(), self._pipeline() if len(asked) > 1 else nullcontext():
            cursors = [self.raw.execute(placed(sql), params) for sql, params in asked]
        return cursors[len(owed) :]

    @contextmanager
    def _pipeline(self) -> Iterator[None]:
        self._spoilt = True
        with self.raw.pipeline():
            yield
        self._spoilt = False


def _fetched(cursor: psycopg.Cursor[DictRow]) -> list[Row]:
    return cursor.fetchall() if cursor.description else []


@lru_cache(maxsize=1024)
def placed(statement: str) -> str:
    """A statement of the common subset with psycopg's marks: `:name` becomes `%(name)s`, outside quotes."""

    def mark(match: re.Match[str]) -> str:
        return f"%({match[1]})s" if match[1] else match[0]

    return _NAME.sub(mark, statement.replace("%", "%%"))


@contextmanager
def translated() -> Iterator[None]:
    """Turns what the driver raises into our own errors."""
    try:
        yield
    except (psycopg.Error, OverflowError, UnicodeEncodeError) as error:
        raise translation(error) from error


def translation(error: Exception) -> TraceqrError:
    """No driver's exception leaves the seam."""
    if isinstance(error, psycopg.DataError | OverflowError | UnicodeEncodeError):
        return RegistryConflict(f"{NOT_STORABLE}: {_said(error)}")
    if isinstance(error, psycopg.IntegrityError | errors.RaiseException | errors.InsufficientPrivilege):
        return RegistryConflict(f"the registry refused the change: {_said(error)}")
    if isinstance(error, errors.UndefinedObject):
        return RegistryConflict(f"the registry refused the change: {_said(error)}")
    if isinstance(error, errors.LockNotAvailable):
        return RegistryUnavailable(
            f"the registry is being written to by another process for more than {LOCK_PATIENCE_MS // 1000} s: wait for"
            " it, or end it"
        )
    return RegistryUnavailable(f"the registry cannot be used: {_said(error)}")


def _said(error: Exception) -> str:
    """The server's first line. The others repeat the statement or the row, which may hold personal data."""
    return str(error).partition("\n")[0]

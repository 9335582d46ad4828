"""The registry in one SQLite file, on sqlite-utils.

Invariants:

- Every write transaction holds the write lock from before BEGIN IMMEDIATE until after COMMIT, and so does every
  closing of a connection, since the last reader to close checkpoints too. So no two connections ever write or
  checkpoint at once, which keeps clear of the WAL-reset bug (SQLite 3.7.0 to 3.51.2) and of SQLITE_BUSY.
- synchronous=FULL: what COMMIT has returned from survives a power cut.
- Writing waits, for the lock and for the disk, and so stops its whole thread. Where greenlets share one, who records
  asks for it `soon`, and goes to another thread if that is refused.
- No connection crosses a fork, and none is used once the file behind its path is another.
"""

from __future__ import annotations

import atexit
import os
import sqlite3
import sys
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from traceqr import native
from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.registry.database import (
    NOT_STORABLE,
    REFUSED_BEFORE,
    Params,
    RegistryBusy,
    RegistryConflict,
    Row,
    Spread,
    Statement,
)
from traceqr.registry.draft import drafted
from traceqr.registry.storable import storable, storable_row
from traceqr.registry.writelock import PATIENCE_S, WriteLock


@contextmanager
def _as_if_without(module: str) -> Iterator[None]:
    """Let what is imported here do without a module, unless that is loaded already."""
    missing = module not in sys.modules
    if missing:
        sys.modules[module] = None  # type: ignore[assignment] # for Python, one that cannot be found
    try:
        yield
    finally:
        if missing:
            del sys.modules[module]


# It stores numpy's numbers where there is numpy. Ours are Python's, and numpy takes half of what it takes to load both.
with _as_if_without("numpy"):
    import sqlite_utils

T = TypeVar("T")

BUSY_TIMEOUT_MS = 20
"""How long SQLite itself waits for somebody who writes without our lock, such as the sqlite3 shell. Short, since that
wait cannot be ended; `_patiently` goes on waiting, as long as it is asked to."""

SOON_S = 0.003
"""How long a recording waits that must not wait: for a commit, not for an import."""

_BUSY_PAUSE_S = 0.005

_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = WAL",  # kept in the file; asked for each time, as a copy by VACUUM INTO has lost it
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
)


class SqliteConnection:
    """A transaction or a snapshot on one connection: `Transaction` and `Reader` of the seam."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.raw = connection
        self._tables = sqlite_utils.Database(connection, execute_plugins=False)
        self._refused = False

    def rows(self, sql: str, params: Params | None = None) -> list[Row]:
        """See `Reader.rows`."""
        return self._fetch(sql, params)

    def row(self, sql: str, params: Params | None = None) -> Row | None:
        """See `Reader.row`."""
        found = self._fetch(sql, params)
        return found[0] if found else None

    def _fetch(self, sql: str, params: Params | None) -> list[Row]:
        """Straight to the driver: sqlite-utils wraps each query in a savepoint, which doubles its cost, and the
        verdict is made of such queries.
        """
        try:
            cursor = self.raw.execute(sql, storable(params) if params else {})
            if cursor.description is None:
                return []
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, values, strict=True)) for values in cursor]
        except _REFUSALS as error:
            raise self._noticed(error) from error

    def rows_each(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """See `Reader.rows_each`."""
        return [self._fetch(sql, params) if sql else [] for sql, params in statements]

    def by_index(self) -> None:
        """See `Reader.by_index`. It does so anyway."""

    def execute(self, sql: str, params: Params | None = None) -> int:
        """See `Transaction.execute`."""
        try:
            return self._tables.execute(sql, dict(storable(params or {}))).rowcount
        except _REFUSALS as error:
            raise self._noticed(error) from error

    def execute_each(self, statements: Sequence[Statement]) -> None:
        """See `Transaction.execute_each`."""
        for sql, params in statements:
            self._fetch(sql, params)

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """See `Transaction.insert_many`. Table and columns come from our own code, never from outside."""
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        try:
            return max(self.raw.executemany(statement, map(storable_row, rows)).rowcount, 0)
        except _REFUSALS as error:
            raise self._noticed(error) from error

    def run_script(self, script: str) -> None:
        """Run the statements of a script inside the present transaction (executescript would commit it first)."""
        statement = ""
        for line in script.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                self._run(statement)
                statement = ""
        self._run(statement)  # a last statement without its semicolon; comments alone do nothing

    def _run(self, statement: str) -> None:
        try:
            self.raw.execute(statement)
        except _REFUSALS as error:
            raise self._noticed(error) from error

    def _noticed(self, error: Exception) -> TraceqrError:
        """What to raise for a refused statement. After one PostgreSQL commits nothing, so no backend does."""
        self._refused = True
        return error if isinstance(error, TraceqrError) else _translation(error)

    def begin(self, how: str) -> None:
        """Start a transaction."""
        with _translated():
            self.raw.execute(how)

    def commit(self) -> None:
        """Commit durably. A failed commit leaves the transaction open, or has already rolled it back."""
        if self._refused:
            raise RegistryConflict(REFUSED_BEFORE)
        with _translated():
            self.raw.execute("COMMIT")

    def rollback(self) -> None:
        """Roll back what is open: nothing after a commit, nor after SQLite has done so itself (disk full)."""
        self._refused = False
        if self.raw.in_transaction:
            with _translated():
                self.raw.execute("ROLLBACK")


class SqliteDatabase:
    """A registry file. Connects on first use, so a process can start before its registry can be reached."""

    spread = Spread.FILE

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = str(path)
        self._lock = WriteLock(path.with_name(path.name + ".lock"))
        self._guard = native.new_lock()
        self._idle: list[SqliteConnection] = []
        self._file: tuple[int, int] | None = None
        self._process = os.getpid()
        _open_databases.add(self)

    @property
    def place(self) -> str:
        """See `Database.place`."""
        return str(self.path)

    @contextmanager
    def snapshot(self, *, soon: bool = False) -> Iterator[SqliteConnection]:  # noqa: ARG002
        """See `Database.snapshot`."""
        connection = self._take()
        try:
            connection.begin("BEGIN")
            # A question that reads nothing yet fixes what the snapshot sees.
            _patiently(
                lambda: connection.raw.execute("PRAGMA schema_version").fetchone(),
                time.monotonic() + PATIENCE_S,
                pause=time.sleep,  # nothing is held meanwhile, so other greenlets may go on
            )
            yield connection
        except RegistryUnavailable:
            with self._lock.held():
                connection.raw.close()
            raise
        except BaseException:
            self._give_back(connection)
            raise
        self._give_back(connection)

    def transaction(self) -> AbstractContextManager[SqliteConnection]:
        """See `Database.transaction`."""
        return self._writing(None)

    def recording(self, *, soon: bool = False) -> AbstractContextManager[SqliteConnection]:
        """See `Database.recording`. Another worker's commit takes as long as `soon` waits; an import takes longer."""
        return self._writing(SOON_S if soon else None)

    maintenance = transaction

    @contextmanager
    def _writing(self, patience_s: float | None) -> Iterator[SqliteConnection]:
        self._require_process()  # before waiting: the thread lock may have been held when the process forked
        self._require_file()  # a missing registry is said before a lock file is made beside it
        with self._lock.held(patience_s) as deadline:
            connection = self._take()
            try:
                _patiently(lambda: connection.raw.execute("BEGIN IMMEDIATE"), deadline)
                yield connection
                connection.commit()
            except RegistryUnavailable:
                connection.raw.close()
                raise
            except BaseException:
                self._give_back(connection)
                raise
            self._give_back(connection)

    def faults(self) -> list[str]:
        """See `Database.faults`: SQLite's own check of the file, and of its foreign keys."""
        with self.snapshot() as reader:
            found = [row["integrity_check"] for row in reader.rows("PRAGMA integrity_check")]
            broken = reader.rows("PRAGMA foreign_key_check")
        damage = [f"the file is damaged: {message}" for message in found if message != "ok"]
        return damage + [
            f"table {row['table']}: row {row['rowid']} names a row of {row['parent']} that is not there"
            for row in broken
        ]

    @classmethod
    def create(cls, path: Path, install: Callable[[SqliteConnection], None]) -> SqliteDatabase:
        """Make a registry, filled by `install`: whole, or not at all, whenever it is interrupted.

        Raises `RegistryUnavailable` if something is there already, or the file cannot be made.
        """
        try:
            # The last to close checkpoints, so that the file alone is the registry when it takes its name.
            with drafted(path) as draft, closing(cls(draft)) as database, database.maintenance() as tx:
                install(tx)
        except FileExistsError as error:
            raise RegistryUnavailable(f"expected no file at {path}, found one") from error
        except OSError as error:
            raise RegistryUnavailable(f"cannot create the registry {path}: {error.strerror}") from error
        return cls(path)

    def backup(self, path: Path, look: Callable[[SqliteConnection], T]) -> T:
        """Write the registry as it is at one instant into a new file, while others go on writing; returns what `look`
        finds in it before it appears. Rows that were deleted have left nothing in it.

        Raises `RegistryUnavailable` when something is there already, or the file cannot be written.
        """
        with self.snapshot() as reader:  # the registry can be read: what fails from here on is the backup
            reader.row("SELECT COUNT(*) FROM sqlite_master")
        connection = self._take()
        try:
            with drafted(path) as draft:
                connection.raw.execute("VACUUM INTO ?", (str(draft),))
                with closing(sqlite3.connect(f"{draft.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
                    return look(SqliteConnection(copy))
        except FileExistsError as error:
            raise RegistryUnavailable(f"expected no file at {path}, found one") from error
        except OSError as error:
            raise RegistryUnavailable(f"cannot write the backup {path}: {error.strerror}") from error
        except sqlite3.Error as error:
            raise RegistryUnavailable(f"cannot write the backup {path}: {error}") from error
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """See `Database.close`."""
        if os.getpid() != self._process:
            return  # what a fork has inherited is the parent's to close
        with self._guard:
            idle, self._idle = self._idle, []
        if idle:
            with self._lock.held():
                for connection in idle:
                    connection.raw.close()

    def _take(self) -> SqliteConnection:
        self._require_process()
        file = self._require_file()
        with self._guard:
            if self._file is None:
                self._file = file
            if self._file != file:
                # The connections we hold would checkpoint the old file into the new one's log. Touch nothing.
                raise RegistryUnavailable(f"the registry {self.path} was replaced while in use: restart this process")
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _give_back(self, connection: SqliteConnection) -> None:
        """Keep a connection for the next one, with no transaction open on it."""
        try:
            connection.rollback()
        except RegistryUnavailable:
            connection.raw.close()
            raise
        with self._guard:
            self._idle.append(connection)

    def _require_process(self) -> None:
        if os.getpid() != self._process:
            raise RegistryUnavailable("expected a registry opened after the fork, got one inherited across it")

    def _require_file(self) -> tuple[int, int]:
        """Device and inode of the registry file. Raises `RegistryUnavailable` when there is none."""
        try:
            found = os.stat(self._name)  # noqa: PTH116  asked for each transaction; pathlib takes three times as long
        except OSError as error:
            raise RegistryUnavailable(
                f"expected a registry at {self.path}, found none; to make one, run: traceqr init"
            ) from error
        return found.st_dev, found.st_ino

    def _connect(self) -> SqliteConnection:
        log = self.path.with_name(self.path.name + "-wal")
        logged = log.exists()
        with _translated():
            raw = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
            )
            try:
                deadline = time.monotonic() + PATIENCE_S
                for statement in (*_PRAGMAS, "SELECT COUNT(*) FROM sqlite_master"):
                    _patiently(lambda asked=statement: raw.execute(asked).fetchall(), deadline)  # type: ignore[misc]
            except BaseException as error:
                if logged and _is_malformed(error.__cause__):
                    self._close_without_a_trace(raw)
                    raise RegistryUnavailable(f"{error}; {_foreign_log(log)}") from error
                raw.close()
                raise
        return SqliteConnection(raw)

    def _close_without_a_trace(self, raw: sqlite3.Connection) -> None:
        """The last one to close writes the log into the file, unless he may only read."""
        last = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)
        with closing(last), closing(raw), suppress(sqlite3.Error):
            last.execute("PRAGMA schema_version").fetchall()


def _patiently(call: Callable[[], object], deadline: float, pause: Callable[[float], None] | None = None) -> None:
    """Make a call to SQLite, with patience for those that do not know our lock: writers such as the sqlite3 shell, and
    whoever reads the log anew after a crash, which lets nobody else read meanwhile.
    """
    while True:
        try:
            call()
        except sqlite3.Error as error:
            if not _is_busy(error) or time.monotonic() > deadline:
                raise _translation(error) from error
            (pause or native.sleep)(_BUSY_PAUSE_S)
        else:
            return


def _is_busy(error: sqlite3.Error) -> bool:
    # The low byte is the primary result code (sqlite.org/rescode.html).
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _is_malformed(error: BaseException | None) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT


def _foreign_log(log: Path) -> str:
    """SQLite takes whatever log lies beside a file for the file's own, and writes it into it."""
    return (
        f"{log} may be the log of another file that stood there before: then stop the service, move the file away"
        " together with its -wal and its -shm, and put the backup in place once more"
    )


_open_databases: weakref.WeakSet[SqliteDatabase] = weakref.WeakSet()


@atexit.register
def _close_at_exit() -> None:
    """The interpreter would close what is left open as well, but without the lock."""
    for database in list(_open_databases):
        with suppress(RegistryUnavailable):  # the folder is gone: nothing to keep whole any more
            database.close()


_DRIVERS_OWN = (sqlite3.Error, OverflowError, UnicodeEncodeError)
_REFUSALS = (*_DRIVERS_OWN, RegistryConflict)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _DRIVERS_OWN as error:
        raise _translation(error) from error


def _translation(error: Exception) -> TraceqrError:
    """No driver's exception leaves the seam."""
    if isinstance(error, sqlite3.IntegrityError):
        return RegistryConflict(f"the registry refused the change: {error}")
    if isinstance(error, OverflowError | UnicodeEncodeError):
        return RegistryConflict(f"{NOT_STORABLE}: {error}")
    if isinstance(error, sqlite3.Error) and _is_busy(error):
        return RegistryBusy("the registry is being written to by another program: wait for it, or end it")
    return RegistryUnavailable(f"the registry cannot be used: {error}")

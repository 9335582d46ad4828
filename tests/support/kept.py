"""A world kept as it is, for others that begin where it has come to: rows, keys, the clock and the ids."""

from __future__ import annotations

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from support import world as worlds

if TYPE_CHECKING:
    from support.world import World


@dataclass(frozen=True)
class Kept:
    """`rows` is a whole file of SQLite, or what COPY says of each table of PostgreSQL."""

    rows: bytes | dict[str, bytes]
    keys: Path
    at_ms: int
    last_id: int


def is_new(world: World) -> bool:
    """Whether nothing was done in a world yet, and nothing is special about it."""
    return _is_untouched(world) and world.clock() == worlds.START_MS


def begin(world: World, build: Callable[[World], object]) -> None:
    """Let a new world begin with what `build` does: it is done once in a process on each engine at each instant, and
    others get a copy, if they may.
    """
    at = (build, world.on_a_file, world.clock())
    if not world.copied or not _is_untouched(world):
        build(world)
    elif at in _begun:
        bring_back(world, _begun[at])
    else:
        build(world)
        _begun[at] = keep(world)


_begun: dict[tuple[Callable[[World], object], bool, int], Kept] = {}


def _is_untouched(world: World) -> bool:
    if world.passphrase is not None:
        return False
    return _is_unopened(world) or world.one("SELECT COUNT(*) AS n FROM ledger")["n"] == 0


def _is_unopened(world: World) -> bool:
    """Whether the registry is a file as it was copied, and nobody is connected to it: no log lies beside it."""
    log = world.path.with_name(world.path.name + "-wal")
    return world.on_a_file and not log.exists() and world.path.read_bytes() == worlds.empty_file()


def keep(world: World) -> Kept:
    """As it is now."""
    keys = Path(tempfile.mkdtemp(prefix="tqkept"))
    atexit.register(shutil.rmtree, keys, ignore_errors=True)
    shutil.copytree(world.folder.path, keys, dirs_exist_ok=True)
    rows = _file(world.path) if world.on_a_file else _tables(world.url)
    return Kept(rows, keys, world.clock(), int(world.desk.new_id(), 16))


def bring_back(world: World, kept: Kept) -> None:
    """Let a new world begin there."""
    if not isinstance(kept.rows, bytes):
        _fill_tables(world, kept.rows)
    elif _is_unopened(world):
        world.path.write_bytes(kept.rows)
    else:
        _fill_file(world.path, kept.rows)
    shutil.copytree(kept.keys, world.folder.path, dirs_exist_ok=True)
    world.clock.at_ms = kept.at_ms
    world.desk = replace(world.desk, new_id=worlds.Ids(kept.last_id))


def _file(path: Path) -> bytes:
    connection = sqlite3.connect(path)
    try:
        return connection.serialize()
    finally:
        connection.close()


def _fill_file(path: Path, content: bytes) -> None:
    """Through SQLite, since somebody is connected. All of it goes through the log, and from there into the file."""
    source, target = sqlite3.connect(":memory:"), sqlite3.connect(path)
    try:
        source.deserialize(content[:18] + b"\x01\x01" + content[20:])  # in memory there is no WAL mode
        target.execute("PRAGMA synchronous = OFF")
        source.backup(target)
    finally:
        target.close()
        source.close()


def _tables(url: str) -> dict[str, bytes]:
    with psycopg.connect(url) as connection:
        copied = {name: _copied(connection, name) for name in worlds.TABLES}
        return {name: content for name, content in copied.items() if content != _EMPTY}


_EMPTY = b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\xff\xff"
"""What COPY says of a table without rows."""


def _copied(connection: psycopg.Connection, name: str) -> bytes:
    with connection.cursor().copy(f"COPY (SELECT * FROM {name}) TO STDOUT (FORMAT binary)") as copy:
        return b"".join(copy)


def _fill_tables(world: World, rows: dict[str, bytes]) -> None:
    if world.registry:
        _fill_through(world.registry.keeper, rows)
        return
    with psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        _fill_through(connection, rows)


def _fill_through(connection: psycopg.Connection, rows: dict[str, bytes]) -> None:
    with connection.transaction():
        connection.execute("DELETE FROM meta")
        for name, content in rows.items():
            with connection.cursor().copy(f"COPY {name} FROM STDIN (FORMAT binary)") as copy:
                copy.write(content)

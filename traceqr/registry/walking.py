"""What can be asked of any table: how many rows, all rows in the order of their keys, the rows of some keys, and rows
that break a rule of the schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from traceqr.errors import TraceqrError
from traceqr.registry.database import Reader, Row, Transaction
from traceqr.registry.tables import ForeignKey, Table

CHUNK_ROWS = 2_000
"""Rows read at once at most."""

CHUNK_BYTES = 4_000_000
"""What a chunk should hold at most: pictures have up to some hundred thousand characters each."""

_FEWEST_ROWS = 16
"""Rows of the first chunk; and of so many one is measured, to tell how large the next chunk may be."""


class Unreadable(TraceqrError):
    """A row whose key cannot be used to find the next one."""


def count(reader: Reader, table: Table) -> int:
    """How many rows a table has."""
    row = reader.row(f"SELECT COUNT(*) AS count FROM {table.name}")
    assert row is not None  # an aggregate always has its one row
    return int(row["count"])


def require_readable(reader: Reader, table: Table, names: Sequence[str]) -> None:
    """Ask for columns of a table that may not be there. Raises `RegistryUnavailable`."""
    reader.rows(_nothing_of(table, names))


def require_all_readable(reader: Reader, tables: Iterable[Table]) -> None:
    """The same of all columns of some tables, in one go."""
    reader.rows_each([(_nothing_of(table, table.names), {}) for table in tables])


def _nothing_of(table: Table, names: Sequence[str]) -> str:
    return f"SELECT {', '.join(names)} FROM {table.name} LIMIT 0"


def clear(tx: Transaction, table: Table) -> None:
    """Remove all rows of a table."""
    tx.execute(f"DELETE FROM {table.name}")


def walk(reader: Reader, table: Table) -> Iterator[list[Row]]:
    """All rows of a table in the order of its primary key, some at a time, so that memory stays flat for any number.

    Text is ordered as the backend does: any order will do that is the same from one chunk to the next. Raises
    `Unreadable` for a key with nothing in it, which nothing comes after.
    """
    limit, after = _FEWEST_ROWS, None
    while rows := reader.rows(_next(table, limit, later=after is not None), after or {}):
        yield rows
        if len(rows) < limit:
            return
        after = {f"key{place}": rows[-1][name] for place, name in enumerate(table.primary_key)}
        if None in after.values():
            raise Unreadable(f"{table.spot(rows[-1])}: expected a whole key, found a part of it missing")
        size = sum(len(value) for row in rows[::_FEWEST_ROWS] for value in row.values() if isinstance(value, str))
        fitting = limit * CHUNK_BYTES // max(size * _FEWEST_ROWS, 1)
        limit = max(_FEWEST_ROWS, min(CHUNK_ROWS, fitting, limit * 4))


def _next(table: Table, limit: int, *, later: bool) -> str:
    """The statement of a chunk. The limit stands in it, or PostgreSQL would plan for a tenth of the table."""
    key = ", ".join(table.primary_key)
    marks = ", ".join(f":key{place}" for place in range(len(table.primary_key)))
    select = f"SELECT {', '.join(table.names)} FROM {table.name}"
    return select + (f" WHERE ({key}) > ({marks})" if later else "") + " ORDER BY " + key + f" LIMIT {limit}"


def rows_of_keys(reader: Reader, table: Table, keys: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], Row]:
    """The rows of those primary keys that are there, by key."""
    if not keys:
        return {}
    names = table.primary_key
    kinds = [table.column(name).kind for name in names]
    values = {f"key{at}_{place}": value for at, key in enumerate(keys) for place, value in enumerate(key)}
    listed = ", ".join(
        "(" + ", ".join(f"CAST(:key{at}_{place} AS {kind})" for place, kind in enumerate(kinds)) + ")"
        for at in range(len(keys))
    )
    wanted = ", ".join(f"wanted_{name}" for name in names)
    same = " AND ".join(f"t.{name} = w.wanted_{name}" for name in names)
    rows = reader.rows(
        f"WITH wanted ({wanted}) AS (VALUES {listed}) SELECT {', '.join('t.' + name for name in table.names)}"
        f" FROM wanted w JOIN {table.name} t ON {same}",
        values,
    )
    return {tuple(row[name] for name in names): row for row in rows}


def orphans(reader: Reader, table: Table, key: ForeignKey, limit: int) -> list[Row]:
    """Rows that name a row of another table which is not there: their primary and their foreign key."""
    names = dict.fromkeys((*table.primary_key, *key.columns))
    pairs = list(zip(key.columns, key.targets, strict=True))
    return reader.rows(
        f"SELECT {', '.join('t.' + name for name in names)} FROM {table.name} t LEFT JOIN {key.table} p"
        f" ON {' AND '.join(f't.{name} = p.{target}' for name, target in pairs)}"
        f" WHERE p.{key.targets[0]} IS NULL AND {' AND '.join(f't.{name} IS NOT NULL' for name in key.columns)}"
        " LIMIT :limit",
        {"limit": limit},
    )


def breaches(reader: Reader, table: Table, check: str, limit: int) -> list[Row]:
    """Rows that a CHECK of the schema forbids: their primary key."""
    return reader.rows(
        f"SELECT {', '.join(table.primary_key)} FROM {table.name} WHERE NOT ({check}) LIMIT :limit", {"limit": limit}
    )

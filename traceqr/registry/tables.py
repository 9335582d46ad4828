"""The tables of the registry as data, read from schema.sql so that nothing is listed twice; and what can be asked of
any of them: how many rows, all rows in the order of their keys, and rows that break a rule of the schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from traceqr.errors import TraceqrError
from traceqr.registry.database import Reader, Row, Transaction

CHUNK_ROWS = 2_000
"""Rows read at once at most."""

CHUNK_BYTES = 4_000_000
"""What a chunk should hold at most: pictures have up to some hundred thousand characters each."""

_FEWEST_ROWS = 16
"""Rows of the first chunk; and of so many one is measured, to tell how large the next chunk may be."""

_SHOWN = 40
"""Characters shown of a value that is wrong."""

_INTEGER_LIMIT = 2**63


class Unreadable(TraceqrError):
    """A row whose key cannot be used to find the next one."""


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is TEXT, BIGINT, or INTEGER for 0 and 1."""

    name: str
    kind: str
    nullable: bool

    def fault(self, value: Any) -> str | None:
        """What is wrong with a value of this column, or None: SQLite stores whatever it is given."""
        if value is None:
            return None if self.nullable else "expected a value, found none"
        if self.kind == "TEXT":
            if isinstance(value, str) and "\0" not in value:
                return None
            return f"expected text, found {'text with NUL' if isinstance(value, str) else shown(value)}"
        if type(value) is int and -_INTEGER_LIMIT <= value < _INTEGER_LIMIT:
            return None
        return f"expected an integer, found {shown(value)}"


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` name a row of `table` by its columns `targets`, unless one of them is null."""

    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of schema.sql. `checks` are its CHECK conditions, as they stand there."""

    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    checks: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    def spot(self, row: Row) -> str:
        """A row for people: the table and the row's key."""
        key = ", ".join(f"{name} {shown(row[name])}" for name in self.primary_key)
        return f"table {self.name}, row {key}"

    def faults(self, row: Row) -> list[str]:
        """What is wrong with the values of a row, each with the name of its column."""
        return [
            f"column {column.name}: {fault}"
            for column, value in zip(self.columns, row.values(), strict=True)
            if (fault := column.fault(value))
        ]


def shown(value: Any) -> str:
    """A value in a message: short, and with its kind where that is the point."""
    if value is None:
        return "nothing"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, str):
        return f"{value[:_SHOWN] + '...' if len(value) > _SHOWN else value!r}"
    return f"{value:,}" if isinstance(value, int) and abs(value) >= _INTEGER_LIMIT else str(value)


@cache
def tables() -> tuple[Table, ...]:
    """All tables, those that others name first: a schema cannot be written in another order."""
    return parse(files("traceqr.registry").joinpath("schema.sql").read_text(encoding="utf-8"))


def table(name: str) -> Table:
    """The table of that name."""
    return next(one for one in tables() if one.name == name)


_TABLE = re.compile(r"CREATE TABLE ([a-z_]+) \((.*)\)", re.DOTALL)
_COLUMN = re.compile(r"([a-z_]+) (TEXT|BIGINT|INTEGER)\b(.*)", re.DOTALL)
_REFERENCES = re.compile(r"REFERENCES ([a-z_]+) \(([^)]*)\)")
_LISTED = re.compile(r"(PRIMARY KEY|FOREIGN KEY) \(([^)]*)\)")
_CHECK = "CHECK ("


def parse(schema: str) -> tuple[Table, ...]:
    """The tables of a schema in the form of ours: one item a line or several, comments with two dashes."""
    bare = re.sub(r"/\*.*?\*/|--[^\n]*", "", schema)
    return tuple(
        _table(match[1], list(_items(match[2])))
        for statement in bare.split(";")
        if (match := _TABLE.fullmatch(statement.strip()))
    )


def _table(name: str, items: Sequence[str]) -> Table:
    columns, key, foreign = [], [], []
    for item in items:
        if match := _COLUMN.match(item):
            columns.append(Column(match[1], match[2], "NOT NULL" not in match[3]))
            key += [match[1]] if "PRIMARY KEY" in match[3] else []
            foreign += [ForeignKey((match[1],), *_references(match[3]))] if "REFERENCES" in match[3] else []
        elif match := _LISTED.match(item):
            if match[1] == "PRIMARY KEY":
                key += _names(match[2])
            else:
                foreign.append(ForeignKey(_names(match[2]), *_references(item)))
    checks = tuple(check for item in items for check in _checks(item))
    return Table(name, tuple(columns), tuple(key), tuple(foreign), checks)


def _items(body: str) -> Iterator[str]:
    """What stands between the commas of a table, brackets kept together."""
    depth, item = 0, ""
    for char in body:
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:
            yield item.strip()
            item = ""
        else:
            item += char
    yield item.strip()


def _checks(item: str) -> Iterator[str]:
    """The conditions of an item, each up to the bracket that ends it."""
    for part in item.split(_CHECK)[1:]:
        depth, end = 1, 0
        while depth:
            depth += (part[end] == "(") - (part[end] == ")")
            end += 1
        yield " ".join(part[: end - 1].split())


def _references(text: str) -> tuple[str, tuple[str, ...]]:
    match = _REFERENCES.search(text)
    if match is None:
        raise TraceqrError(f"expected REFERENCES with a table and its columns, got {text.strip()!r}")
    return match[1], _names(match[2])


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


def count(reader: Reader, table: Table) -> int:
    """How many rows a table has."""
    row = reader.row(f"SELECT COUNT(*) AS count FROM {table.name}")
    assert row is not None  # an aggregate always has its one row
    return int(row["count"])


def require_readable(reader: Reader, table: Table, names: Sequence[str]) -> None:
    """Ask for columns of a table that may not be there. Raises `RegistryUnavailable`."""
    reader.rows(f"SELECT {', '.join(names)} FROM {table.name} LIMIT 0")


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


def texts(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """Some values of a row for people: `batch 3, first 0`."""
    return ", ".join(f"{name} {shown(row[name])}" for name in names)

"""The tables of the registry as data, read from schema.sql so that nothing is listed twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from traceqr.errors import TraceqrError
from traceqr.registry.database import Row

_SHOWN = 40
"""Characters shown of a value that is wrong."""

_INTEGER_LIMIT = 2**63


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


def texts(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """Some values of a row for people: `batch 3, first 0`."""
    return ", ".join(f"{name} {shown(row[name])}" for name in names)

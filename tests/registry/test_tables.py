"""The tables as schema.sql has them, read from its text."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from importlib.resources import files
from typing import Any

import pytest
from support.world import TABLES

from traceqr.errors import TraceqrError
from traceqr.registry import tables
from traceqr.registry.tables import Column, ForeignKey, Table

SCHEMA = files("traceqr.registry").joinpath("schema.sql").read_text(encoding="utf-8")


class TestParsing:
    """SQLite reads the same text, and tells what it has understood."""

    def test_every_table(self) -> None:
        assert [table.name for table in tables.tables()] == TABLES

    @pytest.mark.parametrize("table", tables.tables(), ids=lambda table: table.name)
    def test_columns_keys_and_foreign_keys(self, table: Table) -> None:
        with closing(sqlite3.connect(":memory:")) as database:
            database.executescript(SCHEMA)
            info = database.execute(f"PRAGMA table_info({table.name})").fetchall()
            foreign = database.execute(f"PRAGMA foreign_key_list({table.name})").fetchall()
        assert [(c.name, c.kind, c.nullable) for c in table.columns] == [(row[1], row[2], not row[3]) for row in info]
        assert table.primary_key == tuple(row[1] for row in sorted(info, key=lambda row: row[5]) if row[5])
        groups: dict[int, list[Any]] = {}
        for row in foreign:
            groups.setdefault(row[0], []).append(row)
        assert set(table.foreign_keys) == {
            ForeignKey(tuple(row[3] for row in rows), rows[0][2], tuple(row[4] for row in rows))
            for rows in groups.values()
        }

    def test_those_that_others_name_come_first(self) -> None:
        seen: set[str] = set()
        for table in tables.tables():
            assert {key.table for key in table.foreign_keys} <= seen
            seen.add(table.name)

    def test_no_check_is_left_out(self) -> None:
        found = [check for table in tables.tables() for check in table.checks]
        assert len(found) == len(re.findall(r"\bCHECK\b", re.sub(r"--[^\n]*", "", SCHEMA)))
        assert "(state = 'filed') = (decided_ms IS NULL)" in found

    def test_a_reference_without_its_columns_is_refused(self) -> None:
        with pytest.raises(TraceqrError, match="expected REFERENCES with a table and its columns, got 'NOT NULL"):
            tables.parse("CREATE TABLE a (\n    b TEXT NOT NULL REFERENCES c\n);")


@pytest.mark.parametrize(
    ("kind", "value", "fault"),
    [
        ("TEXT", "茶", None),
        ("TEXT", "", None),
        ("TEXT", 5, "expected text, found 5"),
        ("TEXT", b"abc", "expected text, found 3 bytes"),
        ("TEXT", "a\0b", "expected text, found text with NUL"),
        ("TEXT", None, "expected a value, found none"),
        ("BIGINT", 2**63 - 1, None),
        ("BIGINT", 2**63, "expected an integer, found 9,223,372,036,854,775,808"),
        ("BIGINT", True, "expected an integer, found True"),
        ("BIGINT", 1.0, "expected an integer, found 1.0"),
        ("BIGINT", "1", "expected an integer, found '1'"),
        ("BIGINT", "x" * 100, f"expected an integer, found '{'x' * 40}...'"),
        ("INTEGER", None, "expected a value, found none"),
    ],
)
def test_values(kind: str, value: object, fault: str | None) -> None:
    assert Column("c", kind, nullable=False).fault(value) == fault


def test_null_where_it_may_be() -> None:
    assert Column("c", "TEXT", nullable=True).fault(None) is None

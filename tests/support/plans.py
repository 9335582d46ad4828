"""How databases would run the statements that were heard, and which tables they would read through for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import pytest
from support.world import World

from traceqr.registry.session import PostgresSession
from traceqr.registry.sqlite import SqliteConnection


@dataclass
class Heard:
    """The statements that were run: each once, with the parameters of its first run, and all runs."""

    statements: dict[str, Any] = field(default_factory=dict)
    runs: list[tuple[str, Any]] = field(default_factory=list)
    at_will: set[str] = field(default_factory=set)
    """Those that were once run where the planner may do as it likes: nobody had asked for an index."""

    def listen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for kind in (SqliteConnection, PostgresSession):
            for name in ("rows", "row", "execute"):
                monkeypatch.setattr(kind, name, self._hearing(getattr(kind, name)))
            monkeypatch.setattr(kind, "rows_each", self._hearing_each(kind.rows_each))
            monkeypatch.setattr(kind, "execute_each", self._hearing_each(kind.execute_each))

    def _hearing_each(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def heard(connection: object, statements: Any) -> Any:
            for sql, params in statements:
                if sql:
                    self._note(connection, sql, params)
            return original(connection, statements)

        return heard

    def _hearing(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def heard(connection: object, sql: str, params: Any = None) -> Any:
            self._note(connection, sql, params)
            return original(connection, sql, params)

        return heard

    def _note(self, connection: object, sql: str, params: Any) -> None:
        self.statements.setdefault(sql, params)
        self.runs.append((sql, params))
        if not getattr(connection, "_is_by_index", False):
            self.at_will.add(sql)


def plan(world: World, sql: str, params: Any, *, by_index: bool = False) -> str:
    """How the database would run a statement; it does not run it. `by_index` where that was asked for."""
    how = "EXPLAIN QUERY PLAN " if world.on_a_file else "EXPLAIN (COSTS OFF) "
    with world.database.maintenance() as tx:
        if by_index:
            tx.by_index()
        return "\n".join(str(row.get("detail", row.get("QUERY PLAN"))) for row in tx.rows(how + sql, params))


def read_through(sql: str, text: str, large: Collection[str]) -> list[str]:
    """The large tables that the plan of a statement reads from end to end, or whose index it skips through."""
    # SQLite calls a table by its alias, PostgreSQL by its own name and that of the part.
    called = {alias: table for table, alias in re.findall(r"\b(?:FROM|JOIN)\s+(\w+)\s+([a-z])\b", sql)}
    steps = re.findall(r"(SCAN|Seq Scan on|SEARCH(?=.*\bANY\())\s+([a-z_]+?)(?:_\d+)?\b(.*)", text)
    found = [(how, called.get(name, name), rest) for how, name, rest in steps]
    return [
        f"{how} {table}{rest}"
        for how, table, rest in found
        if table in large and not _ends_at_once(sql, table, rest) and not _of_few(rest)
    ]


def _ends_at_once(sql: str, table: str, rest: str) -> bool:
    """From the end of an index, and one step: how SQLite spells the latest entry."""
    latest = re.search(rf"\bFROM {table}\s+ORDER BY \w+ DESC LIMIT 1\b", sql)
    return latest is not None and re.match(r" USING (COVERING )?INDEX", rest) is not None


def _of_few(rest: str) -> bool:
    """Through an index that has but the rows that are meant: SQLite calls that a scan where nothing else is asked."""
    return re.search(r"INDEX (inspection_correction_open|inspection_withdrawn)\b", rest) is not None

"""The seam. Two backends stand behind it; nothing above it knows which.

Statements are plain SQL in the common subset, with `:name` parameters and a mapping of values.
Rows come back as dicts by column name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from traceqr.errors import RegistryUnavailable, TraceqrError

Row = dict[str, Any]
Params = Mapping[str, Any]


class RegistryNewer(RegistryUnavailable):
    """The registry was made by a later version of the program."""


class RegistryConflict(TraceqrError):
    """A constraint of the schema refused the change; the transaction is rolled back."""


class Reader(Protocol):
    """A consistent view: all statements see the registry as of one instant."""

    def rows(self, sql: str, params: Params = ...) -> list[Row]:
        """All rows of a query."""

    def row(self, sql: str, params: Params = ...) -> Row | None:
        """The first row of a query, or None."""


class Transaction(Reader, Protocol):
    """A reader that may also write. It holds the registry's one write lock from before its first read."""

    def execute(self, sql: str, params: Params = ...) -> int:
        """Run a statement that changes rows; returns how many."""

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Insert rows given as value sequences in the order of `columns`; returns how many."""


class Database(Protocol):
    """A registry that is open. Safe to share between the threads of one process, never across a fork."""

    def snapshot(self) -> AbstractContextManager[Reader]:
        """A consistent view for reading."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Takes the write lock, then begins. Commits durably at the end, rolls back on any exception."""

    def close(self) -> None:
        """Close every connection."""

"""The seam. SQLite and PostgreSQL stand behind it; nothing above it knows which.

Statements are plain SQL in the common subset, with `:name` parameters and a mapping of values.
Rows come back as dicts by column name.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from traceqr.errors import RegistryUnavailable, TraceqrError

Row = dict[str, Any]
Params = Mapping[str, Any]


class RegistryNewer(RegistryUnavailable):
    """The registry was made by a later version of the program."""


class RegistryBusy(RegistryUnavailable):
    """Somebody else writes, and did so for longer than one would wait."""


class RegistryConflict(TraceqrError):
    """A constraint of the schema refused the change; the transaction is rolled back."""


NOT_STORABLE = (
    "the registry refused the change: expected integers of 64 bits and text of Unicode characters without NUL"
)
"""What every backend says of a value that not all of them can store."""

REFUSED_BEFORE = (
    "the registry refused the change: a statement was refused before, so nothing of the transaction is kept"
)
"""What every backend says where a refused statement was passed over."""


Statement = tuple[str, Params]
"""A statement with its parameters."""

NOTHING = ""
"""The statement that asks nothing; it is answered without asking anybody."""


class Spread(enum.Enum):
    """How the rows of scans lie, by which the statements about them are divided."""

    FILE = enum.auto()
    """In one place: a statement may name any batches."""

    PARTS = enum.auto()
    """In parts of one server, by batch: what looks for rows names one batch, or all parts would be opened for it. What
    brings its rows may bring those of several batches, each of which goes to its part."""

    MACHINES = enum.auto()
    """On several servers, by batch: every statement names one batch."""


class Reader(Protocol):
    """A view of the registry. In a snapshot all statements see it as of one instant."""

    def rows(self, sql: str, params: Params = ...) -> list[Row]:
        """All rows of a query, or of a statement with RETURNING."""

    def row(self, sql: str, params: Params = ...) -> Row | None:
        """The first row of a query, or None."""

    def rows_each(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """The rows of each of several statements, which are sent together where that saves time. In a transaction they
        may also change rows; one that gives no rows gives an empty list.
        """

    def by_index(self) -> None:
        """Let what is asked from now on, up to the end of the snapshot or transaction, find its rows by an index where
        there is one, whatever the registry believes about how many they are. For statements that join ranges, of which
        no statistics tell.
        """


class Transaction(Reader, Protocol):
    """A reader that may also write."""

    def execute(self, sql: str, params: Params = ...) -> int:
        """Run a statement that changes rows; returns how many."""

    def execute_each(self, statements: Sequence[Statement]) -> None:
        """Run statements that change rows, in their order, before the next one that is answered and at the latest with
        the commit: what the registry refuses of them may be raised only there.
        """

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Insert rows given as value sequences in the order of `columns`; returns how many."""


class Maintenance(Transaction, Protocol):
    """A transaction that may also change the schema."""

    def run_script(self, script: str) -> None:
        """Run the statements of a script, written for this backend or in the common subset."""


class Store(Protocol):
    """What acts need of a registry."""

    def snapshot(self) -> AbstractContextManager[Reader]:
        """A consistent view for reading."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """For acts. Takes the registry's one lock for acts, then begins: what it reads holds until it ends. Commits
        durably at the end, rolls back on any exception.
        """


class Database(Store, Protocol):
    """A registry that is open. Safe to share between the threads of one process, never across a fork."""

    @property
    def place(self) -> str:
        """Where the registry is, for people; without user or password."""

    @property
    def spread(self) -> Spread:
        """How the rows of scans lie, as of the last connection that was made."""

    def snapshot(self, *, soon: bool = False) -> AbstractContextManager[Reader]:
        """See `Store.snapshot`. For those who wait for a verdict `soon` is asked for: they are told within seconds that
        the registry does not answer, while a report may take long.
        """

    def recording(self, *, soon: bool = False) -> AbstractContextManager[Transaction]:
        """For scans: like `transaction`, but others may record, and one may act, at the same time if the backend can.
        A row that two may write at once is locked by the first statement that touches it (an upsert); what is read
        after that holds until the end. Rows are touched in the order of their keys, so that no two wait for each other.
        Raises `RegistryBusy` if it cannot be had within milliseconds and `soon` is asked for.
        """

    def maintenance(self) -> AbstractContextManager[Maintenance]:
        """Like `transaction`, for migrations."""

    def faults(self) -> list[str]:
        """What the backend finds wrong with its own files and constraints, in words; empty when all is well."""

    def close(self) -> None:
        """Close every connection."""

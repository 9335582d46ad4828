"""Numbers that are given out one after the other, and never twice, not even after a restore.

The next number is one above the highest in the table. A registry that was restored from an older copy does not know
the numbers given out since: so each kind of number has a floor in the table `meta`, below which none is given out.
"""

from __future__ import annotations

from traceqr.registry import meta
from traceqr.registry.database import Reader, Transaction

NUMBERED = ("batch", "pledge", "mark_licence", "recognition", "signing_key", "hidden_root", "bundle", "passport_issue")
"""Tables whose primary key is such a number."""

_MOST = {
    "batch": 10_000_000,
    "pledge": 100_000_000,
    "mark_licence": 100_000_000,
    "recognition": 100_000_000,
    "signing_key": 1_000,
    "hidden_root": 1_000,
    "bundle": 1_000_000_000,
    "passport_issue": 1_000_000_000,
}
"""Numbers skipped at once at most. There are 65,535 key numbers, and entries by the hundred thousand: skipping one for
each would use them up. More keys than this are not made in the time between two backups."""


def next_number(reader: Reader, table: str) -> int:
    """The number that comes next in a table of `NUMBERED`. Its rows are never deleted."""
    return _highest(reader, table) + 1


def skip(tx: Transaction, table: str, count: int) -> int:
    """Give out the next `count` numbers to nobody; returns the floor, the highest number that is used up now."""
    floor = _highest(tx, table) + min(count, _MOST[table])
    meta.write(tx, _floor(table), str(floor))
    return floor


def _highest(reader: Reader, table: str) -> int:
    row = reader.row(
        f"SELECT COALESCE(MAX(number), 0) AS number, (SELECT value FROM meta WHERE name = :floor) AS floor"
        f" FROM {table}",
        {"floor": _floor(table)},
    )
    assert row is not None  # an aggregate always has its one row
    return max(int(row["number"]), int(row["floor"] or 0))


def _floor(table: str) -> str:
    return f"{table}_floor"

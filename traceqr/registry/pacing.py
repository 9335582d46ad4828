"""Paces: how fast something may be done again, whichever worker it comes to.

The generic cell rate algorithm (ITU-T I.371): of each name one instant is kept, at which all that was done is paid for.
Each time costs `every_ms`; it may be done as long as no more than `burst` are unpaid.
"""

from __future__ import annotations

from dataclasses import dataclass

from traceqr.registry.database import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Pace:
    """So many at once, and then one in so many milliseconds."""

    burst: int
    every_ms: int


OFFICES, REPORTS = "pace", "report_pace"
"""The tables: of those who sign in, and of those who report, which public nodes write."""


def wait_ms(reader: Reader, name: str, pace: Pace, now_ms: int, table: str = OFFICES) -> int:
    """How long to wait until it may be done, 0 for not at all. Takes nothing."""
    row = reader.row(f"SELECT free_ms FROM {table} WHERE name = :name", {"name": name})
    return _wait(row["free_ms"], pace, now_ms) if row else 0


def take(tx: Transaction, name: str, pace: Pace, now_ms: int, table: str = OFFICES) -> int:
    """Do it, if it may be done: returns 0, or how long to wait, in milliseconds, and then it was not done."""
    row = tx.row(
        f"INSERT INTO {table} (name, free_ms) VALUES (:name, :now_ms)"
        f" ON CONFLICT (name) DO UPDATE SET free_ms = {table}.free_ms RETURNING free_ms",
        {"name": name, "now_ms": now_ms},
    )
    assert row is not None  # it is there, or was just made
    wait = _wait(row["free_ms"], pace, now_ms)
    if wait:
        return wait
    free_ms = max(row["free_ms"], now_ms) + pace.every_ms
    tx.execute(f"UPDATE {table} SET free_ms = :free_ms WHERE name = :name", {"free_ms": free_ms, "name": name})
    return 0


def forget(tx: Transaction, name: str) -> None:
    """Everything of that name is paid for."""
    tx.execute("DELETE FROM pace WHERE name = :name", {"name": name})


def prune(tx: Transaction, now_ms: int, table: str = OFFICES) -> None:
    """Remove what is paid for: it says no more than a name that is not there."""
    tx.execute(f"DELETE FROM {table} WHERE free_ms <= :now_ms", {"now_ms": now_ms})


def _wait(free_ms: int, pace: Pace, now_ms: int) -> int:
    return max(0, free_ms - now_ms - (pace.burst - 1) * pace.every_ms)

"""A lease: what one process at a time may do, for so long. It is kept in `meta`."""

from __future__ import annotations

from traceqr.registry import meta
from traceqr.registry.database import Transaction

LEASE_MS = 5 * 60_000
"""A process that stops without giving its lease back holds others up for so long."""


def hold(tx: Transaction, name: str, holder: str, now_ms: int) -> bool:
    """Take a lease, or have one's own for longer; returns whether that could be. One that would hold for longer than
    any was given is from before the clock was set back, and holds nobody up.
    """
    row = tx.row(
        "INSERT INTO meta (name, value) VALUES (:name, '') ON CONFLICT (name) DO UPDATE SET value = meta.value"
        " RETURNING value",
        {"name": name},
    )
    assert row is not None  # it is there, or was just made; it is locked until the transaction ends
    other, _, until = str(row["value"]).partition(" ")
    if until.isdecimal() and other != holder and now_ms < int(until) <= now_ms + LEASE_MS:
        return False
    meta.write(tx, name, f"{holder} {now_ms + LEASE_MS}")
    return True


def give_back(tx: Transaction, name: str, holder: str) -> None:
    """Let others have a lease at once."""
    if (meta.read(tx, name) or "").partition(" ")[0] == holder:
        meta.write(tx, name, "")

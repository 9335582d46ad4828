"""The table `meta`: what a registry knows about itself, as named texts."""

from __future__ import annotations

from traceqr.registry.database import Reader, Transaction

HIGH_WATER = "high_water"
"""`kept` once an act has been done at a desk with a high-water file: from then on there must be one."""

ACCEPTED_MARK = "accepted_mark"
"""The size and root of the mark that this registry was accepted against last, such as `42:9f86d0...`."""

SCANS_PRUNED_BEFORE_MS = "scans_pruned_before_ms"
"""Of scans before that instant the detail may be gone; summaries still count them."""

DELIVERER = "deliverer"
"""Which process delivers notifications, and until when nobody else does: see `leases`."""

NOTIFIED_POSITION = "notified_position"
"""The ledger's position from which on acts were not looked at yet by whoever tells people of them."""

NOTIFIED_CASES_MS, NOTIFIED_LATE_MS = "notified_cases_ms", "notified_late_ms"
"""Up to which instant people were told of what was reported, and of cases whose answer was due."""

NOTIFIED_CORRECTIONS = "notified_corrections"
"""Behind which correction people were told of those that are overdue: when it was due, in ms, and its inspection."""

NOTIFIED_BURSTS_MS = "notified_bursts_ms"
"""When it was last looked for bursts of scans."""


def read(reader: Reader, name: str) -> str | None:
    """The text of a name, or None."""
    row = reader.row("SELECT value FROM meta WHERE name = :name", {"name": name})
    return str(row["value"]) if row else None


def write(tx: Transaction, name: str, value: str) -> None:
    """Set the text of a name."""
    tx.execute(
        "INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        {"name": name, "value": value},
    )

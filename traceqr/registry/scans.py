"""Scans, and the summary of each label's sightings that verdicts read."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Transaction
from traceqr.verdict import History

RELOAD_MS = 30 * 60 * 1000
"""A device that asks again about a label within half an hour is reading the same page, not scanning again."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One device's scan of one label. `device` is an HMAC; `agent` is a family such as `wechat`, never the raw text."""

    batch: int
    label_index: int
    device: str
    at_ms: int
    channel: str
    agent: str
    language: str


_COLUMNS = (*Scan.__dataclass_fields__, "confirmed")
_OF_DEVICE = "batch = :batch AND label_index = :index AND device = :device"


def history(reader: Reader, batch: int, index: int, device: str | None) -> History:
    """A label's confirmed sightings, with `device` (None for nobody's) told apart from the others."""
    where: dict[str, int | str] = {"batch": batch, "index": index}
    seen = reader.row(
        "SELECT first_seen_ms, times_seen, devices FROM sighting WHERE batch = :batch AND label_index = :index", where
    )
    if seen is None:
        return History()
    own = device is not None and _known(reader, {**where, "device": device})
    return History(seen["first_seen_ms"], seen["times_seen"], seen["devices"] - own, own)


def record(tx: Transaction, scan: Scan, *, confirmed: bool) -> None:
    """Keep a scan, unless it is a reload. It counts at once when `confirmed`, else once `confirm` is called."""
    where: dict[str, int | str] = {"batch": scan.batch, "index": scan.label_index, "device": scan.device}
    latest = tx.row(f"SELECT at_ms, confirmed FROM scan WHERE {_OF_DEVICE} ORDER BY at_ms DESC LIMIT 1", where)
    # A clock that was set back leaves a scan in the future; that is the same page too, and keeps the key unique.
    if latest is not None and scan.at_ms - latest["at_ms"] < RELOAD_MS:
        if confirmed and not latest["confirmed"]:
            confirm(tx, scan.batch, scan.label_index, scan.device, latest["at_ms"])
        return
    new_device = confirmed and not _known(tx, where)
    tx.insert_many("scan", _COLUMNS, [(*asdict(scan).values(), int(confirmed))])
    if confirmed:
        _count(tx, scan.batch, scan.label_index, scan.at_ms, new_device)


def confirm(tx: Transaction, batch: int, index: int, device: str, at_ms: int) -> bool:
    """Let a pending scan count. Returns False when there is none, or it counts already."""
    where: dict[str, int | str] = {"batch": batch, "index": index, "device": device}
    new_device = not _known(tx, where)
    pending = tx.execute(
        f"UPDATE scan SET confirmed = 1 WHERE {_OF_DEVICE} AND at_ms = :at_ms AND confirmed = 0",
        {**where, "at_ms": at_ms},
    )
    if pending:
        _count(tx, batch, index, at_ms, new_device)
    return bool(pending)


def _known(reader: Reader, where: dict[str, int | str]) -> bool:
    """Whether the device has a scan of the label that counts."""
    return reader.row(f"SELECT 1 AS known FROM scan WHERE {_OF_DEVICE} AND confirmed = 1 LIMIT 1", where) is not None


def _count(tx: Transaction, batch: int, index: int, at_ms: int, new_device: bool) -> None:
    """Add one scan to the label's summary; scans may be confirmed in another order than they were made."""
    tx.execute(
        "INSERT INTO sighting (batch, label_index, first_seen_ms, last_seen_ms, times_seen, devices)"
        " VALUES (:batch, :index, :at_ms, :at_ms, 1, 1)"
        " ON CONFLICT (batch, label_index) DO UPDATE SET"
        " first_seen_ms = CASE WHEN excluded.first_seen_ms < sighting.first_seen_ms"
        " THEN excluded.first_seen_ms ELSE sighting.first_seen_ms END,"
        " last_seen_ms = CASE WHEN excluded.last_seen_ms > sighting.last_seen_ms"
        " THEN excluded.last_seen_ms ELSE sighting.last_seen_ms END,"
        " times_seen = sighting.times_seen + 1, devices = sighting.devices + :new_device",
        {"batch": batch, "index": index, "at_ms": at_ms, "new_device": int(new_device)},
    )

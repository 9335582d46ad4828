"""A device says where it is: of its latest scan of a label, once."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from traceqr.instant import day_number
from traceqr.registry import scan_statements as statements
from traceqr.registry import tallies
from traceqr.registry.database import Transaction
from traceqr.registry.scan_book import MANY_LABELS
from traceqr.registry.scan_events import UNKNOWN_NETWORK
from traceqr.registry.sightings import Summary, by_label
from traceqr.suspicion.trace import Look


@dataclass(frozen=True, slots=True)
class Located:
    """The device that scanned a label of a product at `since_ms` or later is at a place of the gazetteer. Scans are
    counted by the days of `zone`, in a lane.
    """

    batch: int
    label_index: int
    device: str
    since_ms: int
    place: str
    gtin: str
    zone: ZoneInfo
    lane: int


def locate(tx: Transaction, told: Located) -> Summary | None:
    """Keep it; gives the label's summary with it. None where it was not kept: the device has made no such scan, or has
    said so before.
    """
    label = (told.batch, told.label_index)
    rows = tx.rows_each([statements.lock([label])])[0]
    summary = by_label(rows).get(label, Summary())
    scan = tx.row(
        "SELECT at_ms, place, network, confirmed, early, shared FROM scan WHERE batch = :batch"
        " AND label_index = :label_index AND device = :device ORDER BY at_ms DESC LIMIT 1",
        {"batch": told.batch, "label_index": told.label_index, "device": told.device},
    )
    kept = scan is not None and scan["at_ms"] >= told.since_ms and not scan["shared"]
    if kept and scan is not None:
        tx.execute(
            "UPDATE scan SET place = :place, shared = 1 WHERE batch = :batch AND label_index = :label_index"
            " AND device = :device AND at_ms = :at_ms",
            {
                "place": told.place,
                "batch": told.batch,
                "label_index": told.label_index,
                "device": told.device,
                "at_ms": scan["at_ms"],
            },
        )
        day = day_number(scan["at_ms"], told.zone)
        if told.place != scan["place"]:
            tx.execute_each([tallies.moved(told.gtin, day, scan["place"], told.place, told.lane)])
        if summary.trace and (scan["confirmed"] or scan["early"]) and _gave_credit(tx, told, scan["at_ms"]):
            network = None if scan["network"] == UNKNOWN_NETWORK else scan["network"]
            summary.relocate(Look(scan["at_ms"], told.place, network), scan["place"])
            tx.execute_each([statements.new_summaries([(*label, *summary.row())])])
    tx.execute_each([statements.removals([label])])
    return summary if kept else None


def _gave_credit(tx: Transaction, told: Located, at_ms: int) -> bool:
    """Whether the trace has credit of this scan, to be put elsewhere: it has of a device's first one that counts, and
    of none by a device that goes through many labels. Else one device would make a label seem to be everywhere.
    """
    before = tx.row(
        "SELECT at_ms FROM scan WHERE batch = :batch AND label_index = :label_index AND device = :device"
        " AND at_ms < :at_ms AND (confirmed = 1 OR early = 1) LIMIT 1",
        {"batch": told.batch, "label_index": told.label_index, "device": told.device, "at_ms": at_ms},
    )
    visitor = tx.row(
        "SELECT labels FROM visitor WHERE batch = :batch AND device = :device",
        {"batch": told.batch, "device": told.device},
    )
    return before is None and (visitor is None or visitor["labels"] <= MANY_LABELS)

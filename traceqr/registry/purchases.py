"""Purchases: labels whose hidden code was entered rightly, and by which device first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from traceqr.evidence import Purchase
from traceqr.registry.database import Reader, Row, Spread, Statement, Transaction
from traceqr.registry.scan_statements import MOST_PARAMETERS, LabelKey

_COLUMNS = "confirmed_ms, place, device, entries, other_entries, last_other_ms, last_other_place"
_AT_ONCE = MOST_PARAMETERS // 2


@dataclass(frozen=True, slots=True)
class RightEntry:
    """The hidden code of a label was entered, and is right. `place` is a code of the gazetteer, or empty."""

    batch: int
    label_index: int
    device: str
    at_ms: int
    place: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept of a right entry: the purchase as it is with it, and whether it is the one that confirmed it."""

    purchase: Purchase
    is_first: bool


def keep(tx: Transaction, entry: RightEntry) -> Kept:
    """The first right entry confirms the purchase; later ones are counted, those of other devices apart. One statement,
    so of any number at once, on any number of machines, one is the first.
    """
    row = tx.row(
        f"INSERT INTO purchase (batch, label_index, {_COLUMNS})"
        " VALUES (:batch, :label_index, :at_ms, :place, :device, 1, 0, 0, '')"
        " ON CONFLICT (batch, label_index) DO UPDATE SET entries = purchase.entries + 1,"
        " other_entries = purchase.other_entries + CASE WHEN purchase.device = excluded.device THEN 0 ELSE 1 END,"
        " last_other_ms = CASE WHEN purchase.device = excluded.device THEN purchase.last_other_ms"
        " ELSE excluded.confirmed_ms END,"
        " last_other_place = CASE WHEN purchase.device = excluded.device THEN purchase.last_other_place"
        " ELSE excluded.place END"
        f" RETURNING {_COLUMNS}",
        {
            "batch": entry.batch,
            "label_index": entry.label_index,
            "at_ms": entry.at_ms,
            "place": entry.place,
            "device": entry.device,
        },
    )
    assert row is not None  # it is there, or was just made
    return Kept(_purchase(row, entry.device), row["entries"] == 1)


def of_label(reader: Reader, batch: int, index: int, device: str | None) -> Purchase | None:
    """The purchase of a label, as `device` (None for nobody's) is told of it."""
    row = reader.row(
        f"SELECT {_COLUMNS} FROM purchase WHERE batch = :batch AND label_index = :index",
        {"batch": batch, "index": index},
    )
    return _purchase(row, device) if row else None


def of_labels(reader: Reader, labels: Sequence[LabelKey], spread: Spread) -> dict[LabelKey, Row]:
    """The rows of labels that were confirmed, for `told`. Asked together, as scans are."""
    statements = [_statement(some) for some in _divided(sorted(set(labels)), spread)]
    found = reader.rows_each(statements) if statements else []
    return {(row["batch"], row["label_index"]): row for rows in found for row in rows}


def told(row: Row | None, device: str) -> Purchase | None:
    """What a device is told of a row of `of_labels`."""
    return _purchase(row, device) if row else None


def _divided(labels: list[LabelKey], spread: Spread) -> list[list[LabelKey]]:
    groups = [labels] if spread is Spread.FILE else [list(some) for _, some in groupby(labels, itemgetter(0))]
    return [group[first : first + _AT_ONCE] for group in groups for first in range(0, len(group), _AT_ONCE)]


def _statement(labels: Sequence[LabelKey]) -> Statement:
    """Each label is spelled out in full, and a statement that has one batch names it once, by which a database in parts
    sees that.
    """
    values: dict[str, int] = {"batch": labels[0][0]}
    one = all(batch == labels[0][0] for batch, _ in labels)
    keys = []
    for place, (batch, index) in enumerate(labels):
        name = "batch" if one else f"b{place}"
        keys.append(f"(batch = :{name} AND label_index = :i{place})")
        values |= {name: batch, f"i{place}": index}
    return f"SELECT batch, label_index, {_COLUMNS} FROM purchase WHERE {' OR '.join(keys)}", values


def _purchase(row: Row, device: str | None) -> Purchase:
    others = row["other_entries"]
    return Purchase(
        confirmed_ms=row["confirmed_ms"],
        place=row["place"],
        own=device is not None and row["device"] == device,
        other_entries=others,
        last_other_ms=row["last_other_ms"] if others else None,
        last_other_place=row["last_other_place"] if others else "",
    )

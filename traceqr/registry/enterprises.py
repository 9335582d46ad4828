"""Enterprises."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Enterprise:
    """`contact` is personal data: it stays here, and only its salted digest goes on the ledger."""

    id: str
    uscc: str
    name_zh: str
    name_en: str
    region: str
    sector: str
    service_phone: str
    contact: str
    contact_salt: str


_COLUMNS = tuple(Enterprise.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM enterprise"


def insert(tx: Transaction, enterprise: Enterprise, position: int) -> None:
    """Add an enterprise."""
    tx.insert_many("enterprise", (*_COLUMNS, "position"), [(*asdict(enterprise).values(), position)])


def update(tx: Transaction, enterprise: Enterprise, position: int) -> None:
    """Replace what is known of an enterprise; id and USCC stay."""
    tx.execute(
        "UPDATE enterprise SET name_zh = :name_zh, name_en = :name_en, region = :region, sector = :sector,"
        " service_phone = :service_phone, contact = :contact, contact_salt = :contact_salt, position = :position"
        " WHERE id = :id",
        {**asdict(enterprise), "position": position},
    )


def by_uscc(reader: Reader, uscc: str) -> Enterprise | None:
    """The enterprise of that unified social credit code."""
    row = reader.row(_SELECT + " WHERE uscc = :uscc", {"uscc": uscc})
    return Enterprise(**row) if row else None


def name_zh_at_issue(reader: Reader, batch: int) -> str:
    """The Chinese name that the enterprise of a batch had when the batch was issued. Walks back from there through the
    ledger: for what is seldom asked.
    """
    row = reader.row(
        "SELECT entry FROM ledger WHERE position <= (SELECT position FROM batch WHERE number = :batch)"
        " AND subject = (SELECT 'enterprise:' || enterprise_id FROM batch WHERE number = :batch)"
        " ORDER BY position DESC LIMIT 1",
        {"batch": batch},
    )
    assert row is not None  # it was enrolled before
    return str(json.loads(row["entry"])["payload"]["name_zh"])


def everyone(reader: Reader) -> list[Enterprise]:
    """All enterprises, in the order in which they were enrolled or last amended."""
    return [Enterprise(**row) for row in reader.rows(_SELECT + " ORDER BY position")]

"""Enterprises."""

from __future__ import annotations

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


def by_id(reader: Reader, enterprise_id: str) -> Enterprise | None:
    """The enterprise of that id."""
    row = reader.row(_SELECT + " WHERE id = :id", {"id": enterprise_id})
    return Enterprise(**row) if row else None


def position_of(reader: Reader, enterprise_id: str) -> int:
    """The ledger's entry that says what an enterprise is now. Raises `KeyError` for one that is not enrolled."""
    row = reader.row("SELECT position FROM enterprise WHERE id = :id", {"id": enterprise_id})
    if row is None:
        raise KeyError(enterprise_id)
    return int(row["position"])


def everyone(reader: Reader) -> list[Enterprise]:
    """All enterprises, in the order in which they were enrolled or last amended."""
    return [Enterprise(**row) for row in reader.rows(_SELECT + " ORDER BY position")]

"""Associations and regulators."""

from __future__ import annotations

from dataclasses import dataclass

from traceqr.registry.database import Reader, Row, Transaction


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who organises campaigns and reviews claims. `region` is a GB/T 2260 code, 000000 for the country."""

    id: str
    kind: str
    level: str
    region: str
    name_zh: str
    name_en: str


def insert(tx: Transaction, organisation: Organisation, position: int) -> None:
    """Add an organisation."""
    tx.insert_many(
        "organisation",
        ("id", "kind", "level", "region", "name_zh", "name_en", "position"),
        [
            (
                organisation.id,
                organisation.kind,
                organisation.level,
                organisation.region,
                organisation.name_zh,
                organisation.name_en,
                position,
            )
        ],
    )


def by_name(reader: Reader, name_zh: str) -> Organisation | None:
    """The organisation of that Chinese name."""
    row = reader.row(_SELECT + " WHERE name_zh = :name_zh", {"name_zh": name_zh})
    return _organisation(row) if row else None


def by_id(reader: Reader, organisation_id: str) -> Organisation | None:
    """The organisation of that id."""
    row = reader.row(_SELECT + " WHERE id = :id", {"id": organisation_id})
    return _organisation(row) if row else None


def everyone(reader: Reader) -> list[Organisation]:
    """All organisations, in the order in which they were enrolled."""
    return [_organisation(row) for row in reader.rows(_SELECT + " ORDER BY position")]


_SELECT = "SELECT id, kind, level, region, name_zh, name_en FROM organisation"


def _organisation(row: Row) -> Organisation:
    return Organisation(**row)

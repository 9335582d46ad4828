"""What enterprises call the materials that they use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from traceqr.registry.database import Reader, Row, Transaction


@dataclass(frozen=True, slots=True)
class MaterialName:
    """A material by its GTIN, in the words of an enterprise that uses it; `name_en` may be empty."""

    gtin: str
    enterprise_id: str
    name_zh: str
    name_en: str = ""


def name(tx: Transaction, entry: MaterialName, position: int) -> None:
    """Name a material, or name it anew."""
    tx.execute(
        "INSERT INTO material_name (gtin, enterprise_id, name_zh, name_en, position)"
        " VALUES (:gtin, :enterprise, :name_zh, :name_en, :position) ON CONFLICT (enterprise_id, gtin)"
        " DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, position = excluded.position",
        {
            "gtin": entry.gtin,
            "enterprise": entry.enterprise_id,
            "name_zh": entry.name_zh,
            "name_en": entry.name_en,
            "position": position,
        },
    )


def by_gtin(reader: Reader, gtin: str, enterprises: Iterable[str]) -> MaterialName | None:
    """What a material is called by one of some enterprises: by the one that named it first."""
    rows = reader.rows(f"{_SELECT} WHERE gtin = :gtin ORDER BY position", {"gtin": gtin})
    asked = set(enterprises)
    return next((_named(row) for row in rows if row["enterprise_id"] in asked), None)


def of_enterprise(reader: Reader, enterprise_id: str, most: int = 1_000) -> list[MaterialName]:
    """The materials that an enterprise has named, what was named last first."""
    rows = reader.rows(
        f"{_SELECT} WHERE enterprise_id = :enterprise ORDER BY position DESC LIMIT :most",
        {"enterprise": enterprise_id, "most": most},
    )
    return [_named(row) for row in rows]


_SELECT = "SELECT gtin, enterprise_id, name_zh, name_en FROM material_name"


def _named(row: Row) -> MaterialName:
    return MaterialName(**row)

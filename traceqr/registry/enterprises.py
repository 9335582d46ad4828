"""Enterprises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from traceqr import region as regions
from traceqr.registry.database import Reader, Row, Transaction


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


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: a region within which it lies; a sector, and a code or a part of a name, where they are not
    empty.
    """

    scope: str = regions.COUNTRY
    sector: str = ""
    text: str = ""


_COLUMNS = tuple(Enterprise.__dataclass_fields__)
_CHUNK = 40
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


def names(reader: Reader, ids: Iterable[str]) -> dict[str, Row]:
    """Codes and names of enterprises by their ids: what everybody may know."""
    found: dict[str, Row] = {}
    listed = sorted(set(ids))
    for start in range(0, len(listed), _CHUNK):
        wanted = {f"id{place}": each for place, each in enumerate(listed[start : start + _CHUNK])}
        marks = ", ".join(f":{name}" for name in wanted)
        for row in reader.rows(f"SELECT id, uscc, name_zh, name_en FROM enterprise WHERE id IN ({marks})", wanted):
            found[row["id"]] = row
    return found


def position_of(reader: Reader, enterprise_id: str) -> int:
    """The ledger's entry that says what an enterprise is now. Raises `KeyError` for one that is not enrolled."""
    row = reader.row("SELECT position FROM enterprise WHERE id = :id", {"id": enterprise_id})
    if row is None:
        raise KeyError(enterprise_id)
    return int(row["position"])


def sought(reader: Reader, what: Sought, most: int, after: tuple[str, str] | None = None) -> list[Row]:
    """Enterprises by region and then by code, without contacts: at most `most` of them, from the one on that follows
    the region and the code of `after`. Parts of names are found as they are spelled.
    """
    lowest, highest = regions.bounds(what.scope)
    begin = after if after and after[0] >= lowest else (lowest, "")
    by_sector = " AND sector = :sector" if what.sector else ""
    by_text = (
        " AND (uscc = :text OR REPLACE(name_zh, :text, '') <> name_zh OR REPLACE(name_en, :text, '') <> name_en)"
        if what.text
        else ""
    )
    return reader.rows(
        "SELECT id, uscc, name_zh, name_en, region, sector FROM enterprise WHERE (region, uscc) > (:region, :uscc)"
        f" AND region <= :highest{by_sector}{by_text} ORDER BY region, uscc LIMIT :most",
        {
            "region": begin[0],
            "uscc": begin[1],
            "highest": highest,
            "most": most,
            **({"sector": what.sector} if what.sector else {}),
            **({"text": what.text} if what.text else {}),
        },
    )


def everyone(reader: Reader) -> list[Enterprise]:
    """All enterprises, in the order in which they were enrolled or last amended."""
    return [Enterprise(**row) for row in reader.rows(_SELECT + " ORDER BY position")]

"""What enterprises have been honoured with: quality awards, demonstration units, typical practices."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr import region as regions
from traceqr.registry import numbering
from traceqr.registry.database import Reader, Row, Transaction

KINDS = ("award", "demonstration", "practice")
LEVELS = ("national", "province", "city", "district", "other")
"""Whose honour it is, from the country down; `other` for a trade's or a body's of no level."""

MOST_LISTED = 500
"""Recognitions of one enterprise that are shown at most."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """An honour of one year in its present state. `reason` is None while it stands."""

    number: int
    enterprise_id: str
    kind: str
    level: str
    year: int
    name_zh: str
    name_en: str
    conferred_by_zh: str
    conferred_by_en: str
    state: str
    reason: str | None


_COLUMNS = tuple(Recognition.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM recognition"

_NAMED = (
    " AND (e.uscc = :text OR REPLACE(e.name_zh, :text, '') <> e.name_zh OR REPLACE(e.name_en, :text, '') <> e.name_en)"
)


def next_number(tx: Transaction) -> int:
    """The number of the next recognition. They are never deleted, so numbers are never used twice."""
    return numbering.next_number(tx, "recognition")


def insert(tx: Transaction, recognition: Recognition, position: int) -> None:
    """Add a recognition."""
    tx.insert_many("recognition", (*_COLUMNS, "position"), [(*asdict(recognition).values(), position)])


def revoke(tx: Transaction, number: int, reason: str, position: int) -> None:
    """Let it stand no more."""
    tx.execute(
        "UPDATE recognition SET state = 'revoked', reason = :reason, position = :position WHERE number = :number",
        {"reason": reason, "position": position, "number": number},
    )


def by_number(reader: Reader, number: int) -> Recognition | None:
    """The recognition of that number."""
    row = reader.row(f"{_SELECT} WHERE number = :number", {"number": number})
    return Recognition(**row) if row else None


def standing(reader: Reader, enterprise_id: str, year: int, name_zh: str) -> Recognition | None:
    """The one of that name and year that the enterprise has and that stands."""
    row = reader.row(
        f"{_SELECT} WHERE enterprise_id = :enterprise AND year = :year AND name_zh = :name AND state = 'recorded'",
        {"enterprise": enterprise_id, "year": year, "name": name_zh},
    )
    return Recognition(**row) if row else None


def of_enterprise(reader: Reader, enterprise_id: str) -> list[Recognition]:
    """All of an enterprise, latest year first, revoked ones too."""
    rows = reader.rows(
        f"{_SELECT} WHERE enterprise_id = :enterprise ORDER BY year DESC, number DESC LIMIT :most",
        {"enterprise": enterprise_id, "most": MOST_LISTED},
    )
    return [Recognition(**row) for row in rows]


def everything(reader: Reader, below: int | None, most: int) -> list[Row]:
    """All, latest recorded first, with the enterprise: at most `most` with numbers below `below`, where it is given."""
    columns = ", ".join(f"r.{name}" for name in _COLUMNS)
    return reader.rows(
        f"SELECT {columns}, e.uscc, e.name_zh AS enterprise_zh FROM recognition r"
        " JOIN enterprise e ON e.id = r.enterprise_id"
        " WHERE r.number < :below ORDER BY r.number DESC LIMIT :most",
        {"below": 2**62 if below is None else below, "most": most},
    )


def sought(reader: Reader, scope: str, text: str, below: int | None, most: int) -> list[Row]:
    """As `everything`, of enterprises within a region; where `text` is not empty, of those whose code it is or whose
    name has it.
    """
    lowest, highest = regions.bounds(scope)
    columns = ", ".join(f"r.{name}" for name in _COLUMNS)
    return reader.rows(
        f"SELECT {columns}, e.uscc, e.name_zh AS enterprise_zh FROM recognition r"
        " JOIN enterprise e ON e.id = r.enterprise_id WHERE r.number < :below"
        f" AND e.region BETWEEN :lowest AND :highest{_NAMED if text else ''} ORDER BY r.number DESC LIMIT :most",
        {
            "below": 2**62 if below is None else below,
            "lowest": lowest,
            "highest": highest,
            "most": most,
            **({"text": text} if text else {}),
        },
    )

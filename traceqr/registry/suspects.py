"""Labels that are suspect, for those who have to do something about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from traceqr import region as regions
from traceqr.registry.database import Reader, Row, Statement
from traceqr.registry.scan_statements import MOST_PARAMETERS, rows_of


@dataclass(frozen=True, slots=True)
class Suspect:
    """A suspect label as it was seen last: `signs` with blanks between, heaviest first."""

    batch: int
    label_index: int
    enterprise_id: str
    gtin: str
    since_ms: int
    last_ms: int
    score: int
    signs: str
    place: str


_COLUMNS = tuple(Suspect.__dataclass_fields__)
_CHANGING = ("last_ms", "score", "signs", "place")


def changes(suspects: Sequence[Suspect]) -> list[Statement]:
    """What is to be written down of labels that are suspect. Those that were before keep the instant since when."""
    most = MOST_PARAMETERS // len(_COLUMNS)
    changed = ", ".join(f"{name} = excluded.{name}" for name in _CHANGING)
    statements: list[Statement] = []
    for first in range(0, len(suspects), most):
        marks, values = rows_of([astuple(each) for each in suspects[first : first + most]])
        statements.append(
            (
                f"INSERT INTO suspect ({', '.join(_COLUMNS)}) VALUES {marks}"
                f" ON CONFLICT (batch, label_index) DO UPDATE SET {changed}",
                values,
            )
        )
    return statements


Mark = tuple[int, int, int]
"""Where a list of suspects goes on: below `since_ms`, batch and index of the last that was listed."""

BEGINNING: Mark = (2**62, 0, 0)

_LATEST = " ORDER BY s.since_ms DESC, s.batch DESC, s.label_index DESC LIMIT :most"
_BELOW = "(s.since_ms, s.batch, s.label_index) < (:since, :batch, :index)"
_LISTED = ", ".join(f"s.{name}" for name in _COLUMNS)


def of_enterprise(
    reader: Reader, enterprise_id: str, most: int, below: Mark = BEGINNING, gtin: str = ""
) -> list[Row]:
    """Suspect labels of an enterprise, the latest first, from below a mark on; of one product where it is given."""
    only = " AND s.gtin = :gtin" if gtin else ""
    return reader.rows(
        f"SELECT {_LISTED} FROM suspect s WHERE s.enterprise_id = :enterprise{only} AND {_BELOW}{_LATEST}",
        {"enterprise": enterprise_id, **({"gtin": gtin} if gtin else {}), **_values(below, most)},
    )


def of_region(reader: Reader, scope: str, most: int, below: Mark = BEGINNING, gtin: str = "") -> list[Row]:
    """The same of all enterprises of a region, each with its enterprise's code and names."""
    lowest, highest = regions.bounds(scope)
    only = " AND s.gtin = :gtin" if gtin else ""
    return reader.rows(
        f"SELECT {_LISTED}, e.uscc, e.name_zh AS enterprise_zh, e.name_en AS enterprise_en FROM suspect s"
        " JOIN enterprise e ON e.id = s.enterprise_id"
        f" WHERE e.region BETWEEN :lowest AND :highest{only} AND {_BELOW}{_LATEST}",
        {"lowest": lowest, "highest": highest, **({"gtin": gtin} if gtin else {}), **_values(below, most)},
    )


def count_since(reader: Reader, enterprise_id: str, since_ms: int, most: int) -> int:
    """How many labels of an enterprise became suspect from an instant on; counted up to `most`."""
    row = reader.row(
        "SELECT COUNT(*) AS labels FROM (SELECT s.batch FROM suspect s WHERE s.enterprise_id = :enterprise"
        " AND s.since_ms >= :since LIMIT :most) q",
        {"enterprise": enterprise_id, "since": since_ms, "most": most},
    )
    return int(row["labels"]) if row else 0


def _values(below: Mark, most: int) -> dict[str, int]:
    return {"since": below[0], "batch": below[1], "index": below[2], "most": most}


def find(reader: Reader, batch: int, index: int) -> Row | None:
    """One label, if it is suspect."""
    return reader.row(
        f"SELECT {', '.join(_COLUMNS)} FROM suspect WHERE batch = :batch AND label_index = :index",
        {"batch": batch, "index": index},
    )

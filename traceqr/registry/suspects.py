"""Labels that are suspect, for those who have to do something about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

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


def of_enterprise(reader: Reader, enterprise_id: str, most: int) -> list[Row]:
    """Suspect labels of an enterprise, the latest first."""
    return reader.rows(
        f"SELECT {', '.join(_COLUMNS)} FROM suspect WHERE enterprise_id = :enterprise"
        " ORDER BY since_ms DESC, batch, label_index LIMIT :most",
        {"enterprise": enterprise_id, "most": most},
    )


def find(reader: Reader, batch: int, index: int) -> Row | None:
    """One label, if it is suspect."""
    return reader.row(
        f"SELECT {', '.join(_COLUMNS)} FROM suspect WHERE batch = :batch AND label_index = :index",
        {"batch": batch, "index": index},
    )

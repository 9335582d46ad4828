"""Numbers of logistic units (SSCC) that were given out, as stretches of 17 digits: those without the check digit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from traceqr.registry import meta
from traceqr.registry.database import Reader, Transaction

MAX_COUNT = 1_000
"""Numbers that are given out at once at most."""

SKIPPED = "sscc_skipped"
"""How many numbers of each line were given to nobody, since acts may be lost that gave them out: see `skip`."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Numbers from `low` to `high`, both included. `skipped` is what was skipped in all when they were given out."""

    id: str
    enterprise_id: str
    low: str
    high: str
    skipped: int

    def __len__(self) -> int:
        return int(self.high) - int(self.low) + 1

    def stems(self) -> list[str]:
        """The numbers, without check digits."""
        return [f"{number:017d}" for number in range(int(self.low), int(self.high) + 1)]


_COLUMNS = tuple(Allocation.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM sscc_allocation"


def insert(tx: Transaction, allocation: Allocation, position: int) -> None:
    """Keep that numbers were given out."""
    tx.insert_many("sscc_allocation", (*_COLUMNS, "position"), [(*astuple(allocation), position)])


def latest_within(reader: Reader, low: str, high: str) -> Allocation | None:
    """The one that reaches farthest of those that touch a stretch. No two touch each other."""
    row = reader.row(f"{_SELECT} WHERE low <= :high ORDER BY low DESC LIMIT 1", {"high": high})
    return Allocation(**row) if row and row["high"] >= low else None


def by_id(reader: Reader, allocation_id: str) -> Allocation | None:
    """The one of that id."""
    row = reader.row(f"{_SELECT} WHERE id = :id", {"id": allocation_id})
    return Allocation(**row) if row else None


def of_enterprise(reader: Reader, enterprise_id: str, most: int) -> Sequence[Allocation]:
    """Those of an enterprise, the latest first."""
    rows = reader.rows(
        f"{_SELECT} WHERE enterprise_id = :enterprise ORDER BY position DESC LIMIT :most",
        {"enterprise": enterprise_id, "most": most},
    )
    return [Allocation(**row) for row in rows]


def skipped(reader: Reader) -> int:
    """What was skipped in all."""
    return int(meta.read(reader, SKIPPED) or 0)


def skip(tx: Transaction, acts: int) -> None:
    """After a restore in which so many acts may be lost: give to nobody, on each line, what they may have given out."""
    meta.write(tx, SKIPPED, str(skipped(tx) + acts * MAX_COUNT))

"""Hidden roots: what the registry knows of the secrets that hidden codes are derived from."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr.registry import numbering
from traceqr.registry.database import Reader, Transaction


@dataclass(frozen=True, slots=True)
class RootRecord:
    """`commitment` is that of `HiddenRoot`; the root serves batches from `first_batch` on, up to the next root's."""

    number: int
    commitment: str
    first_batch: int


_COLUMNS = tuple(RootRecord.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM hidden_root"


def insert(tx: Transaction, record: RootRecord, position: int) -> None:
    """Add a root."""
    tx.insert_many("hidden_root", (*_COLUMNS, "position"), [(*asdict(record).values(), position)])


def next_number(tx: Transaction) -> int:
    """The number of the next root. Roots are never deleted, so numbers are never used twice."""
    return numbering.next_number(tx, "hidden_root")


def of_batch(reader: Reader, batch: int) -> RootRecord | None:
    """The root that serves a batch number: the latest of those that begin at or before it; None before the first."""
    row = reader.row(f"{_SELECT} WHERE first_batch <= :batch ORDER BY number DESC LIMIT 1", {"batch": batch})
    return RootRecord(**row) if row else None


def everything(reader: Reader) -> list[RootRecord]:
    """All roots, the first one first."""
    return [RootRecord(**row) for row in reader.rows(f"{_SELECT} ORDER BY number")]

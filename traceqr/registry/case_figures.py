"""How an enterprise answers what is reported of its products: figures that everybody may see. Reads what a public node
may.
"""

from __future__ import annotations

from dataclasses import dataclass

from traceqr.instant import DAY_MS
from traceqr.registry.database import Reader


@dataclass(frozen=True, slots=True)
class Answering:
    """Cases that people reported something in, since an instant. `due` are those whose answer was given, or should have
    been; `in_time` those of them that were answered in time. `median_ms` is how long the answers took.
    """

    cases: int
    due: int
    answered: int
    in_time: int
    median_ms: int | None

    @property
    def share(self) -> int | None:
        """The share answered in time, in whole percent, rounded down; None where no answer was due yet."""
        return 100 * self.in_time // self.due if self.due else None

    @property
    def median_days(self) -> int | None:
        """The median in begun days; None where nothing was answered."""
        return None if self.median_ms is None else max(1, -(-self.median_ms // DAY_MS))


_COUNTED = """
    SELECT COUNT(*) AS cases,
        COUNT(CASE WHEN answered_ms IS NOT NULL OR due_ms < :now_ms THEN 1 END) AS due,
        COUNT(answered_ms) AS answered,
        COUNT(CASE WHEN answered_ms <= due_ms THEN 1 END) AS in_time
    FROM case_file WHERE enterprise_id = :enterprise AND reported_ms >= :since_ms
"""


def answering(reader: Reader, enterprise_id: str, since_ms: int, now_ms: int) -> Answering:
    """How an enterprise has answered."""
    counted = reader.row(_COUNTED, {"enterprise": enterprise_id, "since_ms": since_ms, "now_ms": now_ms})
    assert counted is not None  # an aggregate always has its one row
    return Answering(**counted, median_ms=_median(reader, enterprise_id, since_ms, counted["answered"]))


def _median(reader: Reader, enterprise_id: str, since_ms: int, answered: int) -> int | None:
    """The lower one of the two in the middle where they are even."""
    if not answered:
        return None
    row = reader.row(
        "SELECT q.answered_ms - q.reported_ms AS at_ms FROM case_file q WHERE q.enterprise_id = :enterprise"
        " AND q.reported_ms >= :since_ms AND q.answered_ms IS NOT NULL ORDER BY at_ms LIMIT 1 OFFSET :middle",
        {"enterprise": enterprise_id, "since_ms": since_ms, "middle": (answered - 1) // 2},
    )
    return int(row["at_ms"]) if row else None

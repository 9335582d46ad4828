"""What became of documents of events that programs sent: kept for a while, so that they can ask.

No act: what was captured is on the ledger, and what was not has changed nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr.instant import DAY_MS
from traceqr.registry.database import Reader, Transaction

KEPT_DAYS = 90


@dataclass(frozen=True, slots=True)
class CaptureJob:
    """`errors` is a list in JSON, `capture_id` None where nothing new was captured."""

    id: str
    enterprise_id: str
    capture_id: str | None
    behaviour: str
    success: bool
    created_ms: int
    finished_ms: int
    errors: str


_COLUMNS = tuple(CaptureJob.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM capture_job"


def insert(tx: Transaction, job: CaptureJob) -> None:
    """Keep what became of a document, and remove what is too old."""
    until = {"until": job.finished_ms - KEPT_DAYS * DAY_MS}
    tx.execute("DELETE FROM capture_job WHERE created_ms < :until", until)
    values = {**asdict(job), "success": int(job.success)}
    tx.insert_many("capture_job", _COLUMNS, [tuple(values.values())])


def by_id(reader: Reader, enterprise_id: str, job_id: str) -> CaptureJob | None:
    """A job of an enterprise."""
    row = reader.row(
        f"{_SELECT} WHERE id = :id AND enterprise_id = :enterprise", {"id": job_id, "enterprise": enterprise_id}
    )
    return _job(row) if row else None


def of_enterprise(reader: Reader, enterprise_id: str, before: tuple[int, str] | None, most: int) -> list[CaptureJob]:
    """An enterprise's jobs, the latest first, from before an instant and an id on."""
    at_ms, job_id = before or (2**62, "")
    rows = reader.rows(
        f"{_SELECT} WHERE enterprise_id = :enterprise AND created_ms <= :at_ms"
        " AND (created_ms <> :at_ms OR id < :id) ORDER BY created_ms DESC, id DESC LIMIT :most",
        {"enterprise": enterprise_id, "at_ms": at_ms, "id": job_id, "most": most},
    )
    return [_job(row) for row in rows]


def _job(row: dict[str, object]) -> CaptureJob:
    return CaptureJob(**{**row, "success": bool(row["success"])})  # type: ignore[arg-type]

"""What programs of enterprises were answered, by the keys that they gave their requests: for a day, so that a request
that is sent again does nothing again. No act: it tells once more what an act has done.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Transaction

KEPT_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Answered:
    """`digest` is the SHA-256 of the request, `body` the answer as JSON."""

    enterprise_id: str
    key: str
    digest: str
    status: int
    body: str
    at_ms: int


_COLUMNS = tuple(Answered.__dataclass_fields__)


def find(reader: Reader, enterprise_id: str, key: str, now_ms: int) -> Answered | None:
    """What was answered under a key, unless it is too long ago."""
    row = reader.row(
        f"SELECT {', '.join(_COLUMNS)} FROM answered"
        " WHERE enterprise_id = :enterprise AND key = :key AND at_ms > :since",
        {"enterprise": enterprise_id, "key": key, "since": now_ms - KEPT_MS},
    )
    return Answered(**row) if row else None


def keep(tx: Transaction, answered: Answered) -> None:
    """Keep an answer, and remove those that are too old. Under the lock of acts."""
    tx.execute("DELETE FROM answered WHERE at_ms <= :until", {"until": answered.at_ms - KEPT_MS})
    tx.insert_many("answered", _COLUMNS, [tuple(asdict(answered).values())])

"""Proposals: acts that cannot be undone, which wait for the yes of a second person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Proposal:
    """`act` and `subject` as on the ledger, `arguments` canonical JSON. It concerns one body, or the deployment."""

    id: str
    act: str
    subject: str
    arguments: str
    proposed_by: str
    enterprise_id: str | None
    organisation_id: str | None
    until_ms: int
    state: str


_COLUMNS = tuple(Proposal.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM proposal"


def insert(tx: Transaction, proposal: Proposal, position: int) -> None:
    """Add a proposal."""
    tx.insert_many("proposal", (*_COLUMNS, "position"), [(*asdict(proposal).values(), position)])


def set_state(tx: Transaction, proposal_id: str, state: str, position: int) -> None:
    """Set an open proposal to seconded, declined or withdrawn."""
    tx.execute(
        "UPDATE proposal SET state = :state, position = :position WHERE id = :id",
        {"state": state, "position": position, "id": proposal_id},
    )


def by_id(reader: Reader, proposal_id: str) -> Proposal | None:
    """The proposal of that id."""
    row = reader.row(_SELECT + " WHERE id = :id", {"id": proposal_id})
    return Proposal(**row) if row else None


def open_ones(reader: Reader, now_ms: int) -> list[Proposal]:
    """All that wait, oldest first."""
    rows = reader.rows(_SELECT + " WHERE state = 'open' AND until_ms > :now_ms ORDER BY position", {"now_ms": now_ms})
    return [Proposal(**row) for row in rows]


def waiting_about(reader: Reader, body_id: str, subject: str, now_ms: int) -> list[Proposal]:
    """Those of an enterprise or an organisation about a subject that wait to be decided on, or that are agreed to and
    not yet done.
    """
    rows = reader.rows(
        _SELECT + " WHERE state IN ('open', 'seconded') AND until_ms > :now_ms AND subject = :subject"
        " AND (enterprise_id = :body OR organisation_id = :body) ORDER BY position",
        {"now_ms": now_ms, "body": body_id, "subject": subject},
    )
    return [Proposal(**row) for row in rows]


def waiting_of(reader: Reader, body_id: str, acts: Collection[str], now_ms: int) -> list[Proposal]:
    """Proposals of some acts in an enterprise or an organisation that are not done yet, oldest first."""
    rows = reader.rows(
        _SELECT + " WHERE state IN ('open', 'seconded') AND until_ms > :now_ms"
        " AND (enterprise_id = :body OR organisation_id = :body) ORDER BY position",
        {"now_ms": now_ms, "body": body_id},
    )
    return [found for row in rows if (found := Proposal(**row)).act in acts]

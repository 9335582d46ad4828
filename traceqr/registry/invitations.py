"""Invitations: links by which a person gets access, or gets it anew."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Row, Transaction


@dataclass(frozen=True, slots=True)
class Invitation:
    """`digest` is the SHA-256 of the token in the link. With `account_id` it gives that account its access anew."""

    id: str
    digest: str
    role: str
    organisation_id: str | None
    enterprise_id: str | None
    account_id: str | None
    until_ms: int
    state: str


_COLUMNS = tuple(Invitation.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM invitation"


def insert(tx: Transaction, invitation: Invitation, position: int) -> None:
    """Add an invitation."""
    tx.insert_many("invitation", (*_COLUMNS, "position"), [(*asdict(invitation).values(), position)])


def set_state(tx: Transaction, invitation_id: str, state: str, position: int) -> None:
    """Set an invitation to used or withdrawn."""
    tx.execute(
        "UPDATE invitation SET state = :state, position = :position WHERE id = :id",
        {"state": state, "position": position, "id": invitation_id},
    )


def by_id(reader: Reader, invitation_id: str) -> Invitation | None:
    """The invitation of that id."""
    row = reader.row(_SELECT + " WHERE id = :id", {"id": invitation_id})
    return Invitation(**row) if row else None


def by_digest(reader: Reader, digest: str) -> Invitation | None:
    """The invitation whose link carries the token of that digest."""
    row = reader.row(_SELECT + " WHERE digest = :digest", {"digest": digest})
    return Invitation(**row) if row else None


def open_for(reader: Reader, enterprise_id: str | None, organisation_id: str | None, now_ms: int) -> list[Row]:
    """Open invitations of one body."""
    column, body = ("enterprise_id", enterprise_id) if enterprise_id else ("organisation_id", organisation_id)
    return reader.rows(
        f"SELECT id, role, account_id, until_ms FROM invitation WHERE {column} = :body AND state = 'open'"
        " AND until_ms > :now_ms ORDER BY position",
        {"body": body, "now_ms": now_ms},
    )

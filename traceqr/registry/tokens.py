"""Tokens of enterprises, for their own programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Token:
    """`digest` is the SHA-256 of the secret, `account_id` who made it, `scopes` words separated by blanks."""

    id: str
    digest: str
    enterprise_id: str
    account_id: str
    name: str
    scopes: str
    until_ms: int
    used_ms: int | None
    state: str


_COLUMNS = tuple(Token.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM api_token"


def insert(tx: Transaction, token: Token, position: int) -> None:
    """Add a token."""
    tx.insert_many("api_token", (*_COLUMNS, "position"), [(*asdict(token).values(), position)])


def revoke(tx: Transaction, token_id: str, position: int) -> None:
    """Set a token to revoked."""
    tx.execute(
        "UPDATE api_token SET state = 'revoked', position = :position WHERE id = :id",
        {"position": position, "id": token_id},
    )


def used(tx: Transaction, token_id: str, at_ms: int) -> None:
    """Note that a token was used."""
    tx.execute("UPDATE api_token SET used_ms = :at_ms WHERE id = :id", {"at_ms": at_ms, "id": token_id})


def by_id(reader: Reader, token_id: str) -> Token | None:
    """The token of that id."""
    row = reader.row(_SELECT + " WHERE id = :id", {"id": token_id})
    return Token(**row) if row else None


def by_digest(reader: Reader, digest: str) -> Token | None:
    """The token whose secret has that digest."""
    row = reader.row(_SELECT + " WHERE digest = :digest", {"digest": digest})
    return Token(**row) if row else None


def of_enterprise(reader: Reader, enterprise_id: str) -> list[Token]:
    """All tokens of an enterprise."""
    rows = reader.rows(_SELECT + " WHERE enterprise_id = :id ORDER BY position", {"id": enterprise_id})
    return [Token(**row) for row in rows]

"""Sessions: who is signed in. They are no acts; an act done in one names its account."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Session:
    """`digest` is the SHA-256 of the token in the cookie, `agent` the browser's family. `complete` is 0 while the
    second factor is awaited. It ends at `until_ms`, or earlier where it is not used.
    """

    digest: str
    id: str
    account_id: str
    complete: int
    begun_ms: int
    seen_ms: int
    until_ms: int
    agent: str


_COLUMNS = tuple(Session.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM session"

MAX_SESSIONS = 20
"""Of one account at a time; with one more the one that was used least recently ends."""


def insert(tx: Transaction, session: Session) -> None:
    """Add a session, and end what is too much of the account's."""
    held = of_account(tx, session.account_id)
    for old in held[MAX_SESSIONS - 1 :]:
        delete(tx, old.digest)
    tx.insert_many("session", _COLUMNS, [tuple(asdict(session).values())])


def by_digest(reader: Reader, digest: str) -> Session | None:
    """The session whose cookie carries the token of that digest."""
    row = reader.row(_SELECT + " WHERE digest = :digest", {"digest": digest})
    return Session(**row) if row else None


def of_account(reader: Reader, account_id: str) -> list[Session]:
    """The sessions of an account, the one used last first."""
    rows = reader.rows(_SELECT + " WHERE account_id = :id ORDER BY seen_ms DESC, id", {"id": account_id})
    return [Session(**row) for row in rows]


def seen(tx: Transaction, digest: str, at_ms: int) -> None:
    """Note that a session was used."""
    tx.execute(
        "UPDATE session SET seen_ms = :at_ms WHERE digest = :digest AND seen_ms < :at_ms",
        {"at_ms": at_ms, "digest": digest},
    )


def delete(tx: Transaction, digest: str) -> None:
    """End a session."""
    tx.execute("DELETE FROM session WHERE digest = :digest", {"digest": digest})


def prune(tx: Transaction, now_ms: int) -> None:
    """Remove the sessions that have ended by themselves."""
    tx.execute("DELETE FROM session WHERE until_ms <= :now_ms", {"now_ms": now_ms})


def delete_of_account(tx: Transaction, account_id: str, but: str = "") -> None:
    """End all sessions of an account, but the one of a digest."""
    tx.execute("DELETE FROM session WHERE account_id = :id AND digest <> :but", {"id": account_id, "but": but})


def delete_one(tx: Transaction, account_id: str, session_id: str) -> bool:
    """End one of an account's sessions, by its id. False where it has none of that id."""
    return (
        tx.execute(
            "DELETE FROM session WHERE account_id = :account AND id = :id", {"account": account_id, "id": session_id}
        )
        == 1
    )

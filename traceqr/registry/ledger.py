"""The ledger: every act, in order, final from the first day.

An entry is canonical JSON (RFC 8785); beside it stands its leaf hash as in RFC 6962, section 2.1:
SHA-256 over a zero byte and the entry. Positions count from 0, as the leaves of the tree do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785

from traceqr.errors import TraceqrError
from traceqr.registry.database import Reader, Row, Transaction

Payload = Mapping[str, Any]


class InvalidEntry(TraceqrError):
    """An act that canonical JSON cannot say: text that is not Unicode, or an integer past 2^53."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act: `subject` names what it was done to, such as `batch:7`."""

    position: int
    at_ms: int
    actor: str
    act: str
    subject: str
    payload: Payload

    def canonical(self) -> bytes:
        """The entry as canonical JSON, UTF-8. Raises `InvalidEntry`."""
        members: dict[str, Any] = {
            "act": self.act,
            "actor": self.actor,
            "at_ms": self.at_ms,
            "payload": dict(self.payload),
            "position": self.position,
            "subject": self.subject,
        }
        try:
            return rfc8785.dumps(members)
        except rfc8785.CanonicalizationError as error:
            raise InvalidEntry(f"cannot put {self.act} of {self.subject!r} on the ledger: {error}") from error


def leaf_hash(entry: bytes) -> str:
    """64 hex digits: the Merkle leaf hash of RFC 6962 over an entry's canonical bytes."""
    return hashlib.sha256(b"\0" + entry).hexdigest()


def append(tx: Transaction, at_ms: int, actor: str, act: str, subject: str, payload: Payload) -> int:
    """Append an entry; returns its position. The lock that `tx` holds makes the positions dense."""
    entry = Entry(next_position(tx), at_ms, actor, act, subject, payload)
    canonical = entry.canonical()
    tx.execute(
        "INSERT INTO ledger (position, at_ms, act, subject, entry, leaf_hash)"
        " VALUES (:position, :at_ms, :act, :subject, :entry, :leaf_hash)",
        {
            "position": entry.position,
            "at_ms": at_ms,
            "act": act,
            "subject": subject,
            "entry": canonical.decode("utf-8"),
            "leaf_hash": leaf_hash(canonical),
        },
    )
    return entry.position


def next_position(reader: Reader) -> int:
    """The position that the next entry will have: the number of entries so far."""
    row = reader.row("SELECT COALESCE(MAX(position) + 1, 0) AS position FROM ledger")
    assert row is not None  # an aggregate always has its one row
    return int(row["position"])


def page(reader: Reader, first: int, limit: int) -> list[Row]:
    """Entries from a position on, as they are stored: position, entry and leaf hash. The ledger only grows, so pages
    read one after the other belong together.
    """
    return reader.rows(
        "SELECT position, entry, leaf_hash FROM ledger WHERE position >= :first ORDER BY position LIMIT :limit",
        {"first": first, "limit": limit},
    )

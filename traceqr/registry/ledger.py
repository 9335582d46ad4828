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

from traceqr.registry.database import Reader, Transaction

Payload = Mapping[str, Any]


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
        """The entry as canonical JSON, UTF-8."""
        return rfc8785.dumps(
            {
                "act": self.act,
                "actor": self.actor,
                "at_ms": self.at_ms,
                "payload": dict(self.payload),
                "position": self.position,
                "subject": self.subject,
            }
        )


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

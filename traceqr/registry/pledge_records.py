"""What is kept beside a pledge: who signed it, what was written about it, and what was found against it. The texts may
name people: they are here, and only salted digests of them are on the ledger.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr.registry import pledges
from traceqr.registry.database import Reader, Row, Transaction
from traceqr.registry.pledges import Pledge

MAX_SHOWN = 8
"""Findings shown on one label at most: the page must stay small."""


@dataclass(frozen=True, slots=True)
class SignedBy:
    """Who signed, in which capacity, by which account; `at_ms` is the instant of the act."""

    id: str
    pledge: int
    text_version: int
    name: str
    title: str
    account_id: str
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """A text of a kind: question, answer, refusal or withdrawal."""

    id: str
    pledge: int
    kind: str
    content: str
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """That a pledge was not kept. The reply, and why it was closed, are None where there is none."""

    id: str
    pledge: int
    content: str
    at_ms: int = 0
    reply: str | None = None
    replied_ms: int | None = None
    closing: str | None = None
    closed_ms: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still stands."""
        return self.closed_ms is None


@dataclass(frozen=True, slots=True)
class PledgeFile:
    """A pledge with all that is kept beside it, each kind in the order of time."""

    pledge: Pledge
    signatures: tuple[SignedBy, ...]
    notes: tuple[Note, ...]
    findings: tuple[Finding, ...]


def insert_signature(tx: Transaction, signature: SignedBy, salt: str, position: int) -> None:
    """Add a signature; its instant is that of the ledger entry."""
    values = {name: value for name, value in asdict(signature).items() if name != "at_ms"}
    tx.insert_many("pledge_signature", (*values, "salt", "position"), [(*values.values(), salt, position)])


def insert_note(tx: Transaction, note: Note, salt: str, position: int) -> None:
    """Add a note."""
    tx.insert_many(
        "pledge_note",
        ("id", "pledge", "kind", "content", "salt", "position"),
        [(note.id, note.pledge, note.kind, note.content, salt, position)],
    )


def insert_finding(tx: Transaction, finding: Finding, salt: str, position: int) -> None:
    """Add a finding that is open and has no reply."""
    tx.insert_many(
        "pledge_finding",
        ("id", "pledge", "content", "salt", "position"),
        [(finding.id, finding.pledge, finding.content, salt, position)],
    )


def set_reply(tx: Transaction, finding_id: str, reply: str, position: int) -> None:
    """Keep the reply to a finding."""
    tx.execute(
        "UPDATE pledge_finding SET reply = :reply, reply_position = :position WHERE id = :id",
        {"reply": reply, "position": position, "id": finding_id},
    )


def close(tx: Transaction, finding_id: str, closing: str, position: int) -> None:
    """Close a finding, and say why."""
    tx.execute(
        "UPDATE pledge_finding SET closing = :closing, closed_position = :position WHERE id = :id",
        {"closing": closing, "position": position, "id": finding_id},
    )


def finding_salt(reader: Reader, finding_id: str) -> str:
    """What goes into the digests of a finding's texts."""
    row = reader.row("SELECT salt FROM pledge_finding WHERE id = :id", {"id": finding_id})
    assert row is not None  # asked for findings that were read in the same transaction
    return str(row["salt"])


def findings(reader: Reader, number: int) -> list[Finding]:
    """All findings against a pledge, earliest first."""
    return [
        Finding(**row)
        for row in reader.rows(
            "SELECT f.id, f.pledge, f.content, l.at_ms, f.reply, r.at_ms AS replied_ms, f.closing,"
            " c.at_ms AS closed_ms FROM pledge_finding f JOIN ledger l ON l.position = f.position"
            " LEFT JOIN ledger r ON r.position = f.reply_position LEFT JOIN ledger c ON c.position = f.closed_position"
            " WHERE f.pledge = :number ORDER BY f.position",
            {"number": number},
        )
    ]


def signatures(reader: Reader, number: int) -> list[SignedBy]:
    """All signatures under a pledge, earliest first: more than one where it was withdrawn and made anew."""
    return [
        SignedBy(**row)
        for row in reader.rows(
            "SELECT s.id, s.pledge, s.text_version, s.name, s.title, s.account_id, l.at_ms FROM pledge_signature s"
            " JOIN ledger l ON l.position = s.position WHERE s.pledge = :number ORDER BY s.position",
            {"number": number},
        )
    ]


def notes(reader: Reader, number: int) -> list[Note]:
    """All notes about a pledge, earliest first."""
    return [
        Note(**row)
        for row in reader.rows(
            "SELECT n.id, n.pledge, n.kind, n.content, l.at_ms FROM pledge_note n"
            " JOIN ledger l ON l.position = n.position WHERE n.pledge = :number ORDER BY n.position",
            {"number": number},
        )
    ]


def file_of(reader: Reader, number: int) -> PledgeFile | None:
    """A pledge with all that is kept beside it; None where there is no such pledge."""
    pledge = pledges.by_number(reader, number)
    if pledge is None:
        return None
    return PledgeFile(
        pledge,
        tuple(signatures(reader, number)),
        tuple(notes(reader, number)),
        tuple(findings(reader, number)),
    )


def against(reader: Reader, number: int) -> list[Row]:
    """What a label's page shows of the findings that stand against a pledge: content, at_ms, reply and replied_ms, of
    the earliest ones. Reads only what a public node may.
    """
    return reader.rows(
        "SELECT f.content, l.at_ms, f.reply, r.at_ms AS replied_ms FROM pledge_finding f"
        " JOIN ledger l ON l.position = f.position LEFT JOIN ledger r ON r.position = f.reply_position"
        " WHERE f.pledge = :number AND f.closed_position IS NULL ORDER BY f.position LIMIT :most",
        {"number": number, "most": MAX_SHOWN},
    )

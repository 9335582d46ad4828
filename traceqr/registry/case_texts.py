"""What is written about cases: answers that those who reported read, and notes that one body keeps for itself. Salted
digests of both are on the ledger. Beside them stands what happened to a case, for whoever tells others of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Row, Transaction


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told to all who reported. `kind` is answer, escalation, closing or reopening; `organisation_id` is None
    where the enterprise says it.
    """

    id: str
    case_id: str
    kind: str
    organisation_id: str | None
    content: str


@dataclass(frozen=True, slots=True)
class Note:
    """What one body keeps for itself: a note, or an assignment to an account of its own."""

    id: str
    case_id: str
    kind: str
    organisation_id: str | None
    account_id: str | None
    content: str


@dataclass(frozen=True, slots=True)
class Event:
    """That something happened: reported, suspected, inspected, assigned, answered, escalated, closed or reopened. That
    a case is late happens by itself: `cases.late` tells it.
    """

    id: str
    at_ms: int
    kind: str
    case_id: str
    report_id: str | None = None


_EVENT = tuple(Event.__dataclass_fields__)


def insert_answer(tx: Transaction, answer: Answer, salt: str, position: int) -> None:
    """Add an answer; its instant is that of the ledger entry."""
    values = asdict(answer)
    tx.insert_many("case_answer", (*values, "salt", "position"), [(*values.values(), salt, position)])


def insert_note(tx: Transaction, note: Note, salt: str, position: int) -> None:
    """Add a note."""
    values = asdict(note)
    tx.insert_many("case_note", (*values, "salt", "position"), [(*values.values(), salt, position)])


def insert_event(tx: Transaction, event: Event) -> None:
    """Note that something happened. A public node may add, and read nothing."""
    tx.insert_many("case_event", _EVENT, [tuple(asdict(event).values())])


def events_after(reader: Reader, at_ms: int, event_id: str, most: int) -> Sequence[Event]:
    """What happened from an instant on and, at that instant, after an id: in that order."""
    rows = reader.rows(
        f"SELECT {', '.join(_EVENT)} FROM case_event WHERE at_ms > :at_ms OR (at_ms = :at_ms AND id > :id)"
        " ORDER BY at_ms, id LIMIT :most",
        {"at_ms": at_ms, "id": event_id, "most": most},
    )
    return [Event(**row) for row in rows]


def prune_events(tx: Transaction, before_ms: int) -> int:
    """Take out what happened before an instant; returns how many."""
    return tx.execute("DELETE FROM case_event WHERE at_ms < :before", {"before": before_ms})


def answers(reader: Reader, case_id: str) -> list[Row]:
    """What those who reported were told, earliest first, with the instant and the names of the association that said
    it. Reads what a public node may.
    """
    return reader.rows(
        "SELECT w.id, w.kind, w.content, l.at_ms, o.name_zh AS organisation_zh, o.name_en AS organisation_en"
        " FROM case_answer w JOIN ledger l ON l.position = w.position"
        " LEFT JOIN organisation o ON o.id = w.organisation_id WHERE w.case_id = :case ORDER BY w.position",
        {"case": case_id},
    )


def notes(reader: Reader, case_id: str, organisation_id: str | None) -> list[Row]:
    """What one body noted of a case, earliest first; None is the enterprise. With the name of whom it was given to."""
    whose = "w.organisation_id = :organisation" if organisation_id else "w.organisation_id IS NULL"
    return reader.rows(
        "SELECT w.id, w.kind, w.content, l.at_ms, a.name AS account_name FROM case_note w"
        " JOIN ledger l ON l.position = w.position LEFT JOIN account a ON a.id = w.account_id"
        f" WHERE w.case_id = :case AND {whose} ORDER BY w.position",
        {"case": case_id, **({"organisation": organisation_id} if organisation_id else {})},
    )

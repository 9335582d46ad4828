"""Events of the supply chain, and what they name (docs/tracing.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from traceqr.registry.database import Reader, Row, Transaction
from traceqr.tracing.event import Action, Audience, EventKind, Mention, Standing

CHUNK = 400
"""Events asked for in one statement, at most."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it is followed: all but its words. `recorded_ms` is when it was captured."""

    number: int
    event_id: str
    enterprise_id: str
    kind: EventKind
    action: Action
    at_ms: int
    recorded_ms: int
    step: str
    disposition: str
    read_point: str
    location: str
    transformation: str | None
    audience: Audience
    standing: Standing
    declares: bool
    declared_ms: int | None

    @property
    def counts(self) -> bool:
        """Whether anything follows from it: it was not stated by a stranger, and is no error."""
        return self.standing is not Standing.STRANGER and self.declared_ms is None and not self.declares


_TOLD = tuple(field.name for field in fields(Told))
TOLD = ", ".join(f"e.{name}" for name in _TOLD)
"""The columns of `Told`, of an event that a statement calls `e`."""

_COLUMNS = (
    *("number", "event_id", "declares", "enterprise_id", "capture_id", "kind", "action", "at_ms", "recorded_ms"),
    *("step", "disposition", "read_point", "location", "transformation", "audience", "standing"),
    *("content", "digest"),
)


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as its row has it, in the order of the columns."""

    number: int
    event_id: str
    declares: int
    enterprise_id: str
    capture_id: str
    kind: str
    action: str
    at_ms: int
    recorded_ms: int
    step: str
    disposition: str
    read_point: str
    location: str
    transformation: str | None
    audience: str
    standing: str
    content: str
    digest: str


def next_number(reader: Reader) -> int:
    """The number that the next event gets."""
    row = reader.row("SELECT COALESCE(MAX(number), 0) AS number FROM trace_event")
    assert row is not None  # an aggregate always has its one row
    return int(row["number"]) + 1


def insert_capture(tx: Transaction, capture: Row) -> None:
    """Keep what was captured at once, by the columns of its table."""
    tx.insert_many("capture", tuple(capture), [tuple(capture.values())])


def insert(tx: Transaction, events: Iterable[Stored]) -> None:
    """Add events."""
    tx.insert_many("trace_event", _COLUMNS, [_values(event) for event in events])


_values = attrgetter(*_COLUMNS)


def insert_mentions(tx: Transaction, mentions: Iterable[tuple[int, Mention]]) -> None:
    """Add what events mention, by their numbers."""
    rows = [(each.kind, each.value, event, each.type) for event, each in mentions]
    if rows:
        tx.insert_many("trace_mention", ("kind", "value", "event_number", "type"), rows)


def insert_concerns(tx: Transaction, concerned: Iterable[tuple[Stored, Iterable[str]]]) -> None:
    """Add whose things events name, where these are not of the enterprises that state them."""
    rows = [(owner, row.number, row.at_ms, row.recorded_ms) for row, owners in concerned for owner in sorted(owners)]
    if rows:
        tx.insert_many("trace_concern", ("enterprise_id", "event_number", "at_ms", "recorded_ms"), rows)


def declare(tx: Transaction, number: int, at_ms: int, by: int) -> None:
    """Mark an event as an error since an instant, by the event that declares it."""
    tx.execute(
        "UPDATE trace_event SET declared_ms = :at_ms, declared_by = :declared_by WHERE number = :number",
        {"at_ms": at_ms, "declared_by": by, "number": number},
    )


def by_numbers(reader: Reader, numbers: Iterable[int]) -> dict[int, Told]:
    """Events by their numbers."""
    return {row["number"]: told(row) for row in _of_numbers(reader, TOLD, numbers)}


def contents(reader: Reader, numbers: Iterable[int]) -> dict[int, str]:
    """The JSON of events, by their numbers."""
    return {row["number"]: row["content"] for row in _of_numbers(reader, "e.number, e.content", numbers)}


def digests(reader: Reader, capture_id: str, first: int, last: int) -> list[Row]:
    """Number and digest of the events of a capture that lie in a range of numbers, in order."""
    return reader.rows(
        "SELECT number, digest FROM trace_event"
        " WHERE number BETWEEN :first AND :last AND capture_id = :capture ORDER BY number",
        {"first": first, "last": last, "capture": capture_id},
    )


def by_ids(reader: Reader, ids: Sequence[str]) -> list[Row]:
    """Events of these ids: number, id, enterprise, digest, and whether they declare or are declared errors."""
    found: list[Row] = []
    for start in range(0, len(ids), CHUNK):
        wanted = {f"id{place}": each for place, each in enumerate(ids[start : start + CHUNK])}
        found += reader.rows(
            "SELECT number, event_id, enterprise_id, declares, declared_ms, digest FROM trace_event"
            f" WHERE event_id IN ({', '.join(f':{name}' for name in wanted)})",
            wanted,
        )
    return found


def of_transformations(reader: Reader, names: Iterable[str]) -> dict[str, list[int]]:
    """The numbers of the events that belong to transformations, by their ids."""
    found: dict[str, list[int]] = {}
    listed = sorted(set(names))
    for start in range(0, len(listed), CHUNK):
        wanted = {f"id{place}": each for place, each in enumerate(listed[start : start + CHUNK])}
        marks = ", ".join(f":{name}" for name in wanted)
        rows = reader.rows(
            f"SELECT transformation, number FROM trace_event WHERE transformation IN ({marks})", wanted
        )
        for row in rows:
            found.setdefault(row["transformation"], []).append(row["number"])
    return found


def sharing(reader: Reader, events: Iterable[Told]) -> set[int]:
    """The numbers of all events that the same enterprises state under the transformation ids of events. Whoever learns
    an id can state an event under it, and would lead to things that he has no say in.
    """
    begun = {(each.transformation, each.enterprise_id) for each in events if each.transformation}
    shared = of_transformations(reader, [transformation for transformation, _ in begun if transformation])
    numbers = {number for each in shared.values() for number in each}
    told = by_numbers(reader, numbers)
    return {number for number, each in told.items() if (each.transformation, each.enterprise_id) in begun}


def mentions_of(reader: Reader, numbers: Iterable[int]) -> dict[int, list[Mention]]:
    """What events mention, by their numbers."""
    found: dict[int, list[Mention]] = {}
    listed = sorted(set(numbers))
    for start in range(0, len(listed), CHUNK):
        spelled = ", ".join(str(int(number)) for number in listed[start : start + CHUNK])
        rows = reader.rows(
            "SELECT event_number, kind, type, value FROM trace_mention"
            f" WHERE event_number IN ({spelled}) ORDER BY event_number, kind"
        )
        for row in rows:
            found.setdefault(row["event_number"], []).append(Mention(row["kind"], row["type"], row["value"]))
    return found


def _of_numbers(reader: Reader, columns: str, numbers: Iterable[int]) -> Iterable[Row]:
    # The numbers stand in the statement: they are ours, and a long list of parameters is slow to bind.
    listed = sorted(set(numbers))
    for start in range(0, len(listed), CHUNK):
        spelled = ", ".join(str(int(number)) for number in listed[start : start + CHUNK])
        yield from reader.rows(f"SELECT {columns} FROM trace_event e WHERE e.number IN ({spelled})")


def told(row: Row) -> Told:
    """The event of a row that has the columns of `TOLD`."""
    values: dict[str, Any] = {name: row[name] for name in _TOLD}
    values |= {
        "kind": EventKind(row["kind"]),
        "action": Action(row["action"]),
        "audience": Audience(row["audience"]),
        "standing": Standing(row["standing"]),
        "declares": bool(row["declares"]),
    }
    return Told(**values)

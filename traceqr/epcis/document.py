"""EPCIS 2.0 documents in JSON-LD, read into events: an EPCISDocument, an EPCISQueryDocument or one event by itself."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import Any

from traceqr.epcis import members, schema, strict
from traceqr.epcis.context import STANDARD, Declared, Namespaces
from traceqr.epcis.faults import Faults
from traceqr.epcis.problem import ExceptionType, Problem, Refused, refused, shown
from traceqr.epcis.reading import read_event
from traceqr.tracing.event import Event

_MOST_TOLD = 1_000
"""Problems of a document after which of each event the first alone is told."""


class DocumentType(enum.StrEnum):
    """What sort of document it is."""

    DOCUMENT = "EPCISDocument"
    QUERY_DOCUMENT = "EPCISQueryDocument"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is taken at once, as `GS1-EPCIS-Capture-Limit` and `GS1-EPCIS-Capture-File-Size-Limit` announce it."""

    max_bytes: int = 20_000_000
    max_events: int = 10_000
    max_things: int = 1_000_000
    """Single things that all lists of the document name; ranges count as their two ends."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a document: the event, or what is wrong with it."""

    pointer: str
    """Where in the document it stands, such as `/epcisBody/eventList/3`."""
    event: Event | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document holds, in its order."""

    type: DocumentType
    created_ms: int | None
    entries: tuple[Entry, ...]

    @property
    def events(self) -> tuple[Event, ...]:
        """The events that are right."""
        return tuple(entry.event for entry in self.entries if entry.event)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong with the events that are not."""
        return tuple(problem for entry in self.entries for problem in entry.problems)


def read(
    body: bytes, *, limits: Limits = Limits(), namespaces: Namespaces = STANDARD, now_ms: int | None = None
) -> Reading:
    """What a body holds. Raises `Refused` where it is no document; what is wrong with single events is in its entries.

    `namespaces` are those declared outside of the body, as by the header `GS1-Extensions`. Events later than `now_ms`
    by more than ten minutes are wrong.
    """
    value = strict.parse(body, limits.max_bytes)
    if isinstance(value, dict) and value.get("type") in tuple(members.TYPES):
        _require_few([value], limits)
        event, problems = read_event(value, "", {**STANDARD, **namespaces}, now_ms)
        return Reading(DocumentType.EVENT, None, (Entry("", event, problems),))
    return _document(value, limits, namespaces, now_ms)


def _document(value: Any, limits: Limits, namespaces: Namespaces, now_ms: int | None) -> Reading:
    _require("envelope", value, "")
    declared = Declared(value["@context"], "/@context", namespaces)
    if declared.problems:
        raise Refused(declared.problems)
    kind = DocumentType(value["type"])
    events, pointers = _events(kind, value["epcisBody"])
    if len(events) > limits.max_events:
        message = f"expected at most {limits.max_events:,} events, got {len(events):,}"
        raise refused(ExceptionType.CAPTURE_LIMIT, message)
    _require_few(events, limits)
    entries, told = [], 0
    for each, pointer in zip(events, pointers, strict=True):
        event, problems = read_event(each, pointer, declared.names, now_ms)
        entries.append(Entry(pointer, event, problems if told < _MOST_TOLD else problems[:1]))
        told += len(problems)
    return Reading(kind, _created(value["creationDate"]), tuple(_once(entries)))


def _events(kind: DocumentType, body: dict[str, Any]) -> tuple[list[Any], list[str]]:
    """The events of a document, and where each stands."""
    where = "/epcisBody"
    if kind is DocumentType.QUERY_DOCUMENT:
        _require("eventsOfQuery", body, where)
        body, where = body["queryResults"]["resultsBody"], f"{where}/queryResults/resultsBody"
    else:
        _require("eventsOfDocument", body, where)
    if "event" in body:
        return [body["event"]], [f"{where}/event"]
    events = body["eventList"]
    return events, [f"{where}/eventList/{place}" for place in range(len(events))]


def _require(shape: str, value: Any, pointer: str) -> None:
    if problems := schema.faults(shape, value, pointer):
        raise Refused(problems)


def _require_few(events: list[Any], limits: Limits) -> None:
    """So many things at most, counted before any is read."""
    lists = [each.get(name) for each in events if isinstance(each, dict) for name in members.SINGLE]
    count = sum(len(each) for each in lists if isinstance(each, list))
    if count > limits.max_things:
        raise refused(ExceptionType.CAPTURE_LIMIT, f"expected at most {limits.max_things:,} things, got {count:,}")


def _created(text: str) -> int:
    faults = Faults("")
    at_ms = faults.instant("/creationDate", text)
    if faults.found:
        raise Refused(faults.found)
    return at_ms


def _once(entries: list[Entry]) -> list[Entry]:
    """The same, but that an id is wrong that stood before in the document with the same standing.

    An event, and the declaration that it was in error, have one id (EPCIS 2.0, section 7.4.1.4).
    """
    seen: dict[tuple[str, bool], str] = {}
    found = []
    for entry in entries:
        key = (entry.event.id, entry.event.declaration is not None) if entry.event else None
        before = seen.setdefault(key, entry.pointer) if key else entry.pointer
        found.append(entry if before == entry.pointer else _twice(entry, before))
    return found


def _twice(entry: Entry, before: str) -> Entry:
    message = f"expected an id that no other event of the document has, got {shown(entry.event and entry.event.id)}"
    problem = Problem(f"{entry.pointer}/eventID", ExceptionType.VALIDATION, f"{message}, which {before} has")
    return replace(entry, event=None, problems=(problem,))

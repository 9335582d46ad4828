"""EPCIS 2.0 documents in JSON-LD, read into events: an EPCISDocument, an EPCISQueryDocument or one event by itself."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from traceqr.epcis.context import STANDARD, Namespaces
from traceqr.epcis.problem import Problem
from traceqr.tracing.event import Event


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
    raise NotImplementedError

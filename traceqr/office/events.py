"""What an enterprise states of things, and asks for: by documents of EPCIS 2.0."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traceqr.access import Right
from traceqr.acting import EntriesRefused
from traceqr.chain import capturing, seeking
from traceqr.chain.capturing import Captured
from traceqr.chain.seeking import Mark, Page
from traceqr.epcis import document
from traceqr.epcis.context import STANDARD, Namespaces
from traceqr.epcis.document import DocumentType, Entry, Limits, Reading
from traceqr.epcis.problem import ExceptionType, Problem, Refused, refused
from traceqr.epcis.query import EventQuery
from traceqr.epcis.spelling import PrefixLength
from traceqr.epcis.writing import Told
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.house import Absent
from traceqr.registry import capture_jobs, claims, partners, trace_search
from traceqr.registry.capture_jobs import CaptureJob
from traceqr.registry.pacing import Pace

__all__ = ("LIMITS", "CaptureJob", "EventOffice", "Mark", "Page")

LIMITS = Limits(max_bytes=10_000_000, max_events=capturing.MAX_EVENTS, max_things=200_000)
"""Of what is captured at once."""

MAX_ERRORS = 100
"""Of one job, that are kept."""

MAX_VALUES = 5_000
"""Steps, places or dispositions that are listed of one enterprise."""

READING = Pace(120, 250)
WRITING = Pace(60, 500)
"""Of all tokens of an enterprise together: so many at once, and then four in a second, or two."""

ROLLBACK, PROCEED = "rollback", "proceed"


@dataclass(frozen=True, slots=True)
class EventOffice(EnterpriseOffice):
    """The events of the identity's own enterprise, and those that it may be told of."""

    def take(self, *, writing: bool) -> None:
        """Raise `SlowDown` where the enterprise's programs ask too much, whichever worker they come to."""
        kind, pace = ("events-writing", WRITING) if writing else ("events-reading", READING)
        self.house.doorkeeper.take(kind, self.enterprise, pace)

    # --- stating

    def capture(self, body: bytes, behaviour: str, namespaces: Namespaces = STANDARD) -> CaptureJob:
        """Capture a document: whole or not at all, or (`proceed`) what of it is right. What became of it is kept.
        Raises `Refused` where it is no document, or too large.
        """
        self.need(Right.STATE_EVENTS)
        created_ms = self.house.clock()
        reading = document.read(body, limits=LIMITS, namespaces=namespaces, now_ms=created_ms)
        if reading.type is DocumentType.EVENT:
            raise refused(ExceptionType.VALIDATION, "expected an EPCISDocument, got one event by itself", "/type")
        if not reading.entries or (reading.problems and (behaviour == ROLLBACK or not reading.events)):
            return self._kept(created_ms, behaviour, reading.problems)
        try:
            return self._captured(created_ms, behaviour, reading)
        except EntriesRefused as error:
            refusals = [(place, str(each)) for place, each in error.refusals]
            return self._kept(created_ms, behaviour, _refused(reading, refusals))

    def _captured(self, created_ms: int, behaviour: str, reading: Reading) -> CaptureJob:
        """The job lands with what it captured, or not at all."""
        with self.desk.together() as (desk, tx):
            captured = capturing.capture(desk, self.enterprise, reading.events, proceed=behaviour == PROCEED)
            problems = (*reading.problems, *_refused(reading, captured.refused))
            job = self._job(created_ms, behaviour, problems, captured)
            capture_jobs.insert(tx, job)
        return job

    def _kept(self, created_ms: int, behaviour: str, problems: Sequence[Problem]) -> CaptureJob:
        job = self._job(created_ms, behaviour, problems)
        with self.house.database.recording() as tx:
            capture_jobs.insert(tx, job)
        return job

    def _job(
        self, created_ms: int, behaviour: str, problems: Sequence[Problem], captured: Captured | None = None
    ) -> CaptureJob:
        capture_id = captured.id if captured else None
        finished_ms = max(created_ms, self.house.clock())
        return CaptureJob(
            self.desk.new_id(),
            self.enterprise,
            capture_id,
            behaviour,
            not problems,
            created_ms,
            finished_ms,
            _errors(problems),
        )

    def state(self, body: bytes, namespaces: Namespaces = STANDARD) -> str:
        """Capture one event; returns its id. Raises `Refused`, and `ActRefused`."""
        self.need(Right.STATE_EVENTS)
        reading = document.read(body, limits=LIMITS, namespaces=namespaces, now_ms=self.house.clock())
        if reading.type is not DocumentType.EVENT:
            raise refused(ExceptionType.VALIDATION, "expected one event by itself, got a document", "/type")
        if reading.problems:
            raise Refused(reading.problems)
        try:
            capturing.capture(self.desk, self.enterprise, reading.events)
        except EntriesRefused as error:
            raise refused(ExceptionType.VALIDATION, str(error.refusals[0][1])) from error
        return reading.events[0].id

    def jobs(self, before: tuple[int, str] | None, most: int) -> Sequence[CaptureJob]:
        """What became of documents, the latest first."""
        self.need(Right.STATE_EVENTS)
        with self.house.database.snapshot() as reader:
            return capture_jobs.of_enterprise(reader, self.enterprise, before, most)

    def job(self, job_id: str) -> CaptureJob:
        """What became of one. Raises `Absent`."""
        self.need(Right.STATE_EVENTS)
        with self.house.database.snapshot() as reader:
            found = capture_jobs.by_id(reader, self.enterprise, job_id)
        if found is None:
            raise Absent("expected the id of a capture job of the own enterprise, found none")
        return found

    # --- asking

    def search(self, query: EventQuery, mark: Mark | None = None) -> Page:
        """A page of the events that are asked for. Raises `Refused` where it is too much."""
        self.need(Right.SEE_EVENTS)
        with self.house.database.snapshot() as reader:
            return seeking.search(reader, self.enterprise, query, mark)

    def event(self, event_id: str) -> Told:
        """One event. Raises `Absent`."""
        self.need(Right.SEE_EVENTS)
        with self.house.database.snapshot() as reader:
            found = seeking.by_id(reader, self.enterprise, event_id)
        if found is None:
            raise Absent("expected the id of an event that the enterprise may be told of, found none")
        return found

    def values(self, column: str) -> Sequence[str]:
        """The steps, places or dispositions of the own events, and of those of enterprises that named this one."""
        self.need(Right.SEE_EVENTS)
        with self.house.database.snapshot() as reader:
            found = set(trace_search.values(reader, self.enterprise, column, MAX_VALUES, own=True))
            for other in sorted(partners.naming(reader, self.enterprise)):
                found |= set(trace_search.values(reader, other, column, MAX_VALUES, own=False))
        return sorted(found)

    def prefix_lengths(self) -> PrefixLength:
        """How many digits the company prefix has that digits begin with, by the claims that were accepted."""
        known: dict[str, int | None] = {}

        def length(digits: str) -> int | None:
            start = digits[: claims.PREFIX_DIGITS]
            if start not in known:
                with self.house.database.snapshot() as reader:
                    known[start] = claims.prefix_length(reader, start)
            return known[start]

        return length


def _refused(reading: Reading, refusals: Iterable[tuple[int, str]]) -> tuple[Problem, ...]:
    """What acts refused, by where the events stand in their document."""
    good: list[Entry] = [entry for entry in reading.entries if entry.event]
    return tuple(Problem(good[place].pointer, ExceptionType.VALIDATION, message) for place, message in refusals)


def _errors(problems: Sequence[Problem]) -> str:
    told = [_error(problem) for problem in problems[:MAX_ERRORS]]
    if len(problems) > MAX_ERRORS:
        more = f"{len(problems) - MAX_ERRORS:,} more problems"
        told.append(_error(Problem("", ExceptionType.VALIDATION, more)))
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _error(problem: Problem) -> Mapping[str, Any]:
    return {
        "type": f"epcisException:{problem.exception}",
        "title": "An event was not captured",
        "status": 400,
        "detail": problem.message,
        "instance": f"#{problem.pointer}",
    }

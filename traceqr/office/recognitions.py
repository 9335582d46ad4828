"""What enterprises of a region have been honoured with, as an officer vouches for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traceqr import recognising
from traceqr.access import Right
from traceqr.acting import ActRefused, EntriesRefused
from traceqr.office.house import Absent
from traceqr.office.review import PAGE, ReviewOffice
from traceqr.recognising import MAX_NAME, MAX_REASON, RecognitionEntry
from traceqr.registry import enterprises, recognitions
from traceqr.registry.database import Reader, Row
from traceqr.registry.enterprises import Enterprise
from traceqr.registry.recognitions import Recognition

__all__ = ["MAX_NAME", "MAX_REASON", "Honour", "RecognitionEntry", "RecognitionList", "RecognitionOffice"]


@dataclass(frozen=True, slots=True)
class RecognitionList:
    """A page of recognitions, and below which number the next one begins; empty at the end."""

    rows: Sequence[Row]
    below: str


@dataclass(frozen=True, slots=True)
class Honour:
    """A recognition with its enterprise."""

    recognition: Recognition
    uscc: str
    name_zh: str


@dataclass(frozen=True, slots=True)
class RecognitionOffice(ReviewOffice):
    """Recognitions of enterprises of the officer's region."""

    def recognitions(self, text: str = "", below: str = "") -> RecognitionList:
        """What was recorded last first; where `text` is not empty, of enterprises of that code or part of a name."""
        self.need(Right.ENROL)
        begin = int(below) if below.isascii() and below.isdigit() and len(below) <= 10 else None
        with self.house.database.snapshot() as reader:
            rows = recognitions.sought(reader, self.scope, text, begin, PAGE + 1)
        return RecognitionList(rows[:PAGE], str(rows[PAGE - 1]["number"]) if len(rows) > PAGE else "")

    def recognition(self, number: int) -> Honour:
        """One of them. Raises `Absent`."""
        self.need(Right.ENROL)
        with self.house.database.snapshot() as reader:
            return self._one(reader, number)

    def record(self, entry: RecognitionEntry) -> bool:
        """Record one; whether it is new. Raises `ActRefused`, for an enterprise of another region as for none."""
        self.need(Right.ENROL)
        with self.desk.together() as (desk, tx):
            enterprise = enterprises.by_uscc(tx, entry.uscc)
            if enterprise is None or not self.identity.sees_region(enterprise.region):
                raise ActRefused(f"expected the code of an enrolled enterprise, got {entry.uscc!r}", "uscc")
            try:
                return recognising.record_recognitions(desk, [entry], self.scope).added > 0
            except EntriesRefused as refused:
                raise refused.refusals[0][1] from refused

    def revoke(self, number: int, reason: str) -> None:
        """Let one stand no more, and say why. Raises `Absent` and `ActRefused`."""
        self.need(Right.ENROL)
        with self.desk.together() as (desk, tx):
            self._one(tx, number)
            recognising.revoke_recognition(desk, number, reason)

    def _one(self, reader: Reader, number: int) -> Honour:
        found = recognitions.by_number(reader, number)
        enterprise: Enterprise | None = enterprises.by_id(reader, found.enterprise_id) if found else None
        if found is None or enterprise is None or not self.identity.sees_region(enterprise.region):
            raise Absent("expected a recognition of an enterprise of the own region, found none")
        return Honour(found, enterprise.uscc, enterprise.name_zh)

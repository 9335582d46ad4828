"""The kinds of marks of an association, and their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traceqr import licensing
from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.licensing import MarkEntry
from traceqr.office.house import Absent, Denied, Office, Stale
from traceqr.registry import marks, organisations
from traceqr.registry.database import Reader, Row


@dataclass(frozen=True, slots=True)
class Words:
    """What a mark is called, and what it stands for, as typed."""

    name_zh: str
    name_en: str
    meaning_zh: str
    meaning_en: str


@dataclass(frozen=True, slots=True)
class MarkFile:
    """A kind of mark, and its words in all versions, latest first."""

    mark: Row
    versions: Sequence[Row]


@dataclass(frozen=True, slots=True)
class MarkOffice(Office):
    """The marks of the identity's own association."""

    @property
    def organisation(self) -> str:
        """The id of the own organisation. Raises `Denied` for an identity of none."""
        if self.identity.organisation is None:
            raise Denied("expected an identity of an organisation, got one of none")
        return self.identity.organisation

    def kinds(self) -> list[Row]:
        """All own kinds, by id."""
        self.need(Right.LICENSE)
        with self.house.database.snapshot() as reader:
            return self._own_kinds(reader)

    def kind(self, mark_id: str) -> MarkFile:
        """One own kind. Raises `Absent`."""
        self.need(Right.LICENSE)
        with self.house.database.snapshot() as reader:
            return MarkFile(self.own_kind(reader, mark_id), marks.versions(reader, mark_id))

    def define(self, mark_id: str, prefix: str, artwork: str, words: Words) -> None:
        """A new kind of mark. Raises `ActRefused`."""
        self.need(Right.LICENSE)
        with self.desk.together() as (desk, tx):
            if marks.by_id(tx, mark_id) is not None:
                raise ActRefused(f"expected an id that no mark has, got {mark_id!r}", "id")
            licensing.define_mark(desk, self._entry(tx, mark_id, prefix, artwork, words))

    def revise(self, mark_id: str, seen: int, words: Words) -> None:
        """Other words, after the version that was shown. Raises `Absent`, `Stale` and `ActRefused`."""
        self.need(Right.LICENSE)
        with self.desk.together() as (desk, tx):
            known = self.own_kind(tx, mark_id)
            if known["text_version"] != seen:
                raise Stale(f"expected a form of version {known['text_version']}, got one of {seen}")
            licensing.define_mark(desk, self._entry(tx, mark_id, known["prefix"], known["artwork"], words))

    def own_kind(self, reader: Reader, mark_id: str) -> Row:
        """One own kind. Raises `Absent`."""
        found = next((row for row in self._own_kinds(reader) if row["id"] == mark_id), None)
        if found is None:
            raise Absent("expected a mark of the own organisation, found none")
        return found

    def _own_kinds(self, reader: Reader) -> list[Row]:
        return [row for row in marks.everything(reader) if row["organisation_id"] == self.organisation]

    def _entry(self, reader: Reader, mark_id: str, prefix: str, artwork: str, words: Words) -> MarkEntry:
        own = organisations.by_id(reader, self.organisation)
        assert own is not None  # the account is held for it
        said = (one_line(each) for each in (words.name_zh, words.name_en, words.meaning_zh, words.meaning_en))
        return MarkEntry(mark_id, own.name_zh, prefix, artwork, *said)


def one_line(text: str) -> str:
    """A text as typed, on one line."""
    return " ".join(text.split())

"""Tables that an association takes in: enterprises, participants of an edition, pledges signed on paper, and
recognitions.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.enrolling import Tally
from traceqr.importing import enterprises, participants, pledges, recognitions
from traceqr.importing.decoding import Upload
from traceqr.importing.enterprises import import_enterprises
from traceqr.importing.fault import Fault, ImportRefused
from traceqr.importing.participants import import_participants
from traceqr.importing.pledges import import_pledges
from traceqr.importing.recognitions import import_recognitions
from traceqr.office.house import Absent, Denied
from traceqr.office.review import Edition, ReviewOffice


class Kind(enum.StrEnum):
    """What a table holds."""

    ENTERPRISES = "enterprises"
    PARTICIPANTS = "participants"
    PLEDGES = "pledges"
    RECOGNITIONS = "recognitions"


OF_NO_EDITION = frozenset({Kind.ENTERPRISES, Kind.RECOGNITIONS})
"""What belongs to no edition."""


_TABLES = {
    Kind.ENTERPRISES: enterprises.TABLE,
    Kind.PARTICIPANTS: participants.TABLE,
    Kind.PLEDGES: pledges.TABLE,
    Kind.RECOGNITIONS: recognitions.TABLE,
}


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a table, by its name and in Chinese; both are taken."""

    name: str
    name_zh: str
    required: bool


def headings(kind: Kind) -> list[Heading]:
    """The columns of a table."""
    return [Heading(each.name, each.synonyms[0], each.required) for each in _TABLES[kind].columns]


@dataclass(frozen=True, slots=True)
class Table:
    """A file that came in."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a table does, or would do; or all that is wrong with it, unless it is not `complete`."""

    tally: Tally | None
    faults: Sequence[Fault] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class IntakeOffice(ReviewOffice):
    """What an officer takes in. Rows of enterprises outside the region of his association are faults."""

    def takes_into(self) -> list[Edition]:
        """The editions whose participants and pledges the officer takes in."""
        self.need(Right.ENROL)
        return [edition for edition in self.editions() if edition.decides]

    def into(self, campaign_id: str) -> Edition:
        """One of them. Raises `Absent` and `Denied`."""
        self.need(Right.ENROL)
        edition = self.edition(campaign_id)
        if not edition.decides:
            raise Denied("expected an officer who decides in this campaign, got one of a co-organiser")
        return edition

    def take(self, kind: Kind, table: Table, campaign_id: str = "", *, dry_run: bool) -> Outcome:
        """Take a table in, whole or not at all; a `dry_run` changes nothing. All but `OF_NO_EDITION` belongs to the
        edition that is named.
        """
        self.need(Right.ENROL)
        if (kind in OF_NO_EDITION) != (campaign_id == ""):
            raise Absent("expected an edition for what belongs to one, and none for what belongs to none")
        if campaign_id:
            self.into(campaign_id)
        source = Upload(table.name, table.content)
        try:
            return Outcome(self._importer(kind, campaign_id, dry_run)(source))
        except ImportRefused as error:
            return Outcome(None, error.faults, error.complete)
        except ActRefused as error:
            if error.field != "campaign":
                raise
            return Outcome(None, [Fault(0, "", str(error))])

    def _importer(self, kind: Kind, campaign_id: str, dry_run: bool) -> Callable[[Upload], Tally]:
        desk, scope = self.desk, self.scope
        if kind is Kind.ENTERPRISES:
            return lambda source: import_enterprises(desk, source, dry_run=dry_run, scope=scope)
        if kind is Kind.RECOGNITIONS:
            return lambda source: import_recognitions(desk, source, dry_run=dry_run, scope=scope)
        if kind is Kind.PARTICIPANTS:
            return lambda source: import_participants(desk, source, campaign_id, dry_run=dry_run, scope=scope)
        return lambda source: import_pledges(desk, source, dry_run=dry_run, campaign_id=campaign_id, scope=scope)

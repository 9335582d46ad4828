"""Tables of what happened to goods, and of the places where, that an enterprise takes in: stated by it alone."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.importing import events, locations, table, templates
from traceqr.importing.decoding import Upload
from traceqr.importing.events import import_events
from traceqr.importing.fault import Fault, ImportRefused
from traceqr.importing.locations import import_locations
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.taking_in import Outcome, Table


class EventTable(enum.StrEnum):
    """What a table holds."""

    RECEIVING = "receiving"
    PRODUCTION = "production"
    PACKING = "packing"
    SHIPPING = "shipping"
    LOCATIONS = "locations"


@dataclass(frozen=True, slots=True)
class EventTableOffice(EnterpriseOffice):
    """What an enterprise takes in."""

    def code(self) -> str:
        """The unified social credit code of the enterprise."""
        self.need(Right.STATE_EVENTS)
        with self.house.database.snapshot() as reader:
            return self.own(reader).uscc

    def take(self, kind: EventTable, given: Table, *, dry_run: bool) -> Outcome:
        """Take a table in, whole or not at all; a `dry_run` changes nothing."""
        own, source = self.code(), Upload(given.name, given.content)
        try:
            if kind is EventTable.LOCATIONS:
                return Outcome(import_locations(self.desk, source, dry_run=dry_run, own=own))
            return Outcome(import_events(self.desk, source, events.Kind(kind), self.enterprise, dry_run=dry_run))
        except ImportRefused as error:
            return Outcome(None, error.faults, error.complete)
        except ActRefused as error:
            return Outcome(None, [Fault(0, "", str(error))])


def headings(kind: EventTable, *, english: bool) -> list[str]:
    """The header of an empty table; what must be filled in has a star."""
    return [templates.heading(column, english=english) for column in _columns(kind).columns]


def empty_table(kind: EventTable, form: str, *, english: bool) -> bytes:
    """An empty table, `csv` or `xlsx`."""
    make = templates.as_workbook if form == "xlsx" else templates.as_csv
    return make(_columns(kind), english=english)


def _columns(kind: EventTable) -> table.Table:
    return locations.table("-") if kind is EventTable.LOCATIONS else events.table(events.Kind(kind))

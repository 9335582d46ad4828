"""The enterprises of a region, as an association enrols them and lets their managers in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from traceqr import admitting, enrolling
from traceqr import region as regions
from traceqr.access import Right, Role
from traceqr.acting import ActRefused, Desk, EntriesRefused
from traceqr.admitting import Invited
from traceqr.enrolling import EnterpriseEntry
from traceqr.office import typed
from traceqr.office.house import Absent
from traceqr.office.review import PAGE, ReviewOffice
from traceqr.registry import accounts, claims, enterprises, invitations, licences, pledge_records
from traceqr.registry.database import Reader, Row
from traceqr.registry.enterprises import Enterprise, Sought
from traceqr.registry.licences import Wanted
from traceqr.registry.pledge_records import Finding
from traceqr.sector import SECTORS

_PLACE = re.compile("([0-9]{6})-([0-9A-Z]{18})")


class StaleEnterprise(ActRefused):
    """Somebody else has changed the enterprise since the form was shown."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of enterprises, and after which one the next page begins; empty at the end."""

    rows: Sequence[Row]
    after: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What an officer looks for, each empty for any: a region, a sector, and a code or a part of a name."""

    region: str = ""
    sector: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form says of an enterprise."""

    name_zh: str
    name_en: str
    region: str
    sector: str
    service_phone: str
    contact: str


@dataclass(frozen=True, slots=True)
class EnterpriseFile:
    """An enterprise with all that an officer is to know of it. `shown` is told again by whoever changes it; `accounts`
    counts those that are open.
    """

    uscc: str
    said: Typed
    shown: int
    accounts: int
    invitations: Sequence[Row]
    claims: Sequence[Row]
    years: Sequence[Row]
    findings: Sequence[tuple[int, Finding]]
    licences: Sequence[Row]


@dataclass(frozen=True, slots=True)
class EnrolmentOffice(ReviewOffice):
    """The enterprises of the region of the officer's association."""

    def listed(self, asked: Asked, after: str = "") -> Listed:
        """Enterprises by region and code. Raises `Absent` where a region lies outside the officer's own."""
        self.need(Right.ENROL)
        scope = asked.region or self.scope
        if not regions.is_region(scope) or not self.identity.sees_region(regions.prefix(scope)):
            raise Absent("expected a region within that of the own organisation")
        if asked.sector and asked.sector not in SECTORS:
            raise Absent("expected a sector of the list")
        place = _PLACE.fullmatch(after)
        with self.house.database.snapshot() as reader:
            rows = enterprises.sought(
                reader,
                Sought(scope, asked.sector, asked.text),
                PAGE + 1,
                (place[1], place[2]) if place else None,
            )
        shown = rows[:PAGE]
        return Listed(shown, f"{shown[-1]['region']}-{shown[-1]['uscc']}" if len(rows) > PAGE else "")

    def file(self, uscc: str) -> EnterpriseFile:
        """One enterprise with all there is of it. Raises `Absent`."""
        self.need(Right.ENROL)
        with self.house.database.snapshot() as reader:
            enterprise = self._enterprise(reader, uscc)
            years = self._years(reader, enterprise.id)
            return EnterpriseFile(
                enterprise.uscc,
                Typed(**{name: getattr(enterprise, name) for name in Typed.__dataclass_fields__}),
                enterprises.position_of(reader, enterprise.id),
                sum(account.state == "active" for account in accounts.of_enterprise(reader, enterprise.id)),
                self._invited(reader, enterprise),
                claims.of_enterprise(reader, enterprise.id),
                years,
                _findings(reader, years),
                licences.register(reader, Wanted(enterprise_id=enterprise.id)),
            )

    def enrol(self, uscc: str, given: Typed) -> str:
        """Add an enterprise; gives its code back. Raises `ActRefused`."""
        self.need(Right.ENROL)
        with self.desk.together() as (desk, tx):
            if enterprises.by_uscc(tx, enrolling.parse_uscc(uscc)):
                raise ActRefused(f"expected the code of an enterprise that is not enrolled yet, got {uscc!r}", "uscc")
            self._write(desk, uscc, given)
        return uscc

    def amend(self, uscc: str, given: Typed, shown: int) -> None:
        """Change what is said of an enterprise that was shown. Raises `Absent`, `StaleEnterprise` and `ActRefused`."""
        self.need(Right.ENROL)
        with self.desk.together() as (desk, tx):
            enterprise = self._enterprise(tx, uscc)
            if enterprises.position_of(tx, enterprise.id) != shown:
                raise StaleEnterprise(f"expected a form of what enterprise {uscc} is now, got one of entry {shown}")
            self._write(desk, uscc, given)

    def invite(self, uscc: str) -> Invited:
        """Let a manager of an enterprise in, who then invites the others."""
        self.need(Right.INVITE_ENTERPRISES)
        with self.house.database.snapshot() as reader:
            enterprise = self._enterprise(reader, uscc)
        return admitting.invite(self.desk, Role.MANAGER, enterprise=enterprise.id)

    def withdraw_invitation(self, uscc: str, invitation_id: str) -> None:
        """Make a link worthless."""
        self.need(Right.INVITE_ENTERPRISES)
        with self.house.database.snapshot() as reader:
            invited = self._invited(reader, self._enterprise(reader, uscc))
        if invitation_id not in [row["id"] for row in invited]:
            raise Absent("expected an open invitation of a manager, found none")
        admitting.withdraw_invitation(self.desk, invitation_id)

    def _enterprise(self, reader: Reader, uscc: str) -> Enterprise:
        found = enterprises.by_uscc(reader, uscc)
        if found is None or not self.identity.sees_region(found.region):
            raise Absent("expected an enterprise of the own region, found none")
        return found

    def _invited(self, reader: Reader, enterprise: Enterprise) -> list[Row]:
        """Links for new managers. Those for clerks, and those that give access anew, are the enterprise's affair."""
        found = invitations.open_for(reader, enterprise.id, None, self.house.clock())
        return [row for row in found if row["role"] == Role.MANAGER and row["account_id"] is None]

    def _write(self, desk: Desk, uscc: str, given: Typed) -> None:
        entry = EnterpriseEntry(
            uscc,
            typed.line("name_zh", given.name_zh),
            typed.line("name_en", given.name_en),
            given.region,
            typed.line("sector", given.sector),
            typed.phone("service_phone", given.service_phone),
            typed.lines("contact", given.contact),
        )
        if not regions.is_region(given.region):
            raise ActRefused(f"expected a region of 6 digits (GB/T 2260), got {given.region!r}", "region")
        try:
            enrolling.enrol_enterprises(desk, [entry], self.scope)
        except EntriesRefused as error:
            raise error.refusals[0][1] from error


def _findings(reader: Reader, years: Sequence[Row]) -> list[tuple[int, Finding]]:
    """What was found against the pledges of the years, with the numbers of the pledges."""
    files = [pledge_records.file_of(reader, row["number"]) for row in years]
    return [(file.pledge.number, finding) for file in files if file for finding in file.findings]

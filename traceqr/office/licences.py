"""Licences of an association's marks: granted, suspended, extended and withdrawn."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from traceqr import licensing, seconding
from traceqr import region as regions
from traceqr.access import Right
from traceqr.acting import ActRefused, Desk, EntriesRefused
from traceqr.label.gtin import Gtin
from traceqr.licensing import Granted, LicenceEntry
from traceqr.office.house import Absent, Stale
from traceqr.office.marks import MarkOffice, one_line
from traceqr.registry import claims, enterprises, licences, products, proposals
from traceqr.registry.database import Reader, Row
from traceqr.registry.enterprises import Enterprise, Sought
from traceqr.registry.licences import STATES, Licence, Wanted
from traceqr.registry.proposals import Proposal

PAGE = 50
"""Licences of a page."""

FOUND = 20
"""Enterprises that a search shows."""

OFFERED = 100
"""Products of an enterprise that are offered to be ticked."""

LATEST = 50
"""Batches under a licence that its page shows."""

_WITHDRAWAL = "licence.withdraw"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which licences an officer looks for, each empty for any: of a mark, in a state, of a code or a part of a name."""

    mark: str = ""
    state: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Licensee:
    """An enterprise that may be granted a licence, and products of it, each with whether its GTIN is `claimed`. `more`
    says that there are others.
    """

    uscc: str
    name_zh: str
    name_en: str
    products: Sequence[Row]
    more: bool


@dataclass(frozen=True, slots=True)
class LicenceFile:
    """A licence with its products, the latest batches under it, and what waits for a second person. `seen` is what a
    decision by this page gives back.
    """

    row: Row
    products: Sequence[Row]
    batches: Sequence[Row]
    proposals: Sequence[Proposal]
    seen: int


@dataclass(frozen=True, slots=True)
class LicenceOffice(MarkOffice):
    """The licences of the marks of the identity's own association, for enterprises of its region."""

    def listed(self, asked: Asked, before: int | None = None) -> list[Row]:
        """Licences, latest first, from below number `before` on: one more than a page, where there is one."""
        self.need(Right.LICENSE)
        if asked.state and asked.state not in STATES:
            raise Absent("expected a state of the list")
        wanted = Wanted(asked.mark or None, asked.state or None, None, self.organisation, asked.text or None)
        with self.house.database.snapshot() as reader:
            return licences.register(reader, wanted, before, PAGE + 1)

    def file(self, number: int) -> LicenceFile:
        """One licence. Raises `Absent`."""
        self.need(Right.LICENSE)
        with self.house.database.snapshot() as reader:
            licence = self._own(reader, number)
            row = licences.listed(reader, number)
            assert row is not None  # it was found in this snapshot
            gtins = licences.products_of(reader, number)
            named = [product for gtin in gtins if (product := products.by_gtin(reader, gtin))]
            return LicenceFile(
                {**row, "text_version": licence.text_version},
                [{"gtin": each.gtin, "name_zh": each.text.name_zh, "name_en": each.text.name_en} for each in named],
                licences.batches_under(reader, number, most=LATEST),
                proposals.waiting_about(reader, self.organisation, _subject(number), self.house.clock()),
                licences.last_change(reader, number),
            )

    def enterprises(self, text: str) -> list[Row]:
        """Enterprises of the region with that code, or that in their names."""
        self.need(Right.LICENSE)
        with self.house.database.snapshot() as reader:
            return enterprises.sought(reader, Sought(self._scope, text=text), FOUND)

    def licensee(self, uscc: str, contains: str = "") -> Licensee:
        """An enterprise of the region with its products. Raises `Absent`."""
        self.need(Right.LICENSE)
        with self.house.database.snapshot() as reader:
            one = self._enterprise(reader, uscc)
            rows = products.of_enterprise(reader, one.id, "", contains, OFFERED + 1)
            offered = [
                {**row, "claimed": claims.accepted_for(reader, one.id, row["gtin"]) is not None}
                for row in rows[:OFFERED]
            ]
        return Licensee(one.uscc, one.name_zh, one.name_en, offered, len(rows) > OFFERED)

    def grant(self, mark: str, uscc: str, gtins: Sequence[Gtin], days: tuple[date, date], quota: int) -> Granted:
        """Grant a licence of an own mark to an enterprise of the region, from the first of two days to the last. Raises
        `Absent` and `ActRefused`.
        """
        self.need(Right.LICENSE)
        with self.desk.together() as (desk, tx):
            self.own_kind(tx, mark)
            self._enterprise(tx, uscc)
            try:
                (granted,) = licensing.grant_licences(desk, [LicenceEntry(mark, uscc, tuple(gtins), *days, quota)])
            except EntriesRefused as error:
                raise error.refusals[0][1] from error
            return granted

    def suspend(self, number: int, seen: int, reason: str) -> None:
        """Suspend a licence: its labels say so at once. Raises `Absent`, `Stale` and `ActRefused`, as all below."""
        with self._changing(number, seen) as desk:
            licensing.suspend_licence(desk, number, one_line(reason))

    def resume(self, number: int, seen: int) -> None:
        """End a suspension."""
        with self._changing(number, seen) as desk:
            licensing.resume_licence(desk, number)

    def extend(self, number: int, seen: int, valid_until: date | None, quota: int | None) -> None:
        """A later last day, a larger quota, or both."""
        with self._changing(number, seen) as desk:
            licensing.extend_licence(desk, number, valid_until, quota)

    def withdraw(self, number: int, seen: int, reason: str) -> bool:
        """Withdraw a licence for good; False where it waits for the yes of a second person."""
        with self._changing(number, seen) as desk:
            why = licensing.require_reason(one_line(reason))
            if not self.house.second_person:
                licensing.withdraw_licence(desk, number, why)
                return True
            self._propose(desk, number, why)
        return False

    def carry_out(self, number: int, proposal_id: str) -> None:
        """Withdraw a licence as two people have agreed to: both or nothing lands."""
        self.need(Right.LICENSE)
        with self.desk.together() as (desk, tx):
            self._own(tx, number)
            found = proposals.by_id(tx, proposal_id)
            agreed = (self.organisation, _WITHDRAWAL, _subject(number))
            if found is None or (found.organisation_id, found.act, found.subject) != agreed:
                raise Absent("expected a proposal of the own organisation, found none")
            arguments = json.loads(found.arguments)
            seconding.carry_out(desk, proposal_id, _WITHDRAWAL, found.subject, arguments)
            licensing.withdraw_licence(desk, number, arguments["reason"])

    def _propose(self, desk: Desk, number: int, reason: str) -> None:
        with desk.database.snapshot() as reader:
            licence = self._own(reader, number)
            waiting = proposals.waiting_about(reader, self.organisation, _subject(number), self.house.clock())
        if waiting:
            raise ActRefused(f"licence {licence.spelled}: its withdrawal waits for a second person already")
        if licence.state == "withdrawn":
            raise ActRefused(f"licence {licence.spelled}: expected it to be granted or suspended, it is withdrawn")
        seconding.propose(desk, _WITHDRAWAL, _subject(number), {"reason": reason}, organisation=self.organisation)

    @contextmanager
    def _changing(self, number: int, seen: int) -> Iterator[Desk]:
        """Where something is done about a licence, if it is as it was shown."""
        self.need(Right.LICENSE)
        with self.house.database.snapshot() as reader:
            self._own(reader, number)
        with self.desk.together() as (desk, tx):
            if licences.last_change(tx, number) != seen:
                raise Stale(f"licence {number}: expected a change by its present page, got one by page {seen}")
            yield desk

    def _own(self, reader: Reader, number: int) -> Licence:
        found = licences.by_number(reader, number)
        if found is None:
            raise Absent("expected a licence of an own mark, found none")
        self.own_kind(reader, found.mark_id)
        return found

    def _enterprise(self, reader: Reader, uscc: str) -> Enterprise:
        found = enterprises.by_uscc(reader, uscc)
        if found is None or not self.identity.sees_region(found.region):
            raise Absent("expected an enterprise of the own region, found none")
        return found

    @property
    def _scope(self) -> str:
        region = self.identity.region or ""
        return regions.at_level(region, len(region))


def _subject(number: int) -> str:
    return f"licence:{number}"

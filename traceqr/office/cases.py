"""What people report, as those handle it who have to: the enterprise for its own labels, the association for its
region.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from traceqr import handling
from traceqr import region as regions
from traceqr.access import Right
from traceqr.acting import ActRefused, Desk
from traceqr.attachments import AttachmentUnavailable
from traceqr.contact import ContactUnreadable
from traceqr.instant import DAY_MS
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.office.house import Absent, Denied, Office, Stale
from traceqr.registry import accounts, case_texts, cases, reports
from traceqr.registry.accounts import Account
from traceqr.registry.cases import FINDINGS, STANDINGS, Case, Place, Sought
from traceqr.registry.database import Reader, Row

__all__ = ("FINDINGS", "STANDINGS", "AssociationCases", "Case", "CaseFile", "CaseOffice", "EnterpriseCases")

PAGE = 50
"""Cases of a page, and reports of one."""

CONTACT_DAYS = 90
"""So long after a case was closed contacts are shown, and then no more; `reports prune` takes them out."""

MAX_CONTACTS = 1_000

_PLACE = re.compile("([0-9]{1,18})-([0-9a-z]{1,64})")


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of cases, each with `late`; and after which one the next page begins, empty at the end."""

    rows: Sequence[Row]
    after: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with what belongs to it, and what may be done about it by whoever looks. `reports` are a page, each with
    its `photos`; `seen` is what a decision by this page gives back.
    """

    case: Case
    row: Row
    reports: Sequence[Row]
    after: str
    suspects: Sequence[Row]
    answers: Sequence[Row]
    notes: Sequence[Row]
    people: Sequence[Account]
    late: bool
    answers_it: bool
    escalates_it: bool
    sees_contacts: bool
    inspected: Sequence[Row] = ()
    """Inspections that it came of, where whoever looks may see them."""

    @property
    def seen(self) -> int:
        """See above."""
        return self.case.seen

    @property
    def answered(self) -> bool:
        """Whether those who reported were answered, by whomever."""
        return any(row["kind"] == "answer" for row in self.answers)


@dataclass(frozen=True, slots=True)
class CaseOffice(Office):
    """Cases of one body. What is another's is `Absent`."""

    right: ClassVar[Right]

    def queue(self, standing: str = "open", gtin: str = "", after: str = "", most: int = PAGE) -> Queue:
        """Cases that stand so, the one opened last first: a page of at most `most`.

        `gtin` has 8, 12, 13 or 14 digits, or is '' for all products. Raises `Absent`, also for what is no GTIN.
        """
        self.need(self.right)
        if standing not in STANDINGS:
            raise Absent("expected a standing of the list, got another")
        gtin = _fourteen_digits(gtin) if gtin else ""
        now_ms, found = self.house.clock(), _PLACE.fullmatch(after)
        place = Place(int(found[1]), found[2]) if found else None
        with self.house.database.snapshot() as reader:
            rows = cases.sought(reader, self._sought(now_ms, standing, gtin), most + 1, place)
        shown = [{**self._own_name(row), "late": _case(row).is_late(now_ms)} for row in rows[:most]]
        return Queue(shown, f"{shown[-1]['opened_ms']}-{shown[-1]['id']}" if len(rows) > most else "")

    def file(self, case_id: str, after: str = "", most: int = PAGE) -> CaseFile:
        """One case, with a page of at most `most` of its reports. Raises `Absent`."""
        self.need(self.right)
        begin = _PLACE.fullmatch(after)
        with self.house.database.snapshot() as reader:
            case = self._own(reader, case_id)
            row = cases.described(reader, case_id)
            assert row is not None  # it was found in this snapshot
            found = reports.of_case(reader, case_id, most + 1, (int(begin[1]), begin[2]) if begin else (-1, ""))
            photos = reports.photos_of(reader, [each["id"] for each in found[:most]])
            late = case.is_late(self.house.clock())
            return CaseFile(
                case,
                self._own_name(row),
                [{**each, "photos": photos[each["id"]]} for each in found[:most]],
                f"{found[most - 1]['at_ms']}-{found[most - 1]['id']}" if len(found) > most else "",
                cases.suspects_of(reader, case_id),
                case_texts.answers(reader, case_id),
                case_texts.notes(reader, case_id, self.identity.organisation),
                self._people(reader, case),
                late,
                self._answers(case),
                self._escalates(case) and late,
                self.identity.may(Right.SEE_CONTACTS),
                self.inspected(reader, "case", case_id),
            )

    def photo(self, case_id: str, digest: str) -> bytes:
        """A photo beside a report of a case. Raises `Absent`."""
        self.need(self.right)
        with self.house.database.snapshot() as reader:
            self._own(reader, case_id)
            named = reports.photo_in_case(reader, case_id, digest)
        try:
            content = self.house.attachments.get(digest) if named and self.house.attachments else None
        except AttachmentUnavailable as error:
            raise Absent(str(error)) from error
        if content is None:
            raise Absent("expected a photo of the case, found none")
        return content

    def contacts(self, case_id: str) -> Mapping[str, str]:
        """The contacts of a case by the report's id; one that cannot be opened is ''. Raises `Absent`."""
        self.need(self.right)
        self.need(Right.SEE_CONTACTS)
        with self.house.database.snapshot() as reader:
            case = self._own(reader, case_id)
            sealed = reports.contacts_of(reader, case_id, MAX_CONTACTS)
        over = case.closed_ms is not None and case.closed_ms + CONTACT_DAYS * DAY_MS < self.house.clock()
        return {} if over else {report_id: self._opened(report_id, each) for report_id, each in sealed.items()}

    def assign(self, case_id: str, seen: int, account_id: str) -> None:
        """Give a case to a person of the own body. Raises `Absent`, `Stale` and `ActRefused`, as all below."""
        with self._deciding(case_id, seen) as desk:
            with desk.database.snapshot() as reader:
                if account_id not in {each.id for each in self._people(reader, self._own(reader, case_id))}:
                    raise ActRefused("expected an account of the own body, which is to answer, got another", "account")
            handling.assign(desk, case_id, account_id)

    def note(self, case_id: str, text: str) -> None:
        """Note something for the own body. Whatever else has happened meanwhile does not matter to it."""
        with self._deciding(case_id, None) as desk:
            handling.note(desk, case_id, text, self.identity.organisation)

    def answer(self, case_id: str, seen: int | None, text: str) -> Case:
        """Answer all who reported; by the case as it was shown, where `seen` says so."""
        with self._deciding(case_id, seen, answering=True) as desk:
            return handling.answer(desk, case_id, text, self.identity.organisation)

    def close(self, case_id: str, seen: int | None, finding: str, text: str) -> Case:
        """Close a case with a finding."""
        with self._deciding(case_id, seen, answering=True) as desk:
            return handling.close(desk, case_id, finding, text, self.identity.organisation)

    def reopen(self, case_id: str, seen: int, reason: str) -> None:
        """Open a case again."""
        with self._deciding(case_id, seen) as desk:
            handling.reopen(desk, case_id, reason, self.identity.organisation)

    @contextmanager
    def _deciding(self, case_id: str, seen: int | None, *, answering: bool = False) -> Iterator[Desk]:
        self.need(self.right)
        with self.house.database.snapshot() as reader:
            self._own(reader, case_id)
        with self.desk.together() as (desk, tx):
            case = self._own(tx, case_id)
            if answering and not self._answers(case):
                raise Denied("expected the body that is to answer, got another")
            if seen is not None and case.seen != seen:
                raise Stale(f"case {case_id}: expected a decision by its present page, got one by page {seen}")
            yield desk

    def _own(self, reader: Reader, case_id: str) -> Case:
        found = cases.by_id(reader, case_id)
        if found is None or not self._is_own(found):
            raise Absent("expected a case of the own body, found none")
        return found

    def _opened(self, report_id: str, sealed: str) -> str:
        try:
            return self.house.contacts.open(report_id, sealed) if self.house.contacts else ""
        except ContactUnreadable:
            return ""  # sealed under a secret that was changed since

    def _own_name(self, row: Row) -> Row:
        """Who has a case of another body is nobody else's business."""
        return row

    def _is_own(self, case: Case) -> bool:
        raise NotImplementedError

    def _sought(self, now_ms: int, standing: str, gtin: str) -> Sought:
        raise NotImplementedError

    def _people(self, reader: Reader, case: Case) -> list[Account]:
        raise NotImplementedError

    def _answers(self, case: Case) -> bool:
        raise NotImplementedError

    def _escalates(self, case: Case) -> bool:  # noqa: ARG002
        return False


@dataclass(frozen=True, slots=True)
class EnterpriseCases(CaseOffice):
    """What is reported of the labels of the identity's own enterprise."""

    right = Right.HANDLE_CASES

    def _is_own(self, case: Case) -> bool:
        return self.identity.enterprise is not None and case.enterprise_id == self.identity.enterprise

    def _sought(self, now_ms: int, standing: str, gtin: str) -> Sought:
        if self.identity.enterprise is None:
            raise Denied("expected an identity of an enterprise, got one of none")
        return Sought(now_ms, self.identity.enterprise, standing=standing, gtin=gtin)

    def _people(self, reader: Reader, case: Case) -> list[Account]:
        if case.state != "open" or self.identity.enterprise is None:
            return []
        return _active(accounts.of_enterprise(reader, self.identity.enterprise))

    def _answers(self, case: Case) -> bool:  # noqa: ARG002
        return True


@dataclass(frozen=True, slots=True)
class AssociationCases(CaseOffice):
    """Cases in the charge of the region of the identity's association. It answers those that no enterprise answers:
    where there is none, and where it did not answer in time.
    """

    right = Right.WATCH_CASES

    def escalate(self, case_id: str, seen: int) -> None:
        """Escalate a case that is late."""
        with self._deciding(case_id, seen) as desk:
            handling.escalate(desk, case_id)

    def _is_own(self, case: Case) -> bool:
        return self.identity.sees_region(case.region)

    def _sought(self, now_ms: int, standing: str, gtin: str) -> Sought:
        if self.identity.region is None:
            raise Denied("expected an identity of an organisation, got one of none")
        scope = regions.at_level(self.identity.region, len(self.identity.region))
        return Sought(now_ms, scope=scope, standing=standing, gtin=gtin)

    def _people(self, reader: Reader, case: Case) -> list[Account]:
        if case.state != "open" or case.enterprise_id is not None or self.identity.organisation is None:
            return []
        return _active(accounts.of_organisation(reader, self.identity.organisation))

    def _own_name(self, row: Row) -> Row:
        return {**row, "account_name": None} if row["enterprise_id"] is not None else row

    def _answers(self, case: Case) -> bool:
        return case.enterprise_id is None or case.escalated_ms is not None

    def _escalates(self, case: Case) -> bool:
        return case.enterprise_id is not None and case.escalated_ms is None


def _active(found: Sequence[Account]) -> list[Account]:
    return [account for account in found if account.state == "active"]


def _fourteen_digits(gtin: str) -> str:
    try:
        return Gtin.from_trade(gtin).digits
    except InvalidGtin as error:
        raise Absent("expected the GTIN of a product, got another text") from error


def _case(row: Row) -> Case:
    return Case(**{name: row[name] for name in Case.__dataclass_fields__})

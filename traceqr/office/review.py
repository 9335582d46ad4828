"""The officer's desk: editions with their figures, and the applications of his region."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from traceqr import pledging
from traceqr import region as regions
from traceqr.access import Right
from traceqr.acting import Desk
from traceqr.office.house import Absent, Denied, Office, Stale
from traceqr.registry import campaigns, enterprises, pledge_records, pledges
from traceqr.registry.campaigns import Campaign
from traceqr.registry.database import Reader, Row
from traceqr.registry.pledge_records import PledgeFile
from traceqr.registry.pledges import STATES, Place, Sought
from traceqr.sector import SECTORS

STANDINGS = ("applied", "returned", "accepted", "signed", "published", "breached", "withdrawn", "refused", "expired")
"""How a pledge may stand, in the order of the figures."""

PAGE = 50
"""Rows of a page of the queue."""

_PLACE = re.compile("([0-9]{6})-([0-9]{1,10})")


@dataclass(frozen=True, slots=True)
class Edition:
    """A campaign as an officer sees it. `runs` says whether it is his organisation's own, `decides` whether he may
    decide on applications of his region.
    """

    campaign: Campaign
    runs: bool
    decides: bool


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many pledges stand how: all, and by sector and by region one level below the officer's own."""

    standings: dict[str, int]
    sectors: dict[str, dict[str, int]]
    regions: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of applications, and after which one the next page begins; empty at the end."""

    rows: Sequence[Row]
    after: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer looks for: a state, and where they are not empty a region, a sector, and a code or a part of a
    name.
    """

    state: str
    region: str = ""
    sector: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Applicant:
    """An enterprise, as those see it who decide on its application."""

    uscc: str
    name_zh: str
    name_en: str
    region: str
    sector: str
    service_phone: str
    contact: str


@dataclass(frozen=True, slots=True)
class Application:
    """One application with its enterprise, and with the enterprise's pledges of all years. `seen` is what a decision by
    this page gives back.
    """

    edition: Edition
    file: PledgeFile
    applicant: Applicant
    years: Sequence[Row]
    seen: int
    inspected: Mapping[str, Sequence[Row]]
    """By the id of a finding: the inspections that it rests on."""


@dataclass(frozen=True, slots=True)
class ReviewOffice(Office):
    """What an officer sees of campaigns, and decides in them. All of it lies in the region of his organisation."""

    @property
    def scope(self) -> str:
        """The region of the identity's organisation. Raises `Denied` for an identity of none."""
        if self.identity.region is None or self.identity.organisation is None:
            raise Denied("expected an identity of an organisation, got one of none")
        return regions.at_level(self.identity.region, len(self.identity.region))

    def editions(self) -> list[Edition]:
        """Campaigns of the own organisation, those it helps to organise, and those that are for its region."""
        self.need(Right.REVIEW)
        with self.house.database.snapshot() as reader:
            return self._all(reader)

    def edition(self, campaign_id: str) -> Edition:
        """One campaign. Raises `Absent` for one that is none of the officer's."""
        self.need(Right.REVIEW)
        with self.house.database.snapshot() as reader:
            return self._edition(reader, campaign_id)

    def funnel(self, campaign_id: str) -> Funnel:
        """The figures of a campaign in the officer's region."""
        self.need(Right.REVIEW)
        with self.house.database.snapshot() as reader:
            campaign = self._edition(reader, campaign_id).campaign
            rows = pledges.funnel(reader, campaign.id, self.house.clock(), self.scope)
        below = min(len(self.identity.region or "") + 2, 6)
        return Funnel(
            _summed(rows, lambda _row: "").get("", {}),
            _summed(rows, lambda row: str(row["sector"])),
            _summed(rows, lambda row: regions.at_level(str(row["region"]), below)),
        )

    def queue(self, campaign_id: str, wanted: Wanted, after: str = "") -> Queue:
        """Applications in a state. Raises `Absent` where a region lies outside the officer's own."""
        self.need(Right.REVIEW)
        sought = self._sought(wanted)
        with self.house.database.snapshot() as reader:
            campaign = self._edition(reader, campaign_id).campaign
            rows = pledges.sought(reader, campaign.id, sought, PAGE + 1, _place(after))
        shown = rows[:PAGE]
        return Queue(shown, f"{shown[-1]['region']}-{shown[-1]['number']}" if len(rows) > PAGE else "")

    def _sought(self, wanted: Wanted) -> Sought:
        scope = wanted.region or self.scope
        if wanted.state not in STATES or (wanted.sector and wanted.sector not in SECTORS):
            raise Absent("expected a state and a sector of the lists")
        if not regions.is_region(scope) or not self.identity.sees_region(regions.prefix(scope)):
            raise Absent("expected a region within that of the own organisation")
        return Sought(wanted.state, scope, wanted.sector, wanted.text)

    def application(self, number: int) -> Application:
        """One application with all there is of it."""
        self.need(Right.REVIEW)
        with self.house.database.snapshot() as reader:
            edition = self._of_application(reader, number)
            file = pledge_records.file_of(reader, number)
            assert file is not None  # it was there a moment ago, in the same snapshot
            enterprise = enterprises.by_id(reader, file.pledge.enterprise_id)
            assert enterprise is not None  # the database sees to it
            applicant = Applicant(**{name: getattr(enterprise, name) for name in Applicant.__dataclass_fields__})
            if not edition.decides:  # whoever only reads needs to call nobody
                applicant = replace(applicant, contact="")
            years = self._years(reader, enterprise.id)
            inspected = {each.id: self.inspected(reader, "breach", each.id) for each in file.findings}
            return Application(edition, file, applicant, years, pledges.last_change(reader, number), inspected)

    def accept_many(self, numbers: Sequence[int], campaign_id: str | None = None) -> None:
        """Accept applications, of one campaign where it is named: all of them or none."""
        self._require_decides(numbers, campaign_id)
        pledging.accept_many(self.desk, numbers)

    def publish_many(self, numbers: Sequence[int], campaign_id: str | None = None) -> None:
        """Publish signed pledges, of one campaign where it is named: all of them or none."""
        self._require_decides(numbers, campaign_id)
        pledging.publish_many(self.desk, numbers)

    def accept(self, number: int, seen: int) -> None:
        """Accept an application as it was shown. Raises `Stale`, as the decisions below."""
        with self.deciding(number, seen) as desk:
            pledging.accept(desk, number)

    def publish(self, number: int, seen: int) -> None:
        """Publish a signed pledge."""
        with self.deciding(number, seen) as desk:
            pledging.publish(desk, number)

    def ask_back(self, number: int, seen: int, question: str) -> None:
        """Return an application with a question."""
        with self.deciding(number, seen) as desk:
            pledging.ask_back(desk, number, question)

    def refuse(self, number: int, seen: int, reason: str) -> None:
        """Refuse an application, and say why."""
        with self.deciding(number, seen) as desk:
            pledging.refuse(desk, number, reason)

    def withdraw(self, number: int, seen: int, reason: str) -> None:
        """Withdraw a pledge, and say why."""
        with self.deciding(number, seen) as desk:
            pledging.withdraw(desk, number, reason)

    @contextmanager
    def deciding(self, number: int, seen: int) -> Iterator[Desk]:
        """Where something is done about an application, if it is as it was shown. Raises `Stale`."""
        self._require_decides([number])
        with self.desk.together() as (desk, tx):
            if pledges.last_change(tx, number) != seen:
                raise Stale(f"pledge {number}: expected a decision by its present page, got one by page {seen}")
            yield desk

    def _require_decides(self, numbers: Sequence[int], campaign_id: str | None = None) -> None:
        self.need(Right.REVIEW)
        with self.house.database.snapshot() as reader:
            seen = [self._of_application(reader, number) for number in numbers]
        if any(campaign_id not in (None, edition.campaign.id) for edition in seen):
            raise Absent("expected applications of one campaign")
        if not all(edition.decides for edition in seen):
            raise Denied("expected an officer who decides in this campaign, got one of a co-organiser")

    def _of_application(self, reader: Reader, number: int) -> Edition:
        pledge = pledges.by_number(reader, number)
        if pledge is None or not self.identity.sees_region(pledge.region):
            raise Absent("expected an application of the own region, found none")
        return self._edition(reader, pledge.campaign_id)

    def _edition(self, reader: Reader, campaign_id: str) -> Edition:
        campaign = campaigns.by_id(reader, campaign_id)
        edition = self._as_seen(campaign) if campaign else None
        if edition is None:
            raise Absent("expected a campaign for the own region, found none")
        return edition

    def _as_seen(self, campaign: Campaign) -> Edition | None:
        """A co-organiser reads, and no more; None for a campaign that the officer has nothing to do with."""
        own = self.identity.organisation
        runs, helps = campaign.organisation_id == own, own in campaign.co_organiser_ids
        invited = regions.within(self.scope, campaign.region)
        if not (runs or helps or invited):
            return None
        return Edition(campaign, runs, decides=runs or not helps)

    def _years(self, reader: Reader, enterprise_id: str) -> list[Row]:
        """Applications of other years, as far as the officer has to do with their campaigns and regions."""
        shown = {edition.campaign.id for edition in self._all(reader)}
        found = pledges.through_the_years(reader, enterprise_id)
        return [row for row in found if row["campaign_id"] in shown and self.identity.sees_region(row["region"])]

    def _all(self, reader: Reader) -> list[Edition]:
        found = (campaigns.by_id(reader, row["id"]) for row in campaigns.everything(reader))
        seen = (self._as_seen(campaign) for campaign in found if campaign)
        return [edition for edition in seen if edition]


def _summed(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, dict[str, int]]:
    """Counts by a key, and under it by standing; the keys in order."""
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        under = sums.setdefault(key(row), dict.fromkeys(STANDINGS, 0))
        under[row["standing"]] += row["count"]
    return dict(sorted(sums.items()))


def _place(after: str) -> Place | None:
    found = _PLACE.fullmatch(after)
    return Place(found[1], int(found[2])) if found else None

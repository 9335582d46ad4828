"""Editions of campaigns, as the organisation that runs them opens, amends and words them."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from traceqr import campaigning
from traceqr.access import Right
from traceqr.acting import ActRefused, Desk
from traceqr.campaigning import CampaignEntry, Draft
from traceqr.evidence import ArticleGroup
from traceqr.importing import campaigns as importing
from traceqr.importing.decoding import Upload
from traceqr.importing.fault import Fault, ImportRefused
from traceqr.importing.landing import rehearsal
from traceqr.office import typed
from traceqr.office.house import Absent, Denied
from traceqr.office.review import ReviewOffice
from traceqr.region import within
from traceqr.registry import campaigns, organisations
from traceqr.registry.campaigns import Campaign, PledgeText
from traceqr.registry.database import Reader
from traceqr.registry.organisations import Organisation

_TEXTS = ("name_zh", "name_en", "theme_zh", "theme_en", "slogan_zh", "slogan_en")


class StaleEdition(ActRefused):
    """Somebody else has changed the edition since the form was shown."""


class AnotherText(ActRefused):
    """The text that is to be saved is not the one that was shown."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What may change of an edition. Days are calendar days, the last ones included; co-organisers go by their Chinese
    names.
    """

    apply_from: date
    apply_until: date
    valid_from: date
    valid_until: date
    sectors: tuple[str, ...]
    co_organisers: tuple[str, ...]
    slogan_zh: str
    slogan_en: str


@dataclass(frozen=True, slots=True)
class Head:
    """What an edition is opened with for good: it stands on labels and certificates."""

    id: str
    code: str
    year: int
    name_zh: str
    name_en: str
    theme_zh: str
    theme_en: str
    region: str


@dataclass(frozen=True, slots=True)
class OwnEdition:
    """An edition that the officer's organisation runs. `shown` is told again by whoever changes it, so that nobody
    changes what he has not seen.
    """

    campaign: Campaign
    terms: Terms
    text: PledgeText
    shown: int


@dataclass(frozen=True, slots=True)
class ReadText:
    """What was found in a file: a text, or what is wrong with the file."""

    draft: Draft | None
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True)
class EditionOffice(ReviewOffice):
    """The editions of the officer's own organisation."""

    def organiser(self) -> Organisation:
        """The own organisation."""
        self.need(Right.RUN_CAMPAIGNS)
        with self.house.database.snapshot() as reader:
            return self._organiser(reader)

    def read_text(self, name: str, content: bytes, campaign_id: str) -> ReadText:
        """The text to sign that a file holds: one as `traceqr campaign import` takes, of which all but the articles may
        be left out. `campaign_id` is whose file it must be, if it says so; empty for any.
        """
        self.need(Right.RUN_CAMPAIGNS)
        try:
            found = importing.read_articles(Upload(name, content))
            _require_campaign(found.campaign, campaign_id)
            return ReadText(campaigning.draft(found.articles))
        except ImportRefused as error:
            return ReadText(None, error.faults)
        except ActRefused as error:
            return ReadText(None, [Fault(0, error.field, str(error))])

    def open(self, head: Head, terms: Terms, draft: Draft, *, only_try: bool = False) -> None:
        """Open an edition, or only see whether it could be. Raises `ActRefused`."""
        self.need(Right.RUN_CAMPAIGNS)
        if not within(head.region, self.scope):
            raise ActRefused(
                f"expected a region within {self.scope}, that of the own organisation, got {head.region!r}", "region"
            )
        place = rehearsal(self.desk) if only_try else self.desk
        with place.together() as (desk, tx):
            if campaigns.by_id(tx, head.id):
                raise ActRefused(f"expected an id of its own, there is a campaign {head.id!r}", "id")
            entry = _entry(head, self._organiser(tx).name_zh, terms, draft)
            campaigning.open_campaign(desk, entry)

    def own_edition(self, campaign_id: str) -> OwnEdition:
        """An edition with all that may change of it. Raises `Absent`, and `Denied` for one that another runs."""
        self.need(Right.RUN_CAMPAIGNS)
        with self.house.database.snapshot() as reader:
            return self._own(reader, campaign_id)

    def amend(self, campaign_id: str, terms: Terms, shown: int) -> None:
        """Change the terms of an edition that was shown. Raises `StaleEdition` and `ActRefused`."""
        self.need(Right.RUN_CAMPAIGNS)
        with self.desk.together() as (desk, tx):
            known = self._as_shown(tx, campaign_id, shown)
            self._write(desk, tx, known, terms, Draft(known.text.articles, known.text.digest))

    def revise(self, campaign_id: str, draft: Draft, digest: str, shown: int) -> bool:
        """Make a text the one to sign, by a new version; False where it is that already. `digest` is that of the text
        that was shown. Raises `AnotherText` and `StaleEdition`.
        """
        self.need(Right.RUN_CAMPAIGNS)
        require_shown(draft, digest)
        with self.desk.together() as (desk, tx):
            known = self._as_shown(tx, campaign_id, shown)
            self._write(desk, tx, known, known.terms, draft)
        return draft.digest != known.text.digest

    def _write(self, desk: Desk, tx: Reader, known: OwnEdition, terms: Terms, draft: Draft) -> None:
        campaign = known.campaign
        head = Head(**{name: getattr(campaign, name) for name in Head.__dataclass_fields__})
        campaigning.open_campaign(desk, _entry(head, self._organiser(tx).name_zh, terms, draft))

    def _as_shown(self, reader: Reader, campaign_id: str, shown: int) -> OwnEdition:
        known = self._own(reader, campaign_id)
        if known.shown != shown:
            raise StaleEdition(f"expected a form of entry {known.shown}, got one of {shown}")
        return known

    def _own(self, reader: Reader, campaign_id: str) -> OwnEdition:
        edition = self._edition(reader, campaign_id)
        if not edition.runs:
            raise Denied("expected an officer of the organiser, got one of another organisation")
        campaign = edition.campaign
        text = campaigns.text(reader, campaign.id, campaign.text_version)
        assert text is not None  # the schema sees to it
        position = campaigns.position_of(reader, campaign.id)
        return OwnEdition(campaign, self._terms(reader, campaign), text, position)

    def _terms(self, reader: Reader, campaign: Campaign) -> Terms:
        names = [organisations.by_id(reader, each) for each in campaign.co_organiser_ids]
        return Terms(
            apply_from=self._day(campaign.apply_from_ms),
            apply_until=self._day(campaign.apply_to_ms - 1),
            valid_from=self._day(campaign.valid_from_ms),
            valid_until=self._day(campaign.valid_to_ms - 1),
            sectors=campaign.sector_codes,
            co_organisers=tuple(each.name_zh for each in names if each),
            slogan_zh=campaign.slogan_zh,
            slogan_en=campaign.slogan_en,
        )

    def _day(self, at_ms: int) -> date:
        return datetime.fromtimestamp(at_ms / 1000, self.house.timezone).date()

    def _organiser(self, reader: Reader) -> Organisation:
        found = organisations.by_id(reader, self.identity.organisation) if self.identity.organisation else None
        if found is None:
            raise Absent("expected an organisation, found none")
        return found


def require_shown(draft: Draft, digest: str) -> None:
    """Raise `AnotherText` unless a text is the one of a digest."""
    if not hmac.compare_digest(draft.digest, digest.encode("ascii", "replace").decode()):
        raise AnotherText("expected the text that was shown, got another", "text")


def in_groups(draft: Draft | PledgeText) -> dict[str, list[tuple[str, str]]]:
    """The articles of a text by their groups, each in Chinese and in English; groups without one are left out."""
    grouped = {
        str(group): [(each.zh, each.en) for each in draft.articles if each.group is group] for group in ArticleGroup
    }
    return {group: articles for group, articles in grouped.items() if articles}


def _entry(head: Head, organiser: str, terms: Terms, draft: Draft) -> CampaignEntry:
    filled = {**asdict(head), **asdict(terms)}
    lines = {name: typed.line(name, filled[name]) for name in _TEXTS}
    return CampaignEntry(**{**filled, **lines}, organiser=organiser, articles=draft.articles)


def _require_campaign(found: str, campaign_id: str) -> None:
    if campaign_id and found not in ("", campaign_id):
        raise ActRefused(f"expected the file of campaign {campaign_id!r}, got that of {found!r}", "id")

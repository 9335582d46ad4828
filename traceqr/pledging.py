"""Pledging: campaigns and their texts, the pledges that enterprises sign, and their withdrawal."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

import rfc8785

from traceqr.acting import Act, ActRefused, Desk, each
from traceqr.enrolling import Tally, require_enterprise
from traceqr.evidence import Article
from traceqr.instant import day_end, day_start
from traceqr.registry import organisations, pledges
from traceqr.registry.pledges import Campaign, Pledge

FIRST_YEAR, LAST_YEAR = 1970, 2999
"""Of a pledge's dates: 9999-12-31, which many systems write for "for ever", has no instant at which it ends."""


@dataclass(frozen=True, slots=True)
class CampaignEntry:
    """One edition with the text to sign. `id` is chosen by the organiser, such as `quality-month-2026`."""

    id: str
    organiser: str
    """Chinese name of an enrolled organisation."""
    year: int
    name_zh: str
    name_en: str
    theme_zh: str
    theme_en: str
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class PledgeEntry:
    """A signed pledge. The dates are calendar days of the deployment's time zone, the last one included."""

    campaign: str
    uscc: str
    signed_on: date
    valid_from: date
    valid_until: date


def open_campaign(desk: Desk, entry: CampaignEntry) -> Campaign:
    """Add a campaign, or a new version of the text of one that is open. Signed pledges keep the version they have."""
    with desk.act() as act:
        if not entry.articles:
            raise ActRefused(f"campaign {entry.id}: expected at least one article to sign, got none", "articles")
        articles = [asdict(article) for article in entry.articles]
        digest = hashlib.sha256(rfc8785.dumps(articles)).hexdigest()
        known = pledges.campaign(act.tx, entry.id)
        return _revise(act, known, entry, articles, digest) if known else _open(act, entry, articles, digest)


def publish_pledges(desk: Desk, entries: Sequence[PledgeEntry]) -> Tally:
    """Publish signed pledges: all of them or none. One that is there unchanged is left alone."""
    with desk.act() as act:
        return sum(each(entries, lambda entry: _publish(desk, act, entry)), Tally())


def withdraw_pledge(desk: Desk, number: int, reason: str) -> None:
    """Withdraw a pledge: every label that carries it says so from now on. It cannot be undone."""
    with desk.act() as act:
        pledge = pledges.by_number(act.tx, number)
        if pledge is None:
            raise ActRefused(f"expected the number of a pledge, {number} is none")
        if pledge.state != "published":
            raise ActRefused(f"pledge {number}: expected it to be published, it is {pledge.state}")
        position = act.record("pledge.withdraw", f"pledge:{number}", {"reason": reason})
        pledges.set_state(act.tx, number, "withdrawn", position)


def _open(act: Act, entry: CampaignEntry, articles: list[dict[str, str]], digest: str) -> Campaign:
    organiser = organisations.by_name(act.tx, entry.organiser)
    if organiser is None:
        raise ActRefused(f"expected the Chinese name of an enrolled organisation, got {entry.organiser!r}", "organiser")
    campaign = Campaign(
        entry.id, organiser.id, entry.year, entry.name_zh, entry.name_en, entry.theme_zh, entry.theme_en, 1
    )
    payload = {name: value for name, value in asdict(campaign).items() if name != "id"}
    position = act.record("campaign.open", f"campaign:{entry.id}", {**payload, "text_digest": digest})
    pledges.insert_campaign(act.tx, campaign, position)
    pledges.insert_text(act.tx, entry.id, 1, articles, digest, position)
    return campaign


def _revise(act: Act, known: Campaign, entry: CampaignEntry, articles: list[dict[str, str]], digest: str) -> Campaign:
    _require_same(act, known, entry)
    if pledges.text_digest(act.tx, known.id, known.text_version) == digest:
        return known
    version = known.text_version + 1
    payload = {"text_version": version, "text_digest": digest}
    position = act.record("campaign.revise", f"campaign:{known.id}", payload)
    pledges.insert_text(act.tx, known.id, version, articles, digest, position)
    pledges.set_text_version(act.tx, known.id, version, position)
    return replace(known, text_version=version)


def _require_same(act: Act, known: Campaign, entry: CampaignEntry) -> None:
    """Only the text of a campaign has versions: what is printed beside it on labels must not change unnoticed."""
    for name in ("year", "name_zh", "name_en", "theme_zh", "theme_en"):
        if getattr(entry, name) != getattr(known, name):
            raise ActRefused(
                f"campaign {known.id}: expected {name} as it was opened, {getattr(known, name)!r},"
                f" got {getattr(entry, name)!r}",
                name,
            )
    organiser = organisations.by_name(act.tx, entry.organiser)
    if organiser is None or organiser.id != known.organisation_id:
        raise ActRefused(f"campaign {known.id}: expected its organiser, got {entry.organiser!r}", "organiser")


def _publish(desk: Desk, act: Act, entry: PledgeEntry) -> Tally:
    campaign = pledges.campaign(act.tx, entry.campaign)
    if campaign is None:
        raise ActRefused(f"expected the id of an open campaign, got {entry.campaign!r}", "campaign")
    _check_years(entry)
    if entry.valid_until < entry.valid_from:
        raise ActRefused(f"expected a last day from {entry.valid_from} on, got {entry.valid_until}", "valid_until")
    enterprise = require_enterprise(act, entry.uscc)
    known = pledges.of_enterprise(act.tx, campaign.id, enterprise.id)
    if known:
        return _unchanged(desk, known, entry)
    pledge = Pledge(
        number=pledges.next_number(act.tx),
        campaign_id=campaign.id,
        enterprise_id=enterprise.id,
        text_version=campaign.text_version,
        signed_ms=day_start(entry.signed_on, desk.timezone),
        valid_from_ms=day_start(entry.valid_from, desk.timezone),
        valid_to_ms=day_end(entry.valid_until, desk.timezone),
        state="published",
    )
    payload = {name: value for name, value in asdict(pledge).items() if name not in ("number", "state")}
    payload["text_digest"] = pledges.text_digest(act.tx, campaign.id, campaign.text_version)
    pledges.insert(act.tx, pledge, act.record("pledge.publish", f"pledge:{pledge.number}", payload))
    return Tally(added=1)


def _check_years(entry: PledgeEntry) -> None:
    for name in ("signed_on", "valid_from", "valid_until"):
        day: date = getattr(entry, name)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ActRefused(f"expected a date from {FIRST_YEAR} to {LAST_YEAR}, got {day}", name)


def _unchanged(desk: Desk, known: Pledge, entry: PledgeEntry) -> Tally:
    dates = (
        day_start(entry.signed_on, desk.timezone),
        day_start(entry.valid_from, desk.timezone),
        day_end(entry.valid_until, desk.timezone),
    )
    if (known.signed_ms, known.valid_from_ms, known.valid_to_ms) != dates:
        raise ActRefused(
            f"enterprise {entry.uscc} has pledge {known.number} in {entry.campaign} with other dates", "uscc"
        )
    return Tally(unchanged=1)

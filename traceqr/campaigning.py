"""Campaigning: editions of a campaign, and the versions of the text that enterprises sign in them."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import date

import rfc8785

from traceqr.acting import Act, ActRefused, Desk
from traceqr.certificate import is_code
from traceqr.evidence import Article, ArticleGroup
from traceqr.instant import day_end, day_start
from traceqr.region import COUNTRY, is_region
from traceqr.registry import campaigns, organisations
from traceqr.registry.campaigns import AMENDABLE, Campaign
from traceqr.sector import SECTORS

FIRST_YEAR, LAST_YEAR = 1970, 2999
"""Of dates: 9999-12-31, which many systems write for "for ever", has no instant at which it ends."""

_FIXED = ("code", "year", "name_zh", "name_en", "theme_zh", "theme_en", "region")
"""What stands on labels and certificates, and who may apply: it does not change once an edition is open."""


@dataclass(frozen=True, slots=True)
class CampaignEntry:
    """One edition with the text to sign. `id` is chosen by the organiser, such as `quality-month-2026`, and so is
    `code`, such as QM2026, with which the numbers of its certificates begin. Dates are calendar days of the
    deployment's time zone, the last ones included; `valid_from` and `valid_until` are those of its pledges.
    """

    id: str
    code: str
    organiser: str
    """Chinese name of an enrolled organisation."""
    year: int
    name_zh: str
    name_en: str
    theme_zh: str
    theme_en: str
    apply_from: date
    apply_until: date
    valid_from: date
    valid_until: date
    articles: tuple[Article, ...]
    co_organisers: tuple[str, ...] = ()
    """Chinese names of enrolled organisations."""
    slogan_zh: str = ""
    slogan_en: str = ""
    region: str = COUNTRY
    sectors: tuple[str, ...] = tuple(SECTORS)


def open_campaign(desk: Desk, entry: CampaignEntry) -> Campaign:
    """Add a campaign, or amend one that is open: its periods, sectors, slogan and co-organisers, and by a new version
    its text. Signed pledges keep the version they have.
    """
    _check(entry)
    articles = [_as_json(article) for article in _in_order(entry.articles)]
    digest = _digest(articles)
    with desk.act() as act:
        known = campaigns.by_id(act.tx, entry.id)
        if known is None:
            return _open(act, _edition(desk, act, entry), articles, digest)
        wanted = _edition(desk, act, entry)
        _require_same(known, wanted, entry)
        return _revise(act, _amend(act, known, wanted), articles, digest)


@dataclass(frozen=True, slots=True)
class Draft:
    """A text as it would be signed: its articles in order, and the digest that a version of it would have."""

    articles: tuple[Article, ...]
    digest: str


def draft(articles: tuple[Article, ...]) -> Draft:
    """The text that articles make. Raises `ActRefused` where it binds nobody who signs it."""
    _check_articles(articles)
    ordered = _in_order(articles)
    return Draft(tuple(ordered), _digest([_as_json(article) for article in ordered]))


def require_campaign(act: Act, campaign_id: str) -> Campaign:
    """The open campaign of an id. Raises `ActRefused` when there is none."""
    campaign = campaigns.by_id(act.tx, campaign_id)
    if campaign is None:
        raise ActRefused(f"expected the id of an open campaign, got {campaign_id!r}", "campaign")
    return campaign


def require_years(**days: date) -> None:
    """Raise `ActRefused` for a date out of the years that have instants; fields are named as the arguments."""
    for name, day in days.items():
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ActRefused(f"expected a date from {FIRST_YEAR} to {LAST_YEAR}, got {day}", name)


def require_order(first: date, last: date, field: str) -> None:
    """Raise `ActRefused` where a period ends before it begins."""
    if last < first:
        raise ActRefused(f"expected a last day from {first} on, got {last}", field)


def _check(entry: CampaignEntry) -> None:
    try:
        _check_articles(entry.articles)
    except ActRefused as error:
        raise ActRefused(f"campaign {entry.id}: {error}", error.field) from error
    if not is_code(entry.code):
        raise ActRefused(
            f"expected a code of 2 to 12 letters A to Z and digits, such as QM2026, got {entry.code!r}", "code"
        )
    if not is_region(entry.region):
        raise ActRefused(f"expected a region of 6 digits (GB/T 2260), got {entry.region!r}", "region")
    unknown = [sector for sector in entry.sectors if sector not in SECTORS]
    if unknown or not entry.sectors:
        got = repr(unknown[0]) if unknown else "none"
        raise ActRefused(f"expected sectors among {', '.join(SECTORS)}, got {got}", "sectors")
    require_years(
        apply_from=entry.apply_from,
        apply_until=entry.apply_until,
        valid_from=entry.valid_from,
        valid_until=entry.valid_until,
    )
    require_order(entry.apply_from, entry.apply_until, "apply_until")
    require_order(entry.valid_from, entry.valid_until, "valid_until")


def _check_articles(articles: tuple[Article, ...]) -> None:
    if not articles:
        raise ActRefused("expected at least one article to sign, got none", "articles")
    if not any(article.group is ArticleGroup.SIGNERS for article in articles):
        raise ActRefused("expected at least one article that binds the signers, got only calls on others", "articles")


def _in_order(articles: tuple[Article, ...]) -> list[Article]:
    """Group by group: what signers do comes first, and the same text has one digest."""
    return sorted(articles, key=lambda article: list(ArticleGroup).index(article.group))


def _digest(articles: list[dict[str, str]]) -> str:
    return hashlib.sha256(rfc8785.dumps(articles)).hexdigest()


def _as_json(article: Article) -> dict[str, str]:
    return {"en": article.en, "group": str(article.group), "zh": article.zh}


def _edition(desk: Desk, act: Act, entry: CampaignEntry) -> Campaign:
    zone = desk.timezone
    return Campaign(
        id=entry.id,
        code=entry.code,
        organisation_id=_organisation(act, entry.organiser, "organiser"),
        co_organisers=" ".join(_organisation(act, name, "co_organisers") for name in entry.co_organisers),
        year=entry.year,
        name_zh=entry.name_zh,
        name_en=entry.name_en,
        theme_zh=entry.theme_zh,
        theme_en=entry.theme_en,
        slogan_zh=entry.slogan_zh,
        slogan_en=entry.slogan_en,
        region=entry.region,
        sectors=" ".join(sector for sector in SECTORS if sector in entry.sectors),
        apply_from_ms=day_start(entry.apply_from, zone),
        apply_to_ms=day_end(entry.apply_until, zone),
        valid_from_ms=day_start(entry.valid_from, zone),
        valid_to_ms=day_end(entry.valid_until, zone),
        text_version=1,
    )


def _organisation(act: Act, name_zh: str, field: str) -> str:
    organisation = organisations.by_name(act.tx, name_zh)
    if organisation is None:
        raise ActRefused(f"expected the Chinese name of an enrolled organisation, got {name_zh!r}", field)
    return organisation.id


def _open(act: Act, campaign: Campaign, articles: list[dict[str, str]], digest: str) -> Campaign:
    taken = campaigns.by_code(act.tx, campaign.code)
    if taken:
        raise ActRefused(f"expected a code of its own, {campaign.code!r} is that of campaign {taken.id}", "code")
    payload = {name: value for name, value in asdict(campaign).items() if name != "id"}
    position = act.record("campaign.open", f"campaign:{campaign.id}", {**payload, "text_digest": digest})
    campaigns.insert(act.tx, campaign, position)
    campaigns.insert_text(act.tx, campaign.id, 1, articles, digest, position)
    return campaign


def _require_same(known: Campaign, wanted: Campaign, entry: CampaignEntry) -> None:
    """What is printed on labels must not change unnoticed."""
    if wanted.organisation_id != known.organisation_id:
        raise ActRefused(f"campaign {known.id}: expected its organiser, got {entry.organiser!r}", "organiser")
    for name in _FIXED:
        if getattr(wanted, name) != getattr(known, name):
            raise ActRefused(
                f"campaign {known.id}: expected {name} as it was opened, {getattr(known, name)!r},"
                f" got {getattr(wanted, name)!r}",
                name,
            )


def _amend(act: Act, known: Campaign, wanted: Campaign) -> Campaign:
    """Written whole where any of it differs: periods are made longer, sectors invited, co-organisers added."""
    amended = replace(known, **{name: getattr(wanted, name) for name in AMENDABLE})
    if amended != known:
        campaigns.amend(act.tx, amended, act.record("campaign.amend", f"campaign:{known.id}", _present(amended)))
    return amended


def _present(campaign: Campaign) -> dict[str, str | int]:
    """All of a campaign that may change, so that its latest entry alone says how it stands."""
    return {name: getattr(campaign, name) for name in (*AMENDABLE, "text_version")}


def _revise(act: Act, known: Campaign, articles: list[dict[str, str]], digest: str) -> Campaign:
    if campaigns.text_digest(act.tx, known.id, known.text_version) == digest:
        return known
    version = known.text_version + 1
    revised = replace(known, text_version=version)
    payload = {**_present(revised), "text_digest": digest}
    position = act.record("campaign.revise", f"campaign:{known.id}", payload)
    campaigns.insert_text(act.tx, known.id, version, articles, digest, position)
    campaigns.set_text_version(act.tx, known.id, version, position)
    return revised

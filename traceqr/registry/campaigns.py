"""Campaigns: editions, and the versions of the text that enterprises sign in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from traceqr.evidence import Article, ArticleGroup
from traceqr.registry.database import Reader, Row, Transaction


@dataclass(frozen=True, slots=True)
class Campaign:
    """One edition. `text_version` is the present version of the text to sign; ends of periods are not included."""

    id: str
    code: str
    organisation_id: str
    co_organisers: str
    year: int
    name_zh: str
    name_en: str
    theme_zh: str
    theme_en: str
    slogan_zh: str
    slogan_en: str
    region: str
    sectors: str
    apply_from_ms: int
    apply_to_ms: int
    valid_from_ms: int
    valid_to_ms: int
    text_version: int

    @property
    def co_organiser_ids(self) -> tuple[str, ...]:
        """Ids of the organisations beside the organiser."""
        return tuple(self.co_organisers.split())

    @property
    def sector_codes(self) -> tuple[str, ...]:
        """Codes of the sectors that are invited; see `traceqr.sector`."""
        return tuple(self.sectors.split())

    def takes_applications(self, at_ms: int) -> bool:
        """Whether an instant is inside the application period."""
        return self.apply_from_ms <= at_ms < self.apply_to_ms


@dataclass(frozen=True, slots=True)
class PledgeText:
    """A version of a campaign's text; `digest` is over the canonical JSON of the articles."""

    campaign_id: str
    version: int
    articles: tuple[Article, ...]
    digest: str


_COLUMNS = tuple(Campaign.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM campaign"

AMENDABLE = (
    *("co_organisers", "slogan_zh", "slogan_en", "sectors"),
    *("apply_from_ms", "apply_to_ms", "valid_from_ms", "valid_to_ms"),
)
"""What may change while an edition is open: nothing of it is printed on labels."""


def insert(tx: Transaction, campaign: Campaign, position: int) -> None:
    """Add a campaign."""
    tx.insert_many("campaign", (*_COLUMNS, "position"), [(*asdict(campaign).values(), position)])


def amend(tx: Transaction, campaign: Campaign, position: int) -> None:
    """Write what is amendable of a campaign."""
    values = {name: value for name, value in asdict(campaign).items() if name in (*AMENDABLE, "id")}
    tx.execute(
        "UPDATE campaign SET co_organisers = :co_organisers, slogan_zh = :slogan_zh, slogan_en = :slogan_en,"
        " sectors = :sectors, apply_from_ms = :apply_from_ms, apply_to_ms = :apply_to_ms,"
        " valid_from_ms = :valid_from_ms, valid_to_ms = :valid_to_ms, position = :position WHERE id = :id",
        {**values, "position": position},
    )


def by_id(reader: Reader, campaign_id: str) -> Campaign | None:
    """The campaign of that id."""
    row = reader.row(_SELECT + " WHERE id = :id", {"id": campaign_id})
    return Campaign(**row) if row else None


def by_code(reader: Reader, code: str) -> Campaign | None:
    """The campaign whose certificates begin with that code."""
    row = reader.row(_SELECT + " WHERE code = :code", {"code": code})
    return Campaign(**row) if row else None


def position_of(reader: Reader, campaign_id: str) -> int:
    """The ledger's entry that says what a campaign is now. Raises `KeyError` for one that there is not."""
    row = reader.row("SELECT position FROM campaign WHERE id = :id", {"id": campaign_id})
    if row is None:
        raise KeyError(campaign_id)
    return int(row["position"])


def everything(reader: Reader) -> list[Row]:
    """All campaigns with the names of their organisers, latest year first."""
    return reader.rows(
        f"SELECT {', '.join(f'c.{name}' for name in _COLUMNS)}, o.name_zh AS organiser_zh, o.name_en AS organiser_en"
        " FROM campaign c JOIN organisation o ON o.id = c.organisation_id ORDER BY c.year DESC, c.id"
    )


def taking_applications(reader: Reader, at_ms: int) -> list[Campaign]:
    """The campaigns that may be applied for at an instant."""
    rows = reader.rows(
        _SELECT + " WHERE apply_from_ms <= :at_ms AND apply_to_ms > :at_ms ORDER BY year DESC, id", {"at_ms": at_ms}
    )
    return [Campaign(**row) for row in rows]


def insert_text(
    tx: Transaction, campaign_id: str, version: int, articles: Sequence[dict[str, str]], digest: str, position: int
) -> None:
    """Add a version of a campaign's text."""
    tx.insert_many(
        "pledge_text",
        ("campaign_id", "version", "articles", "digest", "position"),
        [(campaign_id, version, json.dumps(articles, ensure_ascii=False), digest, position)],
    )


def set_text_version(tx: Transaction, campaign_id: str, version: int, position: int) -> None:
    """Make a version of the text the one to sign from now on."""
    tx.execute(
        "UPDATE campaign SET text_version = :version, position = :position WHERE id = :id",
        {"version": version, "position": position, "id": campaign_id},
    )


def text_digest(reader: Reader, campaign_id: str, version: int) -> str | None:
    """The digest of a version of a campaign's text."""
    row = reader.row(
        "SELECT digest FROM pledge_text WHERE campaign_id = :id AND version = :version",
        {"id": campaign_id, "version": version},
    )
    return str(row["digest"]) if row else None


def text(reader: Reader, campaign_id: str, version: int) -> PledgeText | None:
    """A version of a campaign's text."""
    row = reader.row(
        "SELECT articles, digest FROM pledge_text WHERE campaign_id = :id AND version = :version",
        {"id": campaign_id, "version": version},
    )
    return PledgeText(campaign_id, version, articles_of(row["articles"]), row["digest"]) if row else None


def articles_of(stored: str) -> tuple[Article, ...]:
    """The articles of a text as it is stored."""
    return tuple(Article(each["zh"], each["en"], ArticleGroup(each["group"])) for each in json.loads(stored))

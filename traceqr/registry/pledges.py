"""Campaigns, the texts that enterprises sign in them, and pledges."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from traceqr.registry import numbering
from traceqr.registry.database import Reader, Row, Transaction


@dataclass(frozen=True, slots=True)
class Campaign:
    """One edition. `text_version` is the present version of the text to sign."""

    id: str
    organisation_id: str
    year: int
    name_zh: str
    name_en: str
    theme_zh: str
    theme_en: str
    text_version: int


@dataclass(frozen=True, slots=True)
class Pledge:
    """What an enterprise signed, and until when: `valid_to_ms` is not included."""

    number: int
    campaign_id: str
    enterprise_id: str
    text_version: int
    signed_ms: int
    valid_from_ms: int
    valid_to_ms: int
    state: str

    def in_force(self, at_ms: int) -> bool:
        """Whether it is published and inside its dates."""
        return self.state == "published" and self.valid_from_ms <= at_ms < self.valid_to_ms


_CAMPAIGN = tuple(Campaign.__dataclass_fields__)
_PLEDGE = tuple(Pledge.__dataclass_fields__)


def insert_campaign(tx: Transaction, campaign: Campaign, position: int) -> None:
    """Add a campaign."""
    tx.insert_many("campaign", (*_CAMPAIGN, "position"), [(*asdict(campaign).values(), position)])


def insert_text(
    tx: Transaction, campaign_id: str, version: int, articles: list[dict[str, str]], digest: str, position: int
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


def campaign(reader: Reader, campaign_id: str) -> Campaign | None:
    """The campaign of that id."""
    row = reader.row(f"SELECT {', '.join(_CAMPAIGN)} FROM campaign WHERE id = :id", {"id": campaign_id})
    return Campaign(**row) if row else None


def next_number(tx: Transaction) -> int:
    """The number of the next pledge. Pledges are never deleted, so numbers are never used twice."""
    return numbering.next_number(tx, "pledge")


def insert(tx: Transaction, pledge: Pledge, position: int) -> None:
    """Add a pledge."""
    tx.insert_many("pledge", (*_PLEDGE, "position"), [(*asdict(pledge).values(), position)])


def set_state(tx: Transaction, number: int, state: str, position: int) -> None:
    """Change a pledge's state."""
    tx.execute(
        "UPDATE pledge SET state = :state, position = :position WHERE number = :number",
        {"state": state, "position": position, "number": number},
    )


def by_number(reader: Reader, number: int) -> Pledge | None:
    """The pledge of that number."""
    row = reader.row(f"SELECT {', '.join(_PLEDGE)} FROM pledge WHERE number = :number", {"number": number})
    return Pledge(**row) if row else None


def of_enterprise(reader: Reader, campaign_id: str, enterprise_id: str) -> Pledge | None:
    """An enterprise's pledge in a campaign."""
    row = reader.row(
        f"SELECT {', '.join(_PLEDGE)} FROM pledge WHERE campaign_id = :campaign AND enterprise_id = :enterprise",
        {"campaign": campaign_id, "enterprise": enterprise_id},
    )
    return Pledge(**row) if row else None


def everything(reader: Reader) -> list[Row]:
    """All pledges with campaign and enterprise, latest first."""
    return reader.rows(
        "SELECT g.number, g.campaign_id, e.uscc, e.name_zh, g.text_version, g.signed_ms, g.valid_from_ms,"
        " g.valid_to_ms, g.state FROM pledge g JOIN enterprise e ON e.id = g.enterprise_id ORDER BY g.number DESC"
    )

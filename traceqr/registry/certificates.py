"""What the certificate of a pledge says, as of now. Reads only what a public node may."""

from __future__ import annotations

from dataclasses import dataclass

from traceqr.evidence import Pledge
from traceqr.registry.database import Reader, Row
from traceqr.registry.dossiers import pledge_of


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation by its names. The English one may be empty."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Certified:
    """A pledge that is or was published, with all that its certificate shows. `pledge` is in the state that it is
    stored in; `entry` and `entry_ms` are the entry of the ledger that made it so; organisers are led by the first.
    """

    pledge: Pledge
    campaign_id: str
    uscc: str
    name_zh: str
    name_en: str
    organisers: tuple[Body, ...]
    text_digest: str
    entry: int
    entry_ms: int


_CERTIFIED = """
    SELECT g.number AS pledge, g.state AS pledge_state, g.signed_ms, g.valid_from_ms, g.valid_to_ms, g.text_version,
        g.position, l.at_ms AS entry_ms, g.campaign_id, e.uscc, e.name_zh, e.name_en,
        c.code AS campaign_code, c.name_zh AS campaign_zh, c.name_en AS campaign_en, c.theme_zh, c.theme_en, c.year,
        c.text_version AS text_now, c.co_organisers, o.name_zh AS organiser_zh, o.name_en AS organiser_en,
        t.articles, t.digest
    FROM pledge g
        JOIN ledger l ON l.position = g.position
        JOIN enterprise e ON e.id = g.enterprise_id
        JOIN campaign c ON c.id = g.campaign_id
        JOIN organisation o ON o.id = c.organisation_id
        JOIN pledge_text t ON t.campaign_id = g.campaign_id AND t.version = g.text_version
    WHERE g.number = :number AND g.valid_from_ms IS NOT NULL
"""


def certified(reader: Reader, number: int) -> Certified | None:
    """The pledge of that number with what its certificate says; None for one that was never published."""
    row = reader.row(_CERTIFIED, {"number": number})
    if row is None:
        return None
    return Certified(
        pledge=pledge_of(reader, row),
        campaign_id=row["campaign_id"],
        uscc=row["uscc"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        organisers=(Body(row["organiser_zh"], row["organiser_en"]), *_co_organisers(reader, row)),
        text_digest=row["digest"],
        entry=row["position"],
        entry_ms=row["entry_ms"],
    )


def _co_organisers(reader: Reader, row: Row) -> tuple[Body, ...]:
    found = (
        reader.row("SELECT name_zh, name_en FROM organisation WHERE id = :id", {"id": each})
        for each in row["co_organisers"].split()
    )
    return tuple(Body(each["name_zh"], each["name_en"]) for each in found if each)
